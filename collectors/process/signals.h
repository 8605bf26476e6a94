// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>

#include "agent/core/metric.h"
#include "collectors/collector.h"

namespace plumbline::process {

inline constexpr std::string_view kCgroupPath = "linux.cgroup.path";

inline constexpr MetricSpec kStarts{
    .name = "plumbline.process.starts",
    .instrument = Instrument::kCounter,
    .unit = Unit::kProcess,
    .description = "Processes started in the group; threads do not count.",
    .source = "tp_btf/sched_process_fork",
    .attributes = {kCgroupPath}};

inline constexpr MetricSpec kExecs{.name = "plumbline.process.execs",
                                   .instrument = Instrument::kCounter,
                                   .unit = Unit::kEvent,
                                   .description = "Programs executed in the group (execve).",
                                   .source = "tp_btf/sched_process_exec",
                                   .attributes = {kCgroupPath}};

// Ended by exit: the code and no signal. Killed: the signal and no code. Neither: not known.
inline constexpr MetricSpec kExits{
    .name = "plumbline.process.exits",
    .instrument = Instrument::kCounter,
    .unit = Unit::kProcess,
    .description =
        "Processes of the group that ended, by exit code or by the signal that killed "
        "them.",
    .source = "tp_btf/sched_process_exit, task->signal->group_exit_code",
    .attributes = {kCgroupPath, "process.exit.code", "plumbline.process.exit.signal"}};

inline constexpr MetricSpec kLifetime{
    .name = "plumbline.process.lifetime",
    .instrument = Instrument::kHistogram,
    .unit = Unit::kSeconds,
    .description = "How long the processes of the group that ended had lived.",
    .source = "tp_btf/sched_process_exit, task->start_time",
    .attributes = {kCgroupPath}};

inline constexpr std::array kMetrics{kStarts, kExecs, kExits, kLifetime};

inline constexpr CollectorInfo kInfo{
    .name = "process",
    .description = "Process starts, ends and lifetimes, however short (eBPF)",
    .period = std::chrono::seconds(1),
    .lane = Lane::kKernel,
    .metrics = kMetrics};

}  // namespace plumbline::process
