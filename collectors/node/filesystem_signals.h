// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collectors/collector.h"
#include "collectors/node/spec.h"

namespace plumbline::node {

inline constexpr auto kFilesystemUsage = amount("system.filesystem.usage",
                                                Unit::kBytes,
                                                "Space of each file system by state; reserved is "
                                                "free for the administrator only.",
                                                "statvfs f_blocks, f_bfree, f_bavail",
                                                {"system.device",
                                                 "system.filesystem.state",
                                                 "system.filesystem.type",
                                                 "system.filesystem.mode",
                                                 "system.filesystem.mountpoint"});
inline constexpr auto kFilesystemUtilization =
    gauge("system.filesystem.utilization",
          Unit::kOne,
          "Share of each file system's space in each state.",
          "statvfs, divided by f_blocks",
          {"system.device",
           "system.filesystem.state",
           "system.filesystem.type",
           "system.filesystem.mode",
           "system.filesystem.mountpoint"});
inline constexpr auto kFilesystemLimit = amount("system.filesystem.limit",
                                                Unit::kBytes,
                                                "Size of each file system.",
                                                "statvfs f_blocks",
                                                {"system.device",
                                                 "system.filesystem.type",
                                                 "system.filesystem.mode",
                                                 "system.filesystem.mountpoint"});
inline constexpr auto kFilesystemInodes =
    amount("plumbline.node.filesystem.inode.usage",
           Unit::kInode,
           "Inodes of each file system by state; absent where they are not counted.",
           "statvfs f_files, f_ffree",
           {"system.device",
            "system.filesystem.state",
            "system.filesystem.type",
            "system.filesystem.mode",
            "system.filesystem.mountpoint"});
inline constexpr auto kFilesystemInodeLimit = amount("plumbline.node.filesystem.inode.limit",
                                                     Unit::kInode,
                                                     "Inodes each file system can have.",
                                                     "statvfs f_files",
                                                     {"system.device",
                                                      "system.filesystem.type",
                                                      "system.filesystem.mode",
                                                      "system.filesystem.mountpoint"});
inline constexpr auto kFilesystemSkipped =
    amount("plumbline.node.filesystem.skipped",
           Unit::kEntry,
           "File systems that should be measured and are not: the call failed (error), time was "
           "up (deadline), there are too many (limit).",
           "the agent",
           {"plumbline.reason"});

inline constexpr std::array kFilesystemMetrics{kFilesystemUsage,
                                               kFilesystemUtilization,
                                               kFilesystemLimit,
                                               kFilesystemInodes,
                                               kFilesystemInodeLimit,
                                               kFilesystemSkipped};

inline constexpr CollectorInfo kFilesystemInfo{
    .name = "filesystem",
    .description =
        "Space and inodes of mounted file systems; apart, because a dead server hangs it",
    .period = std::chrono::seconds(10),
    .lane = Lane::kBlocking,
    .metrics = kFilesystemMetrics};

}  // namespace plumbline::node
