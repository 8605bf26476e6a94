// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collectors/node/spec.h"

namespace plumbline::node {

inline constexpr auto kUptime = gauge("system.uptime",
                                      Unit::kSeconds,
                                      "Seconds since the kernel started, suspended time included.",
                                      "/proc/uptime field 1");
inline constexpr auto kLoad1 = gauge("plumbline.node.load.1m",
                                     Unit::kLoad,
                                     "Threads that ran, waited for a CPU or for I/O, 1 min mean.",
                                     "/proc/loadavg field 1");
inline constexpr auto kLoad5 = gauge("plumbline.node.load.5m",
                                     Unit::kLoad,
                                     "Threads that ran, waited for a CPU or for I/O, 5 min mean.",
                                     "/proc/loadavg field 2");
inline constexpr auto kLoad15 = gauge("plumbline.node.load.15m",
                                      Unit::kLoad,
                                      "Threads that ran, waited for a CPU or for I/O, 15 min mean.",
                                      "/proc/loadavg field 3");
inline constexpr auto kThreads =
    amount("plumbline.node.thread.alive", Unit::kThread, "Threads alive.", "/proc/loadavg field 4");
inline constexpr auto kProcesses =
    amount("system.process.count",
           Unit::kProcess,
           "Processes alive or not yet waited for, in all PID namespaces.",
           "link count of /proc");
inline constexpr auto kProcessLimit =
    amount("system.process.limit",
           Unit::kThread,
           "Threads that can be alive at once: the smaller of pid_max and threads-max.",
           "/proc/sys/kernel/pid_max, threads-max");

inline constexpr auto kFileHandles = amount("plumbline.node.file_handle.usage",
                                            Unit::kFile,
                                            "File handles allocated by the kernel.",
                                            "/proc/sys/fs/file-nr field 1");
inline constexpr auto kFileHandleLimit = amount("plumbline.node.file_handle.limit",
                                                Unit::kFile,
                                                "File handles the kernel gives out at most.",
                                                "/proc/sys/fs/file-nr field 3");
inline constexpr auto kInodes = amount("plumbline.node.inode.usage",
                                       Unit::kInode,
                                       "Inodes held in memory.",
                                       "/proc/sys/fs/inode-nr field 1");
inline constexpr auto kInodesFree = amount("plumbline.node.inode.free",
                                           Unit::kInode,
                                           "Inodes held in memory that nothing uses.",
                                           "/proc/sys/fs/inode-nr field 2");
inline constexpr auto kEntropy = gauge("plumbline.node.entropy.available",
                                       Unit::kBytes,
                                       "Entropy in the kernel's random number generator.",
                                       "/proc/sys/kernel/random/entropy_avail (bits)");
inline constexpr auto kEntropyPool = gauge("plumbline.node.entropy.pool_size",
                                           Unit::kBytes,
                                           "Size of the entropy pool.",
                                           "/proc/sys/kernel/random/poolsize (bits)");

inline constexpr auto kConntrack = amount("plumbline.node.conntrack.usage",
                                          Unit::kEntry,
                                          "Connections in the connection tracking table.",
                                          "/proc/sys/net/netfilter/nf_conntrack_count");
inline constexpr auto kConntrackLimit =
    amount("plumbline.node.conntrack.limit",
           Unit::kEntry,
           "Connections the tracking table can hold; packets of others are dropped.",
           "/proc/sys/net/netfilter/nf_conntrack_max");
inline constexpr auto kConntrackEvents =
    counter("plumbline.node.conntrack.events",
            Unit::kEvent,
            "What became of look-ups and insertions in the tracking table, on all CPUs.",
            "/proc/net/stat/nf_conntrack",
            {"plumbline.conntrack.event"});
inline constexpr auto kArpEntries = amount("plumbline.node.arp.entries",
                                           Unit::kEntry,
                                           "Neighbours in the ARP table.",
                                           "/proc/net/stat/arp_cache column entries");
inline constexpr auto kArpTableFull = counter("plumbline.node.arp.table_full",
                                              Unit::kEvent,
                                              "Neighbours that found no room in the ARP table.",
                                              "/proc/net/stat/arp_cache column table_fulls");

inline constexpr auto kClockSynchronized =
    amount("plumbline.node.clock.synchronized",
           Unit::kOne,
           "1 when the kernel's clock is kept by NTP or the like, 0 when it runs free.",
           "adjtimex status STA_UNSYNC");
inline constexpr auto kClockOffset = gauge("plumbline.node.clock.offset",
                                           Unit::kSeconds,
                                           "What is left to correct of the kernel's clock.",
                                           "adjtimex offset");
inline constexpr auto kClockMaxError = gauge("plumbline.node.clock.max_error",
                                             Unit::kSeconds,
                                             "The most the kernel's clock can be wrong.",
                                             "adjtimex maxerror");
inline constexpr auto kClockEstimatedError = gauge("plumbline.node.clock.estimated_error",
                                                   Unit::kSeconds,
                                                   "How wrong the kernel's clock is thought to be.",
                                                   "adjtimex esterror");
inline constexpr auto kClockFrequency =
    gauge("plumbline.node.clock.frequency_adjustment",
          Unit::kOne,
          "By what share the kernel's clock is made faster; negative is slower.",
          "adjtimex freq");

inline constexpr std::array kKernelMetrics{kUptime,
                                           kLoad1,
                                           kLoad5,
                                           kLoad15,
                                           kThreads,
                                           kProcesses,
                                           kProcessLimit,
                                           kFileHandles,
                                           kFileHandleLimit,
                                           kInodes,
                                           kInodesFree,
                                           kEntropy,
                                           kEntropyPool,
                                           kConntrack,
                                           kConntrackLimit,
                                           kConntrackEvents,
                                           kArpEntries,
                                           kArpTableFull,
                                           kClockSynchronized,
                                           kClockOffset,
                                           kClockMaxError,
                                           kClockEstimatedError,
                                           kClockFrequency};

}  // namespace plumbline::node
