// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "collectors/clickhouse/check.h"
#include "collectors/clickhouse/storage_signals.h"

namespace plumbline::clickhouse {
namespace {

using std::chrono::seconds;

// Parts are first counted by partition, since that is what the thresholds are for.
constexpr std::array kParts{
    label("database", "database"),
    label("table", "table"),
    value(kPartsMax, "max(parts)", "partition_id"),
    value(kTableParts, "sum(parts)", "partition_id"),
    value(kTableRows, "sum(all_rows)", "rows"),
    value(kTableSize, "sum(all_bytes)", "bytes_on_disk"),
    value(kTableAge, "toUnixTimestamp(now()) - max(written)", "modification_time"),
};
constexpr std::string_view kPartsByPartition =
    "SELECT hostName() AS host_name, database, table, partition_id, count() AS parts, sum(rows) AS "
    "all_rows, sum(bytes_on_disk) AS all_bytes, max(toUnixTimestamp(modification_time)) AS written "
    "FROM {} WHERE active GROUP BY host_name, database, table, partition_id";

constexpr std::array kPartLimits{
    label("database", "database"),
    label("name", "name"),
    value(kPartsDelay,
          "if(extract(engine_full, 'parts_to_delay_insert = (\\\\d+)') = '', (SELECT "
          "toFloat64(value) "
          "FROM system.merge_tree_settings WHERE name = 'parts_to_delay_insert'), "
          "toFloat64OrZero(extract(engine_full, 'parts_to_delay_insert = (\\\\d+)')))",
          "engine_full"),
    value(kPartsThrow,
          "if(extract(engine_full, 'parts_to_throw_insert = (\\\\d+)') = '', (SELECT "
          "toFloat64(value) "
          "FROM system.merge_tree_settings WHERE name = 'parts_to_throw_insert'), "
          "toFloat64OrZero(extract(engine_full, 'parts_to_throw_insert = (\\\\d+)')))",
          "engine_full"),
};

constexpr std::array kTables{
    label("database", "database"),
    label("name", "name"),
    label("partition_key", "partition_key"),
    label("sorting_key", "sorting_key"),
    value(kTableDefinition, "1", "partition_key sorting_key"),
};

// "… TTL time + toIntervalDay(90) DELETE SETTINGS …". One that moves rows, or has several parts or
// a condition, is not read. Months and years are those of the Gregorian calendar on the average.
constexpr std::array kTtl{
    label("database", "database"),
    label("name", "name"),
    value(kTableTtl, "position(engine_full, ' TTL ') > 0", "engine_full"),
    value(kTableRetention,
          "if(match(engine_full, ' TTL [^,]*\\\\+ toInterval[A-Za-z]+\\\\(\\\\d+\\\\)( DELETE)?( "
          "SETTINGS .*)?$'), toFloat64OrZero(extract(engine_full, ' TTL [^,]*\\\\+ "
          "toInterval[A-Za-z]+\\\\((\\\\d+)\\\\)')) * transform(extract(engine_full, ' TTL "
          "[^,]*\\\\+ "
          "toInterval([A-Za-z]+)'), ['Second', 'Minute', 'Hour', 'Day', 'Week', 'Month', "
          "'Quarter', 'Year'], [1, 60, 3600, 86400, 604800, 2629746, 7889238, 31556952], 0), NULL)",
          "engine_full"),
};
constexpr std::string_view kMergeTrees = "engine LIKE '%MergeTree' AND database != 'system'";

constexpr std::array kClusters{
    label("cluster", "cluster"),
    value(kClusterShards, "count()", "shard_num"),
    value(kClusterReplicas, "min(replicas)", "replica_num"),
};
constexpr std::string_view kShards =
    "SELECT hostName() AS host_name, cluster, shard_num, count() AS replicas FROM {} WHERE NOT "
    "startsWith(cluster, 'test_') GROUP BY host_name, cluster, shard_num";

constexpr std::array kDetached{
    label("database", "database"),
    label("table", "table"),
    label("ifNull(reason, '')", "reason"),
    value(kDetachedParts, "count()", "name"),
    value(kDetachedSize, "sum(bytes_on_disk)", "bytes_on_disk"),
};

constexpr std::array kDisks{
    label("name", "name"),
    value(kDiskFree, "free_space", "free_space"),
    value(kDiskLimit, "total_space", "total_space"),
    value(kDiskUnreserved, "unreserved_space", "unreserved_space"),
    value(kDiskBroken, "is_broken", "is_broken"),
};

constexpr std::array kMoving{
    label("database", "database"),
    label("table", "table"),
    label("target_disk_name", "target_disk_name"),
    value(kMoves, "count()", "part_name"),
    value(kMoveAge, "max(elapsed)", "elapsed"),
};

constexpr std::array kChecks{
    Check{.signal = "clickhouse.parts",
          .table = "parts",
          .period = seconds(15),
          .shape = Shape::kGroups,
          .columns = kParts,
          .inner = kPartsByPartition,
          .needs = "database table partition_id active rows bytes_on_disk modification_time",
          .order = "max(parts) DESC"},
    Check{.signal = "clickhouse.part_limits",
          .table = "tables",
          .period = seconds(300),
          .columns = kPartLimits,
          .where = "engine LIKE '%MergeTree'",
          .needs = "database name engine"},
    Check{.signal = "clickhouse.tables",
          .table = "tables",
          .period = seconds(60),
          .columns = kTables,
          .where = kMergeTrees,
          .needs = "database name engine"},
    Check{.signal = "clickhouse.ttl",
          .table = "tables",
          .period = seconds(60),
          .columns = kTtl,
          .where = kMergeTrees,
          .needs = "database name engine"},
    Check{.signal = "clickhouse.clusters",
          .table = "clusters",
          .period = seconds(60),
          .shape = Shape::kGroups,
          .columns = kClusters,
          .inner = kShards,
          .needs = "cluster"},
    Check{.signal = "clickhouse.detached_parts",
          .table = "detached_parts",
          .period = seconds(60),
          .shape = Shape::kGroups,
          .columns = kDetached,
          .order = "count() DESC"},
    Check{.signal = "clickhouse.disks", .table = "disks", .columns = kDisks},
    Check{.signal = "clickhouse.moves",
          .table = "moves",
          .shape = Shape::kGroups,
          .columns = kMoving},
};

}  // namespace

std::span<const Check> storage_checks() {
  return kChecks;
}

}  // namespace plumbline::clickhouse
