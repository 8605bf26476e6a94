// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collectors/node/spec.h"

namespace plumbline::node {

inline constexpr auto kCpuTime = counter("system.cpu.time",
                                         Unit::kSeconds,
                                         "Seconds each logical CPU spent in each mode. Guests are "
                                         "in user and nice, softirqs in interrupt.",
                                         "/proc/stat cpuN fields 1 to 8",
                                         {"cpu.mode", "cpu.logical_number"});
inline constexpr auto kCpuUtilization =
    gauge("system.cpu.utilization",
          Unit::kOne,
          "Share of the time of all logical CPUs spent in each mode since the last second.",
          "/proc/stat cpu, difference of two readings",
          {"cpu.mode"});
inline constexpr auto kCpuLogicalCount = amount("system.cpu.logical.count",
                                                Unit::kCpu,
                                                "Logical CPUs that are online.",
                                                "/proc/stat, number of cpuN lines");
inline constexpr auto kCpuGuestTime =
    counter("plumbline.node.cpu.guest.time",
            Unit::kSeconds,
            "Seconds each logical CPU ran virtual machines, by the mode it is counted under.",
            "/proc/stat cpuN fields 9 and 10",
            {"cpu.mode", "cpu.logical_number"});
inline constexpr auto kContextSwitches = counter("plumbline.node.context_switches",
                                                 Unit::kSwitch,
                                                 "Context switches on all CPUs.",
                                                 "/proc/stat ctxt");
inline constexpr auto kInterrupts = counter("plumbline.node.interrupts",
                                            Unit::kInterrupt,
                                            "Hardware interrupts served on all CPUs.",
                                            "/proc/stat intr field 1");
inline constexpr auto kSoftirqs = counter("plumbline.node.softirqs",
                                          Unit::kInterrupt,
                                          "Soft interrupts served on all CPUs, by type.",
                                          "/proc/stat softirq",
                                          {"plumbline.softirq.type"});
inline constexpr auto kProcessesCreated = counter("system.process.created",
                                                  Unit::kProcess,
                                                  "Processes and threads created since boot.",
                                                  "/proc/stat processes");
inline constexpr auto kThreadsRunning = amount("plumbline.node.thread.running",
                                               Unit::kThread,
                                               "Threads that run or wait for a CPU.",
                                               "/proc/stat procs_running");
inline constexpr auto kThreadsBlocked = amount("plumbline.node.thread.blocked",
                                               Unit::kThread,
                                               "Threads that wait for I/O to complete.",
                                               "/proc/stat procs_blocked");
inline constexpr auto kBootTime = gauge("plumbline.node.boot.time",
                                        Unit::kSeconds,
                                        "When the kernel started, in seconds since 1970.",
                                        "/proc/stat btime");

inline constexpr auto kTaskRunTime = counter("plumbline.node.cpu.task.run_time",
                                             Unit::kSeconds,
                                             "Seconds that tasks ran on each logical CPU.",
                                             "/proc/schedstat cpuN field 7",
                                             {"cpu.logical_number"});
inline constexpr auto kTaskWaitTime =
    counter("plumbline.node.cpu.task.wait_time",
            Unit::kSeconds,
            "Seconds that runnable tasks waited for each logical CPU.",
            "/proc/schedstat cpuN field 8",
            {"cpu.logical_number"});
inline constexpr auto kTaskRuns = counter("plumbline.node.cpu.task.runs",
                                          Unit::kRun,
                                          "Times a task was given each logical CPU.",
                                          "/proc/schedstat cpuN field 9",
                                          {"cpu.logical_number"});

inline constexpr std::array kCpuMetrics{kCpuTime,
                                        kCpuUtilization,
                                        kCpuLogicalCount,
                                        kCpuGuestTime,
                                        kContextSwitches,
                                        kInterrupts,
                                        kSoftirqs,
                                        kProcessesCreated,
                                        kThreadsRunning,
                                        kThreadsBlocked,
                                        kBootTime,
                                        kTaskRunTime,
                                        kTaskWaitTime,
                                        kTaskRuns};

}  // namespace plumbline::node
