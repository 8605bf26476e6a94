// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>

#include "agent/core/metric.h"
#include "collectors/collector.h"

namespace plumbline::irq {

inline constexpr std::string_view kName = "plumbline.irq.name";
inline constexpr std::string_view kSoftirqType = "plumbline.softirq.type";

inline constexpr MetricSpec kInterrupts{
    .name = "plumbline.irq.interrupts",
    .instrument = Instrument::kCounter,
    .unit = Unit::kInterrupt,
    .description =
        "Hardware interrupts served on all CPUs, by kind: a device's by the name of its handler, "
        "the CPU's own by the kernel's abbreviation (LOC: timer, RES: rescheduling, TLB: "
        "shootdowns).",
    .source = "/proc/interrupts, /sys/kernel/irq/N/actions",
    .attributes = {"plumbline.irq.kind", kName}};

inline constexpr MetricSpec kSoftirqWait{
    .name = "plumbline.irq.softirq.wait.duration",
    .instrument = Instrument::kHistogram,
    .unit = Unit::kSeconds,
    .description = "How long soft interrupts waited from being raised until they ran.",
    .source = "tp_btf/softirq_raise to softirq_entry",
    .attributes = {kSoftirqType}};

inline constexpr MetricSpec kSoftirqService{.name = "plumbline.irq.softirq.duration",
                                            .instrument = Instrument::kHistogram,
                                            .unit = Unit::kSeconds,
                                            .description = "How long soft interrupts ran.",
                                            .source = "tp_btf/softirq_entry to softirq_exit",
                                            .attributes = {kSoftirqType}};

inline constexpr MetricSpec kHandler{.name = "plumbline.irq.handler.duration",
                                     .instrument = Instrument::kHistogram,
                                     .unit = Unit::kSeconds,
                                     .description = "How long handlers of device interrupts ran.",
                                     .source = "tp_btf/irq_handler_entry to irq_handler_exit",
                                     .attributes = {kName}};

inline constexpr MetricSpec kLost{
    .name = "plumbline.irq.lost",
    .instrument = Instrument::kCounter,
    .unit = Unit::kInterrupt,
    .description =
        "Runs of handlers missing from their histogram because the kernel table was full.",
    .source = "counted by the BPF program"};

inline constexpr std::array kMetrics{kInterrupts, kSoftirqWait, kSoftirqService, kHandler, kLost};

inline constexpr CollectorInfo kInfo{
    .name = "irq",
    .description = "Interrupts by kind; latency of soft and hard interrupts where it is asked for",
    .period = std::chrono::seconds(1),
    .lane = Lane::kKernel,
    .metrics = kMetrics};

}  // namespace plumbline::irq
