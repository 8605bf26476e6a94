// SPDX-License-Identifier: Apache-2.0
//
// What is asked of a server, told once: a check is a table of system and what its columns mean. The
// query is built from those of its columns that the server has.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/metric.h"
#include "collectors/collector.h"

namespace plumbline::clickhouse {

// One column of a check's query.
struct Column {
  enum class Role : std::uint8_t {
    kLabel,    // the next attribute of every metric of the check
    kValue,    // the value of `metric`; NULL has no point
    kFailure,  // the text of a failure of this row; empty for none
    kBucket,   // the bucket of the histogram `metric`; NULL for values of zero
    kCount,    // how many values that bucket has
    kSum,      // and their sum
    kField,    // what a record has under `name`; an alias of it, r_name, is known to `where`
  };

  Role role = Role::kLabel;
  std::string_view sql;    // an expression
  std::string_view needs;  // columns of the table that it reads, separated by spaces
  const MetricSpec* metric = nullptr;
  std::string_view otherwise = {};  // an expression for servers that lack them; empty: left out
  std::string_view name = {};       // of a kField
};

constexpr Column label(std::string_view sql,
                       std::string_view needs,
                       std::string_view otherwise = {}) {
  return {.role = Column::Role::kLabel, .sql = sql, .needs = needs, .otherwise = otherwise};
}
constexpr Column value(const MetricSpec& metric, std::string_view sql, std::string_view needs) {
  return {.role = Column::Role::kValue, .sql = sql, .needs = needs, .metric = &metric};
}
constexpr Column failure(std::string_view sql, std::string_view needs) {
  return {.role = Column::Role::kFailure, .sql = sql, .needs = needs};
}

constexpr Column bucket(const MetricSpec& metric, std::string_view sql, std::string_view needs) {
  return {.role = Column::Role::kBucket, .sql = sql, .needs = needs, .metric = &metric};
}
constexpr Column bucket_count(std::string_view sql, std::string_view needs) {
  return {.role = Column::Role::kCount, .sql = sql, .needs = needs};
}
constexpr Column bucket_sum(std::string_view sql, std::string_view needs) {
  return {.role = Column::Role::kSum, .sql = sql, .needs = needs};
}

constexpr Column field(std::string_view name,
                       std::string_view sql,
                       std::string_view needs,
                       std::string_view otherwise = {}) {
  return {.role = Column::Role::kField,
          .sql = sql,
          .needs = needs,
          .otherwise = otherwise,
          .name = name};
}

enum class Shape : std::uint8_t {
  kRows,     // a row of the table is a row of the answer
  kGroups,   // rows with the same labels are one
  kLog,      // so too, of a log table: values count from when the agent began to look, see log.h
  kRecords,  // each row of a log table once, see record_log.h; has the fields time and id
};

// How many groups of a kLog check have series.
enum class Budget : std::uint8_t { kRows, kQueryShapes };

struct Check {
  std::string_view signal;  // "clickhouse.parts"
  std::string_view table;   // of system
  std::string_view what;    // what one cannot see without it, for people
  std::chrono::seconds period{10};
  Shape shape = Shape::kRows;
  std::span<const Column> columns;
  // What stands for the table in FROM, with {} for the table; it has a column host_name.
  std::string_view inner = {};
  std::string_view where = {};
  std::string_view needs = {};  // columns without which there is no check
  std::string_view order = {};  // the most important rows first
  // What turns the table on, when servers have it off.
  std::string_view advice = {};
  Budget budget = Budget::kRows;
};

// Rows of one check; a server with more tables, queries or errors shows those that matter most.
inline constexpr std::size_t kMaxCheckRows = 1'000;
// Records bring texts: so many stay below the size of an answer.
inline constexpr std::size_t kMaxRecordRows = 500;

// Every check of a table.
std::span<const Check> storage_checks();
std::span<const Check> work_checks();
std::span<const Check> replication_checks();
std::span<const Check> ingest_checks();
std::span<const Check> server_checks();
std::span<const Check> query_checks();
std::span<const Check> trace_checks();
// All of the above, in this order.
std::vector<const Check*> all_checks();

// Tables with their columns.
using Schema = std::map<std::string, std::set<std::string, std::less<>>, std::less<>>;

// Where a check looks.
struct Source {
  std::string database = "system";
  std::string cluster;                       // empty: the server itself
  std::map<std::string, std::string> teams;  // by user
  bool traces = true;
  std::chrono::milliseconds slow{1'000};
  std::uint64_t trace_one_in = 100;
};

// A check on one server: its query, and which of its columns are in it.
struct Plan {
  // Empty when the check is unavailable. That of a log has {since}, {settled} for times.
  std::string sql;
  std::vector<const Column*> columns;  // of the answer, behind the name of the host
  SignalState state = SignalState::kUnavailable;
  std::string reason;
};

Plan plan_check(const Check& check, const Schema& schema, const Source& source);

// `text` with every `what` replaced.
std::string replaced(std::string_view text, std::string_view what, std::string_view with);

// `table` in a FROM clause.
std::string from_clause(std::string_view table, const Source& source);

// The words of `needs` that `columns` lacks.
std::vector<std::string_view> missing(std::string_view needs,
                                      const std::set<std::string, std::less<>>& columns);

}  // namespace plumbline::clickhouse
