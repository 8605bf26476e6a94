// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>

#include "agent/core/metric.h"
#include "collectors/collector.h"

namespace plumbline::sched {

inline constexpr std::string_view kCgroupPath = "linux.cgroup.path";
inline constexpr std::string_view kSwitchType = "process.context_switch.type";

inline constexpr MetricSpec kRunQueueWait{
    .name = "plumbline.sched.run_queue.wait.duration",
    .instrument = Instrument::kHistogram,
    .unit = Unit::kSeconds,
    .description = "How long threads of the group were runnable before they got a CPU.",
    .source = "tp_btf/sched_switch, task->sched_info.last_queued",
    .attributes = {kCgroupPath}};

inline constexpr MetricSpec kInterference{
    .name = "plumbline.sched.run_queue.interference.time",
    .instrument = Instrument::kCounter,
    .unit = Unit::kSeconds,
    .description =
        "Time threads of the group waited for a CPU while the culprit group held it; "
        "waits of 1 ms and more only.",
    .source = "tp_btf/sched_switch, the last holders of each CPU",
    .attributes = {kCgroupPath, "plumbline.sched.culprit.cgroup.path"}};

inline constexpr MetricSpec kSwitches{
    .name = "plumbline.sched.context_switches",
    .instrument = Instrument::kCounter,
    .unit = Unit::kSwitch,
    .description =
        "Switches away from threads of the group: voluntary ones blocked or slept, "
        "involuntary ones could have run on.",
    .source = "tp_btf/sched_switch",
    .attributes = {kCgroupPath, kSwitchType}};

inline constexpr MetricSpec kOffCpu{
    .name = "plumbline.sched.off_cpu.time",
    .instrument = Instrument::kCounter,
    .unit = Unit::kSeconds,
    .description =
        "Time threads of the group neither ran nor waited for a CPU: io_wait for a "
        "device, sleep for anything else. Counted when they wake up.",
    .source = "tp_btf/sched_switch, task->sched_info",
    .attributes = {kCgroupPath, "plumbline.sched.off_cpu.state"}};

inline constexpr std::array kMetrics{kRunQueueWait, kInterference, kSwitches, kOffCpu};

inline constexpr CollectorInfo kInfo{
    .name = "sched",
    .description = "CPU run-queue latency, interference between groups, off-CPU time (eBPF)",
    .period = std::chrono::seconds(1),
    .lane = Lane::kKernel,
    .metrics = kMetrics};

}  // namespace plumbline::sched
