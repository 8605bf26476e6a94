// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collectors/clickhouse/spec.h"

namespace plumbline::clickhouse {

inline constexpr auto kReplicaReadOnly =
    gauge("plumbline.clickhouse.replica.read_only",
          Unit::kOne,
          "1 for a replica that takes no inserts, most often since it lost Keeper.",
          "system.replicas is_readonly",
          kTableKeys);
inline constexpr auto kReplicaReadOnlyTime =
    gauge("plumbline.clickhouse.replica.read_only_time",
          Unit::kSeconds,
          "How long it has been so; absent while it is not.",
          "system.replicas readonly_duration",
          kTableKeys);
inline constexpr auto kReplicaSessionExpired =
    gauge("plumbline.clickhouse.replica.session_expired",
          Unit::kOne,
          "1 for a replica whose Keeper session has expired.",
          "system.replicas is_session_expired",
          kTableKeys);
inline constexpr auto kReplicaDelay = gauge("plumbline.clickhouse.replica.delay",
                                            Unit::kSeconds,
                                            "How far the data of the replica is behind.",
                                            "system.replicas absolute_delay",
                                            kTableKeys);
inline constexpr auto kReplicaQueue = amount("plumbline.clickhouse.replica.queue",
                                             Unit::kTask,
                                             "Entries of the replication queue, of all kinds.",
                                             "system.replicas queue_size",
                                             kTableKeys);
inline constexpr auto kReplicaInserts = amount("plumbline.clickhouse.replica.queue.inserts",
                                               Unit::kTask,
                                               "Inserts that the replica has yet to fetch.",
                                               "system.replicas inserts_in_queue",
                                               kTableKeys);
inline constexpr auto kReplicaLogLag =
    gauge("plumbline.clickhouse.replica.log_lag",
          Unit::kEntry,
          "Entries of the shared log that the replica has not copied to its queue.",
          "system.replicas log_max_index - log_pointer",
          kTableKeys);
inline constexpr auto kReplicaInactive =
    gauge("plumbline.clickhouse.replica.inactive",
          Unit::kOne,
          "Share of the replicas of the table that are not active.",
          "system.replicas active_replicas / total_replicas",
          kTableKeys);
inline constexpr auto kReplicaLostParts = counter("plumbline.clickhouse.replica.lost_parts",
                                                  Unit::kPart,
                                                  "Parts that no replica had any more: lost data.",
                                                  "system.replicas lost_part_count",
                                                  kTableKeys);
inline constexpr auto kQueueStuck =
    amount("plumbline.clickhouse.replication_queue.failing",
           Unit::kTask,
           "Queue entries whose last try failed, by kind; the exception is an event.",
           "system.replication_queue last_exception",
           table_and("plumbline.clickhouse.queue.type"));
inline constexpr auto kQueueTries = gauge("plumbline.clickhouse.replication_queue.tries",
                                          Unit::kOperation,
                                          "Most tries that one of these entries has had.",
                                          "system.replication_queue num_tries",
                                          table_and("plumbline.clickhouse.queue.type"));
inline constexpr auto kQueueAge = gauge("plumbline.clickhouse.replication_queue.age",
                                        Unit::kSeconds,
                                        "Age of the oldest of the failing entries.",
                                        "system.replication_queue create_time",
                                        table_and("plumbline.clickhouse.queue.type"));
inline constexpr auto kKeeperUp = gauge(
    "plumbline.clickhouse.keeper.connected",
    Unit::kOne,
    "1 for each Keeper node that the server has a living session with.",
    "system.zookeeper_connection is_expired",
    {"server.address", "server.port", "plumbline.clickhouse.keeper.name", "network.peer.address"});
inline constexpr auto kKeeperSessionAge = gauge(
    "plumbline.clickhouse.keeper.session_age",
    Unit::kSeconds,
    "How long that session has lasted; young ones tell of lost connections.",
    "system.zookeeper_connection session_uptime_elapsed_seconds",
    {"server.address", "server.port", "plumbline.clickhouse.keeper.name", "network.peer.address"});
inline constexpr auto kSendFiles =
    amount("plumbline.clickhouse.distributed.files",
           Unit::kFile,
           "Files of a Distributed table that wait to be sent to a shard.",
           "system.distribution_queue data_files",
           kTableKeys);
inline constexpr auto kSendSize = amount("plumbline.clickhouse.distributed.size",
                                         Unit::kBytes,
                                         "Bytes of these files.",
                                         "system.distribution_queue data_compressed_bytes",
                                         kTableKeys);
inline constexpr auto kSendBroken =
    amount("plumbline.clickhouse.distributed.broken_files",
           Unit::kFile,
           "Files that could not be sent and were put aside: rows that never arrived.",
           "system.distribution_queue broken_data_files",
           kTableKeys);
inline constexpr auto kSendErrors =
    amount("plumbline.clickhouse.distributed.errors",
           Unit::kError,
           "Errors of the sender that are not yet overcome; the last one is an event.",
           "system.distribution_queue error_count",
           kTableKeys);
inline constexpr auto kSendBlocked = gauge("plumbline.clickhouse.distributed.blocked",
                                           Unit::kOne,
                                           "1 when sending was stopped by hand.",
                                           "system.distribution_queue is_blocked",
                                           kTableKeys);

inline constexpr std::array kReplicationMetrics{kReplicaReadOnly,
                                                kReplicaReadOnlyTime,
                                                kReplicaSessionExpired,
                                                kReplicaDelay,
                                                kReplicaQueue,
                                                kReplicaInserts,
                                                kReplicaLogLag,
                                                kReplicaInactive,
                                                kReplicaLostParts,
                                                kQueueStuck,
                                                kQueueTries,
                                                kQueueAge,
                                                kKeeperUp,
                                                kKeeperSessionAge,
                                                kSendFiles,
                                                kSendSize,
                                                kSendBroken,
                                                kSendErrors,
                                                kSendBlocked};

}  // namespace plumbline::clickhouse
