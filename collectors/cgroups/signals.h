// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>

#include "agent/core/metric.h"
#include "collectors/collector.h"

namespace plumbline::cgroups {

inline constexpr MetricSpec kChanges{
    .name = "plumbline.cgroup.changes",
    .instrument = Instrument::kCounter,
    .unit = Unit::kEvent,
    .description = "Control groups made and removed (made, removed).",
    .source = "tp_btf/cgroup_mkdir, tp_btf/cgroup_rmdir",
    .attributes = {"plumbline.cgroup.change"}};

inline constexpr MetricSpec kChangesLost{
    .name = "plumbline.cgroup.changes_lost",
    .instrument = Instrument::kCounter,
    .unit = Unit::kEvent,
    .description =
        "Control groups made or removed that the kernel could not tell of: the buffer was full. "
        "The next walk finds those that live.",
    .source = "cgroup_events_lost of the cgroups_births programs"};

inline constexpr MetricSpec kEvents{
    .name = "plumbline.identity.events",
    .instrument = Instrument::kCounter,
    .unit = Unit::kEvent,
    .description =
        "Process, socket and block events by whether their control group has a name (named), they "
        "have none by their nature (nobody), its name was not found (unnamed), or they are writes "
        "of what was put into files before the agent started (earlier).",
    .source = "the kernel tables of the collectors process, tcp and block",
    .attributes = {"plumbline.event.kind", "plumbline.event.owner"}};

inline constexpr std::array kMetrics{kChanges, kChangesLost, kEvents};

inline constexpr CollectorInfo kInfo{
    .name = "cgroups",
    .description = "Names for control groups from their birth on, however short they live (eBPF)",
    .period = std::chrono::seconds(1),
    .lane = Lane::kKernel,
    .metrics = kMetrics};

}  // namespace plumbline::cgroups
