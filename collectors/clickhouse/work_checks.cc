// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "collectors/clickhouse/check.h"
#include "collectors/clickhouse/work_signals.h"

namespace plumbline::clickhouse {
namespace {

using std::chrono::seconds;

constexpr std::array kMerging{
    label("database", "database"),
    label("table", "table"),
    value(kMerges, "count()", "elapsed"),
    value(kMergeAge, "max(elapsed)", "elapsed"),
    value(kMergeLeft,
          "max(if(progress > 0, elapsed * (1 - progress) / progress, NULL))",
          "elapsed progress"),
    value(kMergeMemory, "sum(memory_usage)", "memory_usage"),
};

constexpr std::array kMutating{
    label("database", "database"),
    label("table", "table"),
    value(kMutations, "count()", "mutation_id"),
    value(kMutationsFailing, "countIf(latest_fail_reason != '')", "latest_fail_reason"),
    value(kMutationParts, "sum(parts_to_do)", "parts_to_do"),
    value(
        kMutationAge, "toUnixTimestamp(now()) - toUnixTimestamp(min(create_time))", "create_time"),
    failure("anyIf(latest_fail_reason, latest_fail_reason != '')", "latest_fail_reason"),
};

// Servers before 20.x do not name the kind of a query: its first word does.
constexpr std::string_view kFirstWord = "upper(extract(query, '([a-zA-Z]+)'))";

constexpr std::array kRunning{
    label("user", "user"),
    label("upper(query_kind)", "query_kind", kFirstWord),
    value(kQueries, "count()", "query_id"),
    value(kQueryAge, "max(elapsed)", "elapsed"),
    value(kQueryMemory, "sum(memory_usage)", "memory_usage"),
};

constexpr std::array kDictionaries{
    label("database", "database"),
    label("name", "name"),
    value(kDictionarySize, "bytes_allocated", "bytes_allocated"),
    value(kDictionaryFailed, "last_exception != ''", "last_exception"),
    value(kDictionaryAge,
          "if(toUnixTimestamp(last_successful_update_time) = 0, NULL, "
          "toInt64(toUnixTimestamp(now())) - toUnixTimestamp(last_successful_update_time))",
          "last_successful_update_time"),
    failure("last_exception", "last_exception"),
};

constexpr std::array kBackedUp{
    label("toString(status)", "status"),
    value(kBackups, "count()", "id"),
    value(kBackupAge,
          "min(toUnixTimestamp(now()) - toUnixTimestamp(if(toUnixTimestamp(end_time) = 0, "
          "start_time, end_time)))",
          "start_time end_time"),
    failure("anyIf(error, error != '')", "error"),
};

constexpr std::array kChecks{
    Check{.signal = "clickhouse.merges",
          .table = "merges",
          .shape = Shape::kGroups,
          .columns = kMerging,
          .order = "max(elapsed) DESC"},
    Check{.signal = "clickhouse.mutations",
          .table = "mutations",
          .period = seconds(15),
          .shape = Shape::kGroups,
          .columns = kMutating,
          .where = "is_done = 0",
          .needs = "is_done"},
    Check{.signal = "clickhouse.processes",
          .table = "processes",
          .shape = Shape::kGroups,
          .columns = kRunning,
          .where = "http_user_agent != 'plumbline'",
          .needs = "http_user_agent query",
          .order = "max(elapsed) DESC"},
    Check{.signal = "clickhouse.dictionaries",
          .table = "dictionaries",
          .period = seconds(30),
          .columns = kDictionaries},
    Check{.signal = "clickhouse.backups",
          .table = "backups",
          .period = seconds(60),
          .shape = Shape::kGroups,
          .columns = kBackedUp},
};

}  // namespace

std::span<const Check> work_checks() {
  return kChecks;
}

}  // namespace plumbline::clickhouse
