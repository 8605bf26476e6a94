// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collectors/node/spec.h"

namespace plumbline::node {

inline constexpr auto kMemoryUsage =
    amount("system.memory.usage",
           Unit::kBytes,
           "Memory by state. used is what is not available to new programs without swapping, so "
           "the states do not add up to the limit.",
           "/proc/meminfo MemTotal - MemAvailable, MemFree, Cached, Buffers",
           {"system.memory.state"});
inline constexpr auto kMemoryUtilization = gauge("system.memory.utilization",
                                                 Unit::kOne,
                                                 "Share of all memory in each state.",
                                                 "/proc/meminfo, divided by MemTotal",
                                                 {"system.memory.state"});
inline constexpr auto kMemoryLimit =
    amount("system.memory.limit", Unit::kBytes, "All memory.", "/proc/meminfo MemTotal");
inline constexpr auto kMemoryAvailable =
    amount("system.memory.linux.available",
           Unit::kBytes,
           "Memory that new programs can have without swapping, as the kernel estimates it.",
           "/proc/meminfo MemAvailable");
inline constexpr auto kMemoryShared = amount("system.memory.linux.shared",
                                             Unit::kBytes,
                                             "Shared memory and temporary file systems.",
                                             "/proc/meminfo Shmem");
inline constexpr auto kSlabUsage = amount("system.memory.linux.slab.usage",
                                          Unit::kBytes,
                                          "Memory of the kernel's own objects.",
                                          "/proc/meminfo SReclaimable, SUnreclaim",
                                          {"system.memory.linux.slab.state"});

inline constexpr auto kHugepagesUsage = amount("system.memory.linux.hugepages.usage",
                                               Unit::kPage,
                                               "Huge pages of the pool by state.",
                                               "/proc/meminfo HugePages_Total, HugePages_Free",
                                               {"system.memory.linux.hugepages.state"});
inline constexpr auto kHugepagesUtilization = gauge("system.memory.linux.hugepages.utilization",
                                                    Unit::kOne,
                                                    "Share of the huge pages in each state.",
                                                    "/proc/meminfo HugePages_*",
                                                    {"system.memory.linux.hugepages.state"});
inline constexpr auto kHugepagesLimit = amount("system.memory.linux.hugepages.limit",
                                               Unit::kPage,
                                               "Huge pages in the pool.",
                                               "/proc/meminfo HugePages_Total");
inline constexpr auto kHugepagesReserved = amount("system.memory.linux.hugepages.reserved",
                                                  Unit::kPage,
                                                  "Free huge pages that are promised to somebody.",
                                                  "/proc/meminfo HugePages_Rsvd");
inline constexpr auto kHugepagesSurplus = amount("system.memory.linux.hugepages.surplus",
                                                 Unit::kPage,
                                                 "Huge pages beyond the size of the pool.",
                                                 "/proc/meminfo HugePages_Surp");
inline constexpr auto kHugepagesSize = amount("system.memory.linux.hugepages.page_size",
                                              Unit::kBytes,
                                              "Size of one huge page.",
                                              "/proc/meminfo Hugepagesize");

inline constexpr auto kPagingUsage = amount("system.paging.usage",
                                            Unit::kBytes,
                                            "Swap space by state.",
                                            "/proc/meminfo SwapTotal, SwapFree",
                                            {"system.paging.state"});
inline constexpr auto kPagingUtilization = gauge("system.paging.utilization",
                                                 Unit::kOne,
                                                 "Share of the swap space in each state; absent "
                                                 "without swap.",
                                                 "/proc/meminfo SwapTotal, SwapFree",
                                                 {"system.paging.state"});
inline constexpr auto kPagingLimit = amount(
    "plumbline.node.paging.limit", Unit::kBytes, "All swap space.", "/proc/meminfo SwapTotal");

inline constexpr auto kMemoryActive = amount("plumbline.node.memory.active",
                                             Unit::kBytes,
                                             "Memory used lately, by what it holds.",
                                             "/proc/meminfo Active(anon), Active(file)",
                                             {"plumbline.memory.kind"});
inline constexpr auto kMemoryInactive = amount("plumbline.node.memory.inactive",
                                               Unit::kBytes,
                                               "Memory that is reclaimed first, by what it holds.",
                                               "/proc/meminfo Inactive(anon), Inactive(file)",
                                               {"plumbline.memory.kind"});
inline constexpr auto kMemoryAnonymous = amount("plumbline.node.memory.anonymous",
                                                Unit::kBytes,
                                                "Memory of programs without a file behind it.",
                                                "/proc/meminfo AnonPages");
inline constexpr auto kMemoryMapped = amount("plumbline.node.memory.mapped",
                                             Unit::kBytes,
                                             "File pages mapped into programs.",
                                             "/proc/meminfo Mapped");
inline constexpr auto kMemoryDirty = amount("plumbline.node.memory.dirty",
                                            Unit::kBytes,
                                            "File data that waits to be written to disk.",
                                            "/proc/meminfo Dirty");
inline constexpr auto kMemoryWriteback = amount("plumbline.node.memory.writeback",
                                                Unit::kBytes,
                                                "File data that is being written to disk.",
                                                "/proc/meminfo Writeback");
inline constexpr auto kMemoryUnevictable = amount("plumbline.node.memory.unevictable",
                                                  Unit::kBytes,
                                                  "Memory that cannot be reclaimed.",
                                                  "/proc/meminfo Unevictable");
inline constexpr auto kMemoryLocked = amount("plumbline.node.memory.locked",
                                             Unit::kBytes,
                                             "Memory locked with mlock.",
                                             "/proc/meminfo Mlocked");
inline constexpr auto kMemoryKernelStack = amount("plumbline.node.memory.kernel_stack",
                                                  Unit::kBytes,
                                                  "Kernel stacks of all threads.",
                                                  "/proc/meminfo KernelStack");
inline constexpr auto kMemoryPageTables = amount(
    "plumbline.node.memory.page_tables", Unit::kBytes, "Page tables.", "/proc/meminfo PageTables");
inline constexpr auto kMemoryVmalloc = amount("plumbline.node.memory.vmalloc",
                                              Unit::kBytes,
                                              "Kernel memory allocated with vmalloc.",
                                              "/proc/meminfo VmallocUsed");
inline constexpr auto kMemoryPerCpu = amount("plumbline.node.memory.per_cpu",
                                             Unit::kBytes,
                                             "Kernel memory allocated once for each CPU.",
                                             "/proc/meminfo Percpu");
inline constexpr auto kMemoryCommitted = amount("plumbline.node.memory.committed",
                                                Unit::kBytes,
                                                "Memory promised to programs.",
                                                "/proc/meminfo Committed_AS");
inline constexpr auto kMemoryCommitLimit =
    amount("plumbline.node.memory.commit_limit",
           Unit::kBytes,
           "Memory that can be promised when overcommit is off.",
           "/proc/meminfo CommitLimit");
inline constexpr auto kMemoryAnonHuge = amount("plumbline.node.memory.anonymous_huge",
                                               Unit::kBytes,
                                               "Anonymous memory in transparent huge pages.",
                                               "/proc/meminfo AnonHugePages");
inline constexpr auto kMemorySwapCached = amount("plumbline.node.memory.swap_cached",
                                                 Unit::kBytes,
                                                 "Memory that is also in swap.",
                                                 "/proc/meminfo SwapCached");
inline constexpr auto kMemoryCorrupted =
    amount("plumbline.node.memory.corrupted",
           Unit::kBytes,
           "Memory the hardware reported as broken; no longer used.",
           "/proc/meminfo HardwareCorrupted");
inline constexpr auto kMemoryCompressed =
    amount("plumbline.node.memory.compressed",
           Unit::kBytes,
           "Swapped memory kept compressed: its size before (original) and as it is kept (stored).",
           "/proc/meminfo Zswapped, Zswap",
           {"plumbline.memory.kind"});

inline constexpr std::array kMemoryMetrics{
    kMemoryUsage,       kMemoryUtilization, kMemoryLimit,      kMemoryAvailable,
    kMemoryShared,      kSlabUsage,         kHugepagesUsage,   kHugepagesUtilization,
    kHugepagesLimit,    kHugepagesReserved, kHugepagesSurplus, kHugepagesSize,
    kPagingUsage,       kPagingUtilization, kPagingLimit,      kMemoryActive,
    kMemoryInactive,    kMemoryAnonymous,   kMemoryMapped,     kMemoryDirty,
    kMemoryWriteback,   kMemoryUnevictable, kMemoryLocked,     kMemoryKernelStack,
    kMemoryPageTables,  kMemoryVmalloc,     kMemoryPerCpu,     kMemoryCommitted,
    kMemoryCommitLimit, kMemoryAnonHuge,    kMemorySwapCached, kMemoryCorrupted,
    kMemoryCompressed};

}  // namespace plumbline::node
