// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "collectors/clickhouse/check.h"
#include "collectors/clickhouse/server_signals.h"

namespace plumbline::clickhouse {
namespace {

using std::chrono::seconds;

constexpr std::array kMetrics{label("metric", "metric"), value(kMetric, "value", "value")};
// Those that say how full something is; servers have some hundred others.
constexpr std::string_view kMetricNames =
    "metric IN ('Query', 'Merge', 'PartMutation', 'ReplicatedFetch', 'ReplicatedSend', "
    "'ReplicatedChecks', 'BackgroundPoolTask', 'BackgroundMergesAndMutationsPoolTask', "
    "'BackgroundMergesAndMutationsPoolSize', 'BackgroundFetchesPoolTask', "
    "'BackgroundFetchesPoolSize', 'BackgroundCommonPoolTask', 'BackgroundCommonPoolSize', "
    "'BackgroundMovePoolTask', 'BackgroundMovePoolSize', 'BackgroundSchedulePoolTask', "
    "'BackgroundSchedulePoolSize', 'BackgroundMessageBrokerSchedulePoolTask', "
    "'BackgroundMessageBrokerSchedulePoolSize', 'DiskSpaceReservedForMerge', 'DistributedSend', "
    "'QueryPreempted', 'TCPConnection', 'HTTPConnection', 'InterserverConnection', "
    "'ReadonlyReplica', 'ZooKeeperSession', 'ZooKeeperWatch', 'ZooKeeperRequest', "
    "'KeeperOutstandingRequests', 'DelayedInserts', 'ContextLockWait', 'RWLockWaitingReaders', "
    "'RWLockWaitingWriters', 'DistributedFilesToInsert', 'BrokenDistributedFilesToInsert', "
    "'PartsActive', 'PartsOutdated', 'PendingAsyncInsert', 'AsynchronousInsertQueueBytes', "
    "'KafkaConsumers', 'KafkaConsumersWithAssignment', 'KafkaAssignedPartitions', "
    "'KafkaBackgroundReads')";

constexpr std::array kCounted{label("event", "event"), value(kEvents, "value", "value")};
constexpr std::string_view kEventNames =
    "event IN ('Query', 'SelectQuery', 'InsertQuery', 'AsyncInsertQuery', 'FailedQuery', "
    "'FailedSelectQuery', 'FailedInsertQuery', 'FailedAsyncInsertQuery', 'QueryTimeMicroseconds', "
    "'InsertedRows', 'InsertedBytes', 'DelayedInserts', 'DelayedInsertsMilliseconds', "
    "'RejectedInserts', 'RejectedMutations', 'DelayedMutations', 'DuplicatedInsertedBlocks', "
    "'DuplicatedAsyncInserts', 'SelectedRows', 'SelectedBytes', 'MergedRows', "
    "'MergedUncompressedBytes', 'MergesTimeMilliseconds', 'ReplicatedPartFetches', "
    "'ReplicatedPartFailedFetches', 'ReplicatedDataLoss', 'ReplicatedPartChecksFailed', "
    "'ZooKeeperTransactions', 'ZooKeeperHardwareExceptions', 'ZooKeeperUserExceptions', "
    "'ZooKeeperWaitMicroseconds', 'DistributedConnectionFailTry', "
    "'DistributedConnectionFailAtAll', "
    "'QueryMemoryLimitExceeded', 'CannotRemoveEphemeralNode', 'SlowRead', 'OSCPUWaitMicroseconds', "
    "'OSCPUVirtualTimeMicroseconds', 'NetworkErrors', 'KafkaMessagesRead', 'KafkaMessagesFailed', "
    "'KafkaRowsRejected', 'KafkaCommits', 'KafkaCommitFailures', 'KafkaConsumerErrors', "
    "'KafkaRebalanceRevocations', 'KafkaRebalanceErrors', 'KafkaMVNotReady')";

constexpr std::array kErrorRows{
    label("name", "name"),
    value(kErrors, "sum(value)", "value"),
    // An old message is no news.
    failure("anyIf(last_error_message, last_error_time > now() - 60)",
            "last_error_message last_error_time"),
};

constexpr std::array kMemory{
    value(kMemoryUsage, "greatest(0, max(value))", "value"),
};
constexpr std::array kMemoryMax{
    value(kMemoryLimit, "if(max(toUInt64(value)) = 0, NULL, max(toUInt64(value)))", "value"),
};

constexpr std::array kVersion{
    label("version()", ""),
    value(kBuild, "count()", "name"),
};

// Without those that our own queries set.
constexpr std::array kSettings{
    label("fingerprint", ""),
    value(kSettingsChanged, "changed_settings", "name"),
};
constexpr std::string_view kFingerprint =
    "SELECT hostName() AS host_name, lower(hex(groupBitXor(cityHash64(name, value)))) AS "
    "fingerprint, count() AS changed_settings FROM {} WHERE changed AND name NOT IN "
    "('max_execution_time', 'max_threads', 'priority', 'log_comment', 'readonly', "
    "'max_memory_usage', 'cancel_http_readonly_queries_on_client_close', "
    "'enable_http_compression', 'skip_unavailable_shards', 'wait_end_of_query') "
    "GROUP BY host_name";

constexpr std::array kChecks{
    Check{.signal = "clickhouse.metrics",
          .table = "metrics",
          .columns = kMetrics,
          .where = kMetricNames,
          .needs = "metric"},
    Check{.signal = "clickhouse.events",
          .table = "events",
          .columns = kCounted,
          .where = kEventNames,
          .needs = "event"},
    Check{.signal = "clickhouse.errors",
          .table = "errors",
          .shape = Shape::kGroups,
          .columns = kErrorRows,
          .where = "value > 0",
          .needs = "value last_error_time",
          .order = "max(last_error_time) DESC"},
    Check{.signal = "clickhouse.memory",
          .table = "metrics",
          .shape = Shape::kGroups,
          .columns = kMemory,
          .where = "metric = 'MemoryTracking'",
          .needs = "metric"},
    Check{.signal = "clickhouse.memory_limit",
          .table = "server_settings",
          .period = seconds(300),
          .shape = Shape::kGroups,
          .columns = kMemoryMax,
          .where = "name = 'max_server_memory_usage'",
          .needs = "name"},
    Check{.signal = "clickhouse.version",
          .table = "databases",
          .period = seconds(60),
          .shape = Shape::kGroups,
          .columns = kVersion,
          .where = "name = 'system'",
          .needs = "name"},
    Check{.signal = "clickhouse.settings",
          .table = "settings",
          .period = seconds(300),
          .columns = kSettings,
          .inner = kFingerprint,
          .needs = "name value changed"},
};

}  // namespace

std::span<const Check> server_checks() {
  return kChecks;
}

}  // namespace plumbline::clickhouse
