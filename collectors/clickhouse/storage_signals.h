// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collectors/clickhouse/spec.h"

namespace plumbline::clickhouse {

inline constexpr auto kTableRows = amount("plumbline.clickhouse.table.rows",
                                          Unit::kRow,
                                          "Rows of each table, from its metadata.",
                                          "system.tables total_rows, or system.parts rows",
                                          kTableKeys);
inline constexpr auto kTableSize = amount("plumbline.clickhouse.table.size",
                                          Unit::kBytes,
                                          "Compressed bytes of each table on its disks.",
                                          "system.tables total_bytes, or system.parts",
                                          kTableKeys);
inline constexpr auto kTableParts = amount("plumbline.clickhouse.table.parts",
                                           Unit::kPart,
                                           "Active parts of each table.",
                                           "system.parts active",
                                           kTableKeys);
inline constexpr auto kTableAge =
    gauge("plumbline.clickhouse.table.age",
          Unit::kSeconds,
          "Time since a part of the table was last written, by an insert, a merge or a mutation.",
          "system.parts modification_time",
          kTableKeys);
inline constexpr auto kPartsMax =
    gauge("plumbline.clickhouse.partition.parts.max",
          Unit::kPart,
          "Active parts of the fullest partition of each table: what inserts are delayed for.",
          "system.parts active, by partition_id",
          kTableKeys);
inline constexpr auto kPartsDelay =
    gauge("plumbline.clickhouse.partition.parts.delay_threshold",
          Unit::kPart,
          "Parts in one partition from which the table delays inserts.",
          "the table's own setting parts_to_delay_insert, else that of the server",
          kTableKeys);
inline constexpr auto kPartsThrow =
    gauge("plumbline.clickhouse.partition.parts.throw_threshold",
          Unit::kPart,
          "Parts in one partition from which the table refuses inserts: too many parts.",
          "the table's own setting parts_to_throw_insert, else that of the server",
          kTableKeys);
inline constexpr auto kPartsUtilization =
    gauge("plumbline.clickhouse.partition.parts.utilization",
          Unit::kOne,
          "Parts of the fullest partition as a share of the table's throw threshold.",
          "the two metrics above",
          kTableKeys);
inline constexpr auto kTimeToDelay =
    gauge("plumbline.clickhouse.partition.parts.time_to_delay",
          Unit::kSeconds,
          "When inserts into the table are delayed if its parts go on growing as in the last "
          "minutes; 0 when they are delayed now, absent while the parts do not grow.",
          "a line through the last values of partition.parts.max",
          kTableKeys);
inline constexpr auto kDetachedParts =
    amount("plumbline.clickhouse.table.detached_parts",
           Unit::kPart,
           "Detached parts by reason; empty: somebody detached them.",
           "system.detached_parts",
           table_and("plumbline.clickhouse.detach.reason"));
inline constexpr auto kDetachedSize = amount("plumbline.clickhouse.table.detached_size",
                                             Unit::kBytes,
                                             "Bytes of detached parts by reason.",
                                             "system.detached_parts bytes_on_disk",
                                             table_and("plumbline.clickhouse.detach.reason"));
inline constexpr auto kDiskFree = amount("plumbline.clickhouse.disk.free",
                                         Unit::kBytes,
                                         "Free space of each disk.",
                                         "system.disks free_space",
                                         server_and("plumbline.clickhouse.disk.name"));
inline constexpr auto kDiskUnreserved =
    amount("plumbline.clickhouse.disk.unreserved",
           Unit::kBytes,
           "Free space that no running merge, move or insert has reserved.",
           "system.disks unreserved_space",
           server_and("plumbline.clickhouse.disk.name"));
inline constexpr auto kDiskLimit = amount("plumbline.clickhouse.disk.limit",
                                          Unit::kBytes,
                                          "Size of each disk.",
                                          "system.disks total_space",
                                          server_and("plumbline.clickhouse.disk.name"));
inline constexpr auto kDiskBroken = gauge("plumbline.clickhouse.disk.broken",
                                          Unit::kOne,
                                          "1 for a disk that the server has given up.",
                                          "system.disks is_broken",
                                          server_and("plumbline.clickhouse.disk.name"));
inline constexpr auto kMoves = amount("plumbline.clickhouse.moves",
                                      Unit::kTask,
                                      "Parts being moved to another disk, by TTL or for space.",
                                      "system.moves",
                                      table_and("plumbline.clickhouse.disk.name"));
inline constexpr auto kMoveAge = gauge("plumbline.clickhouse.move.age",
                                       Unit::kSeconds,
                                       "Time the longest of these moves has run.",
                                       "system.moves elapsed",
                                       table_and("plumbline.clickhouse.disk.name"));

inline constexpr auto kTableDefinition = gauge(
    "plumbline.clickhouse.table.definition",
    Unit::kState,
    "1, with the keys that rows of a MergeTree table are partitioned and ordered by, their first "
    "200 bytes.",
    "system.tables partition_key, sorting_key",
    {"server.address",
     "server.port",
     "db.namespace",
     "db.collection.name",
     "plumbline.clickhouse.partition_key",
     "plumbline.clickhouse.sorting_key"});
inline constexpr auto kTableTtl = gauge("plumbline.clickhouse.table.ttl",
                                        Unit::kState,
                                        "1 for a MergeTree table with a TTL for rows, else 0.",
                                        "system.tables engine_full",
                                        kTableKeys);
inline constexpr auto kTableRetention =
    gauge("plumbline.clickhouse.table.retention",
          Unit::kSeconds,
          "How long the table keeps rows, by its TTL; absent without one, and where it is no "
          "column plus an interval.",
          "system.tables engine_full",
          kTableKeys);
inline constexpr auto kClusterShards =
    gauge("plumbline.clickhouse.cluster.shards",
          Unit::kEntry,
          "Shards of each cluster in the server's configuration, those of its examples, test_*, "
          "left out.",
          "system.clusters shard_num",
          server_and("plumbline.clickhouse.cluster.name"));
inline constexpr auto kClusterReplicas =
    gauge("plumbline.clickhouse.cluster.replicas",
          Unit::kReplica,
          "Replicas of that of its shards that has the fewest.",
          "system.clusters replica_num",
          server_and("plumbline.clickhouse.cluster.name"));

inline constexpr std::array kStorageMetrics{
    kTableRows,     kTableSize,      kTableParts,       kTableAge,    kPartsMax,
    kPartsDelay,    kPartsThrow,     kPartsUtilization, kTimeToDelay, kDetachedParts,
    kDetachedSize,  kDiskFree,       kDiskUnreserved,   kDiskLimit,   kDiskBroken,
    kMoves,         kMoveAge,        kTableDefinition,  kTableTtl,    kTableRetention,
    kClusterShards, kClusterReplicas};

}  // namespace plumbline::clickhouse
