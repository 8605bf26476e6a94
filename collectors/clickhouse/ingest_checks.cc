// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "collectors/clickhouse/check.h"
#include "collectors/clickhouse/ingest_signals.h"

namespace plumbline::clickhouse {
namespace {

using std::chrono::seconds;

constexpr std::array kInsertShape{
    label("databases[1]", "databases"),
    // Tables come as database.table.
    label("substring(tables[1], length(databases[1]) + 2)", "tables databases"),
    label("user", "user"),
    value(kInserts, "count()", "query_id"),
    value(kInsertRows, "sum(written_rows)", "written_rows"),
    value(kInsertSize, "sum(written_bytes)", "written_bytes"),
};

constexpr std::array kPartsMade{
    label("database", "database"),
    label("table", "table"),
    value(kNewParts, "count()", "part_name"),
    value(kNewPartRows, "sum(rows)", "rows"),
};

constexpr std::array kPartsFailed{
    label("database", "database"),
    label("table", "table"),
    label("toString(event_type)", "event_type"),
    value(kPartFailures, "count()", "error"),
    failure("any(exception)", "exception"),
};

constexpr std::array kAsyncWaiting{
    label("database", "database"),
    label("table", "table"),
    value(kAsyncPending, "sum(total_bytes)", "total_bytes"),
    value(kAsyncAge,
          "greatest(0, toInt64(toUnixTimestamp(now())) - "
          "toInt64(toUnixTimestamp(min(first_update))))",
          "first_update"),
};

constexpr std::array kAsyncFailed{
    label("database", "database"),
    label("table", "table"),
    label("toString(status)", "status"),
    value(kAsyncFailures, "count()", "query_id"),
    failure("any(exception)", "exception"),
};

constexpr std::array kKafka{
    label("database", "database"),
    label("table", "table"),
    value(kConsumers, "count()", "consumer_id"),
    value(kConsumerPartitions, "sum(length(assignments.topic))", "assignments.topic"),
    value(kConsumerMessages, "sum(num_messages_read)", "num_messages_read"),
    value(
        kConsumerPollAge,
        "toUnixTimestamp(now()) - minIf(toUnixTimestamp(last_poll_time), "
        "toUnixTimestamp(last_poll_time) > 0) + if(max(toUnixTimestamp(last_poll_time)) = 0, NULL, "
        "0)",
        "last_poll_time"),
    value(kConsumerCommitAge,
          "if(max(toUnixTimestamp(last_commit_time)) = 0, NULL, toUnixTimestamp(now()) - "
          "max(toUnixTimestamp(last_commit_time)))",
          "last_commit_time"),
    value(kConsumerRebalances, "sum(num_rebalance_revocations)", "num_rebalance_revocations"),
    value(kConsumerExceptions,
          "sum(arrayCount(t -> t > now() - 600, exceptions.time))",
          "exceptions.time"),
    value(kConsumerMissing,
          "countIf(arrayExists(x -> notEmpty(x), missing_dependencies))",
          "missing_dependencies"),
    failure("anyIf(exceptions.text[-1], exceptions.time[-1] > now() - 600)",
            "exceptions.text exceptions.time"),
};

constexpr std::array kDead{
    label("database", "database"),
    label("table", "table"),
    label("kafka_topic_name", "kafka_topic_name"),
    value(kDeadLetters, "count()", "error"),
    failure("any(error)", "error"),
};

constexpr std::array kViews{
    label("view_name", "view_name"),
    value(kViewFailures, "count()", "exception_code"),
    failure("any(exception)", "exception"),
};

constexpr std::array kRefreshes{
    label("database", "database"),
    label("view", "view"),
    value(kRefreshFailed, "exception != ''", "exception"),
    value(kRefreshAge,
          "toInt64(toUnixTimestamp(now())) - toUnixTimestamp(last_success_time)",
          "last_success_time"),
    failure("exception", "exception"),
};

constexpr std::array kChecks{
    Check{.signal = "clickhouse.inserts",
          .table = "query_log",
          .shape = Shape::kLog,
          .columns = kInsertShape,
          .where = "toInt8(type) = 2 AND query_kind IN ('Insert', 'AsyncInsertFlush') AND "
                   "notEmpty(tables)",
          .needs = "type query_kind tables databases",
          .order = "count() DESC",
          .advice = "servers write it when log_queries is on"},
    Check{.signal = "clickhouse.new_parts",
          .table = "part_log",
          .shape = Shape::kLog,
          .columns = kPartsMade,
          .where = "toInt8(event_type) = 1 AND error = 0",
          .needs = "event_type error",
          .order = "count() DESC",
          .advice = "part_log is a section of the server's configuration"},
    Check{.signal = "clickhouse.part_failures",
          .table = "part_log",
          .shape = Shape::kLog,
          .columns = kPartsFailed,
          .where = "error != 0",
          .needs = "error",
          .advice = "part_log is a section of the server's configuration"},
    Check{.signal = "clickhouse.async_inserts",
          .table = "asynchronous_inserts",
          .shape = Shape::kGroups,
          .columns = kAsyncWaiting},
    Check{.signal = "clickhouse.async_insert_failures",
          .table = "asynchronous_insert_log",
          .shape = Shape::kLog,
          .columns = kAsyncFailed,
          .where = "toInt8(status) != 0",
          .needs = "status",
          .advice = "asynchronous_insert_log is a section of the server's configuration"},
    Check{.signal = "clickhouse.kafka_consumers",
          .table = "kafka_consumers",
          .shape = Shape::kGroups,
          .columns = kKafka},
    Check{.signal = "clickhouse.dead_letters",
          .table = "dead_letter_queue",
          .shape = Shape::kLog,
          .columns = kDead,
          .advice = "dead_letter_queue is a section of the server's configuration"},
    Check{.signal = "clickhouse.view_failures",
          .table = "query_views_log",
          .shape = Shape::kLog,
          .columns = kViews,
          .where = "toInt8(status) >= 3",
          .needs = "status",
          .advice = "query_views_log is a section of the server's configuration"},
    Check{.signal = "clickhouse.view_refreshes", .table = "view_refreshes", .columns = kRefreshes},
};

}  // namespace

std::span<const Check> ingest_checks() {
  return kChecks;
}

}  // namespace plumbline::clickhouse
