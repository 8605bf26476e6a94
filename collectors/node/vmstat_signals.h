// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collectors/node/spec.h"

namespace plumbline::node {

inline constexpr auto kPagingFaults = counter("system.paging.faults",
                                              Unit::kFault,
                                              "Page faults; major ones waited for a disk.",
                                              "/proc/vmstat pgmajfault, pgfault - pgmajfault",
                                              {"system.paging.fault.type"});
inline constexpr auto kPagingOperations =
    counter("system.paging.operations",
            Unit::kOperation,
            "Pages read from and written to swap.",
            "/proc/vmstat pswpin, pswpout",
            {"system.paging.fault.type", "system.paging.direction"});
inline constexpr auto kPagingIo = counter("plumbline.node.paging.io",
                                          Unit::kBytes,
                                          "Bytes moved between memory and block devices.",
                                          "/proc/vmstat pgpgin, pgpgout (KiB)",
                                          {"system.paging.direction"});
inline constexpr auto kPagesAllocated = counter("plumbline.node.page.allocations",
                                                Unit::kPage,
                                                "Pages allocated, by memory zone.",
                                                "/proc/vmstat pgalloc_*",
                                                {"plumbline.memory.zone"});
inline constexpr auto kPagesFreed =
    counter("plumbline.node.page.frees", Unit::kPage, "Pages freed.", "/proc/vmstat pgfree");
inline constexpr auto kPagesMigrated = counter("plumbline.node.page.migrations",
                                               Unit::kPage,
                                               "Pages moved to another place in memory.",
                                               "/proc/vmstat pgmigrate_success, pgmigrate_fail",
                                               {"plumbline.outcome"});
inline constexpr auto kReclaimScanned =
    counter("plumbline.node.reclaim.scanned",
            Unit::kPage,
            "Pages looked at to find free memory, by who looked: direct is a program that waited.",
            "/proc/vmstat pgscan_*",
            {"plumbline.reclaim.by"});
inline constexpr auto kReclaimReclaimed = counter("plumbline.node.reclaim.reclaimed",
                                                  Unit::kPage,
                                                  "Pages reclaimed, by who did it.",
                                                  "/proc/vmstat pgsteal_*",
                                                  {"plumbline.reclaim.by"});
inline constexpr auto kReclaimStalls =
    counter("plumbline.node.reclaim.stalls",
            Unit::kEvent,
            "Allocations that had to reclaim memory themselves, by memory zone.",
            "/proc/vmstat allocstall_*",
            {"plumbline.memory.zone"});
inline constexpr auto kCompaction = counter("plumbline.node.compaction.runs",
                                            Unit::kEvent,
                                            "Memory compactions that an allocation waited for.",
                                            "/proc/vmstat compact_success, compact_fail",
                                            {"plumbline.outcome"});
inline constexpr auto kRefaults = counter("plumbline.node.working_set.refaults",
                                          Unit::kPage,
                                          "Pages read again soon after they were reclaimed.",
                                          "/proc/vmstat workingset_refault_*",
                                          {"plumbline.memory.kind"});
inline constexpr auto kOomKills = counter("plumbline.node.oom_kills",
                                          Unit::kProcess,
                                          "Processes killed for want of memory.",
                                          "/proc/vmstat oom_kill");
inline constexpr auto kHugeFaults = counter("plumbline.node.huge_page.faults",
                                            Unit::kFault,
                                            "Faults that got a transparent huge page, or wanted "
                                            "one and did not.",
                                            "/proc/vmstat thp_fault_alloc, thp_fault_fallback",
                                            {"plumbline.outcome"});
inline constexpr auto kHugeCollapses =
    counter("plumbline.node.huge_page.collapses",
            Unit::kEvent,
            "Runs of small pages made into a huge one.",
            "/proc/vmstat thp_collapse_alloc, thp_collapse_alloc_failed",
            {"plumbline.outcome"});
inline constexpr auto kHugeSplits = counter("plumbline.node.huge_page.splits",
                                            Unit::kPage,
                                            "Huge pages split into small ones.",
                                            "/proc/vmstat thp_split_page");
inline constexpr auto kNumaAllocations =
    counter("plumbline.node.numa.allocations",
            Unit::kPage,
            "Pages allocated on the wanted NUMA node (hit), on another (miss), and for the CPU's "
            "own node (local) or another (other).",
            "/proc/vmstat numa_hit, numa_miss, numa_local, numa_other",
            {"plumbline.numa.placement"});
inline constexpr auto kPagesWritten = counter("plumbline.node.page.written",
                                              Unit::kPage,
                                              "Dirty file pages written to disk.",
                                              "/proc/vmstat nr_written");
inline constexpr auto kPagesDirtied = counter("plumbline.node.page.dirtied",
                                              Unit::kPage,
                                              "File pages made dirty.",
                                              "/proc/vmstat nr_dirtied");
inline constexpr auto kCacheDrops =
    counter("plumbline.node.cache_drops",
            Unit::kEvent,
            "Times somebody emptied the kernel's caches by hand, by cache.",
            "/proc/vmstat drop_pagecache, drop_slab",
            {"plumbline.cache"});

inline constexpr std::array kVmstatMetrics{kPagingFaults,
                                           kPagingOperations,
                                           kPagingIo,
                                           kPagesAllocated,
                                           kPagesFreed,
                                           kPagesMigrated,
                                           kReclaimScanned,
                                           kReclaimReclaimed,
                                           kReclaimStalls,
                                           kCompaction,
                                           kRefaults,
                                           kOomKills,
                                           kHugeFaults,
                                           kHugeCollapses,
                                           kHugeSplits,
                                           kNumaAllocations,
                                           kPagesWritten,
                                           kPagesDirtied,
                                           kCacheDrops};

}  // namespace plumbline::node
