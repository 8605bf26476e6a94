// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collectors/node/spec.h"

namespace plumbline::node {

// Per control group. Every value includes the groups below, as the kernel counts them.
inline constexpr auto kGroupCpuTime = counter("plumbline.cgroup.cpu.time",
                                              Unit::kSeconds,
                                              "CPU time of a group's tasks.",
                                              "v2 cpu.stat user_usec, system_usec; v1 cpuacct.stat",
                                              {"linux.cgroup.path", "cpu.mode"});
inline constexpr auto kGroupCpuLimit = amount("plumbline.cgroup.cpu.limit",
                                              Unit::kCpu,
                                              "CPUs a group may use; absent when not limited.",
                                              "v2 cpu.max; v1 cpu.cfs_quota_us, cpu.cfs_period_us",
                                              {"linux.cgroup.path"});
inline constexpr auto kGroupPeriods =
    counter("plumbline.cgroup.cpu.periods",
            Unit::kPeriod,
            "Enforcement periods in which a group with a CPU limit had something to run.",
            "cpu.stat nr_periods",
            {"linux.cgroup.path"});
inline constexpr auto kGroupThrottledPeriods =
    counter("plumbline.cgroup.cpu.throttled.periods",
            Unit::kPeriod,
            "Enforcement periods in which a group used up its CPU limit and was stopped.",
            "cpu.stat nr_throttled",
            {"linux.cgroup.path"});
inline constexpr auto kGroupThrottledTime =
    counter("plumbline.cgroup.cpu.throttled.time",
            Unit::kSeconds,
            "Time a group's run queues were stopped by its CPU limit, added up over CPUs.",
            "v2 cpu.stat throttled_usec; v1 cpu.stat throttled_time",
            {"linux.cgroup.path"});

inline constexpr auto kGroupMemoryUsage = amount("plumbline.cgroup.memory.usage",
                                                 Unit::kBytes,
                                                 "Memory charged to a group, caches included.",
                                                 "v2 memory.current; v1 memory.usage_in_bytes",
                                                 {"linux.cgroup.path"});
inline constexpr auto kGroupMemoryLimit =
    amount("plumbline.cgroup.memory.limit",
           Unit::kBytes,
           "Memory a group may use; absent when not limited.",
           "v2 memory.max; v1 memory.stat hierarchical_memory_limit",
           {"linux.cgroup.path"});
inline constexpr auto kGroupMemoryRss = amount("plumbline.cgroup.memory.rss",
                                               Unit::kBytes,
                                               "Anonymous memory of a group.",
                                               "v2 memory.stat anon; v1 memory.stat total_rss",
                                               {"linux.cgroup.path"});
inline constexpr auto kGroupMemoryCache = amount("plumbline.cgroup.memory.cache",
                                                 Unit::kBytes,
                                                 "File pages and shared memory of a group.",
                                                 "v2 memory.stat file; v1 memory.stat total_cache",
                                                 {"linux.cgroup.path"});
inline constexpr auto kGroupWorkingSet =
    amount("plumbline.cgroup.memory.working_set",
           Unit::kBytes,
           "Memory of a group without file pages that were not used lately; what an OOM decision "
           "looks at.",
           "usage minus memory.stat inactive_file, v1 total_inactive_file",
           {"linux.cgroup.path"});
inline constexpr auto kGroupSwap = amount("plumbline.cgroup.memory.swap",
                                          Unit::kBytes,
                                          "Swap space of a group.",
                                          "v2 memory.swap.current; v1 memory.stat total_swap",
                                          {"linux.cgroup.path"});
inline constexpr auto kGroupKernelMemory = amount("plumbline.cgroup.memory.kernel",
                                                  Unit::kBytes,
                                                  "Kernel memory charged to a group.",
                                                  "v2 memory.stat kernel; absent on v1",
                                                  {"linux.cgroup.path"});
inline constexpr auto kGroupFaults = counter("plumbline.cgroup.paging.faults",
                                             Unit::kFault,
                                             "Page faults of a group.",
                                             "memory.stat pgmajfault, pgfault - pgmajfault",
                                             {"linux.cgroup.path", "system.paging.fault.type"});
inline constexpr auto kGroupMemoryEvents =
    counter("plumbline.cgroup.memory.events",
            Unit::kEvent,
            "Times a group was reclaimed below its protection (low), slowed down (high), at its "
            "limit (max), and out of memory at its limit (oom).",
            "v2 memory.events; v1 memory.failcnt (max)",
            {"linux.cgroup.path", "plumbline.memory.event"});
inline constexpr auto kGroupOomKills = counter("plumbline.cgroup.memory.oom_kills",
                                               Unit::kProcess,
                                               "Processes of a group killed for want of memory.",
                                               "v2 memory.events oom_kill; v1 memory.oom_control",
                                               {"linux.cgroup.path"});

inline constexpr auto kGroupDiskIo =
    counter("plumbline.cgroup.disk.io",
            Unit::kBytes,
            "Bytes a group read from and wrote to each disk.",
            "v2 io.stat; v1 blkio.throttle.io_service_bytes_recursive",
            {"linux.cgroup.path", "system.device", "disk.io.direction"});
inline constexpr auto kGroupDiskOperations =
    counter("plumbline.cgroup.disk.operations",
            Unit::kOperation,
            "Reads and writes of a group on each disk.",
            "v2 io.stat; v1 blkio.throttle.io_serviced_recursive",
            {"linux.cgroup.path", "system.device", "disk.io.direction"});

inline constexpr auto kGroupPressureTime =
    counter("plumbline.cgroup.pressure.time",
            Unit::kSeconds,
            "Seconds in which some, or all, tasks of a group that were not idle waited for a "
            "resource (PSI). v2 only.",
            "cpu.pressure, memory.pressure, io.pressure total",
            {"linux.cgroup.path", "plumbline.pressure.resource", "plumbline.pressure.stall"});
inline constexpr auto kGroupThreads = amount("plumbline.cgroup.thread.alive",
                                             Unit::kThread,
                                             "Threads of a group.",
                                             "pids.current",
                                             {"linux.cgroup.path"});

inline constexpr auto kGroups = amount("plumbline.node.cgroup.measured",
                                       Unit::kEntry,
                                       "Control groups that are measured.",
                                       "directories of the cgroup file system");
inline constexpr auto kGroupsOverflow =
    amount("plumbline.node.cgroup.overflow",
           Unit::kEntry,
           "Control groups beyond the limit (limits.cgroups): they have no name and no metrics.",
           "directories of the cgroup file system");
inline constexpr auto kGroupsAge =
    gauge("plumbline.node.cgroup.age",
          Unit::kSeconds,
          "Age of the oldest reading among the groups. Above a second there are more groups than "
          "can be read in the time granted, and idle ones wait.",
          "the agent");

inline constexpr std::array kCgroupMetrics{
    kGroupCpuTime,        kGroupCpuLimit,     kGroupPeriods,     kGroupThrottledPeriods,
    kGroupThrottledTime,  kGroupMemoryUsage,  kGroupMemoryLimit, kGroupMemoryRss,
    kGroupMemoryCache,    kGroupWorkingSet,   kGroupSwap,        kGroupKernelMemory,
    kGroupFaults,         kGroupMemoryEvents, kGroupOomKills,    kGroupDiskIo,
    kGroupDiskOperations, kGroupPressureTime, kGroupThreads,     kGroups,
    kGroupsOverflow,      kGroupsAge};

}  // namespace plumbline::node
