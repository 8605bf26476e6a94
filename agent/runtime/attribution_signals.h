// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "agent/core/metric.h"

namespace plumbline::attribution {

inline constexpr AttributeKeys kContainerKeys{
    "k8s.namespace.name", "k8s.pod.name", "k8s.container.name"};

inline constexpr MetricSpec kRestarts{
    .name = "k8s.container.restart.count",
    .instrument = Instrument::kUpDownCounter,
    .unit = Unit::kRestart,
    .description =
        "How often the container was started again, as the kubelet counts: goes down when it "
        "forgets ended runs",
    .source = "the pod's status: restartCount",
    .attributes = kContainerKeys};
inline constexpr MetricSpec kReady{
    .name = "k8s.container.ready",
    .instrument = Instrument::kUpDownCounter,
    .unit = Unit::kContainer,
    .description = "1 while the container is ready, 0 while it is not",
    .source = "the pod's status: ready",
    .attributes = kContainerKeys};
inline constexpr MetricSpec kStartup{
    .name = "plumbline.pod.startup.duration",
    .instrument = Instrument::kHistogram,
    .unit = Unit::kSeconds,
    .description =
        "Time from a pod's creation to a stage (scheduled, sandbox, initialized, containers_ready, "
        "ready) reached for the first time; only pods younger than the agent",
    .source = "the pod's conditions, whole seconds",
    .attributes = {"plumbline.pod.stage", "plumbline.team"}};
inline constexpr MetricSpec kStart{
    .name = "plumbline.container.start.duration",
    .instrument = Instrument::kHistogram,
    .unit = Unit::kSeconds,
    .description =
        "Time a container took to run for the first time, since its pod's sandbox, its init "
        "containers and the container before it were there: the pull of its image, if there was "
        "one, and its creation",
    .source = "the pod's status: PodReadyToStartContainers, startedAt; whole seconds",
    .attributes = {"plumbline.team"}};
inline constexpr MetricSpec kEvents{
    .name = "plumbline.container.events",
    .instrument = Instrument::kCounter,
    .unit = Unit::kEvent,
    .description =
        "Starts, exits, restarts, OOM kills, crash loops, image changes of containers, and what "
        "keeps them from starting",
    .source = "differences between two answers of the kubelet",
    .attributes = {"event.name", "plumbline.team"}};
inline constexpr MetricSpec kPods{
    .name = "plumbline.identity.pods",
    .instrument = Instrument::kUpDownCounter,
    .unit = Unit::kEntry,
    .description = "Pods whose names are known, gone ones for a while",
    .source = "the table of identity"};
inline constexpr MetricSpec kContainers{
    .name = "plumbline.identity.containers",
    .instrument = Instrument::kUpDownCounter,
    .unit = Unit::kEntry,
    .description = "Containers whose names are known, gone ones for a while",
    .source = "the table of identity"};
inline constexpr MetricSpec kNameless{.name = "plumbline.identity.nameless",
                                      .instrument = Instrument::kUpDownCounter,
                                      .unit = Unit::kEntry,
                                      .description = "Control groups of pods that no source names",
                                      .source = "the table of identity"};
inline constexpr MetricSpec kDevices{
    .name = "plumbline.identity.devices",
    .instrument = Instrument::kUpDownCounter,
    .unit = Unit::kEntry,
    .description = "Devices that the kubelet gave to a container of a pod that has not ended",
    .source = "the kubelet's podresources",
    .attributes = {"plumbline.device.resource",
                   "k8s.namespace.name",
                   "k8s.pod.name",
                   "k8s.container.name",
                   "plumbline.team"}};
inline constexpr MetricSpec kAnswers{
    .name = "plumbline.identity.answers",
    .instrument = Instrument::kCounter,
    .unit = Unit::kRequest,
    .description = "Questions for the pods of this node by outcome (success, failure)",
    .source = "the source of pods",
    .attributes = {"outcome"}};
inline constexpr MetricSpec kMended{
    .name = "plumbline.identity.mended",
    .instrument = Instrument::kUpDownCounter,
    .unit = Unit::kEntry,
    .description =
        "Names and labels of pods that were not clean text, or too long, in the last answer",
    .source = "the source of pods"};
inline constexpr MetricSpec kLeftOut{
    .name = "plumbline.identity.left_out",
    .instrument = Instrument::kUpDownCounter,
    .unit = Unit::kEntry,
    .description =
        "Pods, containers and labels beyond a limit, or without name, in the last answer",
    .source = "the source of pods"};

inline constexpr std::array kMetrics{kRestarts,
                                     kReady,
                                     kStartup,
                                     kStart,
                                     kEvents,
                                     kPods,
                                     kContainers,
                                     kNameless,
                                     kDevices,
                                     kAnswers,
                                     kMended,
                                     kLeftOut};

}  // namespace plumbline::attribution
