// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collectors/node/spec.h"

namespace plumbline::node {

inline constexpr auto kDiskIo = counter("system.disk.io",
                                        Unit::kBytes,
                                        "Bytes read from and written to each disk.",
                                        "/proc/diskstats fields 6 and 10, 512 bytes each",
                                        {"system.device", "disk.io.direction"});
inline constexpr auto kDiskOperations = counter("system.disk.operations",
                                                Unit::kOperation,
                                                "Reads and writes completed by each disk.",
                                                "/proc/diskstats fields 4 and 8",
                                                {"system.device", "disk.io.direction"});
inline constexpr auto kDiskMerged = counter("system.disk.merged",
                                            Unit::kOperation,
                                            "Reads and writes merged into one for each disk.",
                                            "/proc/diskstats fields 5 and 9",
                                            {"system.device", "disk.io.direction"});
inline constexpr auto kDiskOperationTime = counter("system.disk.operation_time",
                                                   Unit::kSeconds,
                                                   "Time that all reads and writes took together.",
                                                   "/proc/diskstats fields 7 and 11, milliseconds",
                                                   {"system.device", "disk.io.direction"});
inline constexpr auto kDiskIoTime = counter("system.disk.io_time",
                                            Unit::kSeconds,
                                            "Time in which each disk had something to do.",
                                            "/proc/diskstats field 13, milliseconds",
                                            {"system.device"});
inline constexpr auto kDiskWeightedIoTime =
    counter("plumbline.node.disk.weighted_io_time",
            Unit::kSeconds,
            "Time in which each disk had something to do, times the operations it had; its rate "
            "is the mean queue length.",
            "/proc/diskstats field 14, milliseconds",
            {"system.device"});
inline constexpr auto kDiskPending = amount("plumbline.node.disk.pending",
                                            Unit::kOperation,
                                            "Operations each disk has in flight.",
                                            "/proc/diskstats field 12",
                                            {"system.device"});
inline constexpr auto kDiskDiscards = counter("plumbline.node.disk.discard.operations",
                                              Unit::kOperation,
                                              "Discards completed by each disk.",
                                              "/proc/diskstats field 15",
                                              {"system.device"});
inline constexpr auto kDiskDiscardIo = counter("plumbline.node.disk.discard.io",
                                               Unit::kBytes,
                                               "Bytes discarded on each disk.",
                                               "/proc/diskstats field 17, 512 bytes each",
                                               {"system.device"});
inline constexpr auto kDiskDiscardTime = counter("plumbline.node.disk.discard.operation_time",
                                                 Unit::kSeconds,
                                                 "Time that all discards took together.",
                                                 "/proc/diskstats field 18, milliseconds",
                                                 {"system.device"});
inline constexpr auto kDiskFlushes = counter("plumbline.node.disk.flush.operations",
                                             Unit::kOperation,
                                             "Cache flushes completed by each disk.",
                                             "/proc/diskstats field 19",
                                             {"system.device"});
inline constexpr auto kDiskFlushTime = counter("plumbline.node.disk.flush.operation_time",
                                               Unit::kSeconds,
                                               "Time that all cache flushes took together.",
                                               "/proc/diskstats field 20, milliseconds",
                                               {"system.device"});

inline constexpr std::array kDiskMetrics{kDiskIo,
                                         kDiskOperations,
                                         kDiskMerged,
                                         kDiskOperationTime,
                                         kDiskIoTime,
                                         kDiskWeightedIoTime,
                                         kDiskPending,
                                         kDiskDiscards,
                                         kDiskDiscardIo,
                                         kDiskDiscardTime,
                                         kDiskFlushes,
                                         kDiskFlushTime};

}  // namespace plumbline::node
