// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/check.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "collectors/clickhouse/client.h"

namespace plumbline::clickhouse {
namespace {

using Columns = std::set<std::string, std::less<>>;

struct Expressions {
  std::vector<std::string> selected;
  std::vector<std::string> labels;  // their aliases
  std::vector<std::string_view> absent;
};

// Adds one column as far as the server can give it.
void add(const Column& column, const Columns& known, Expressions& out, Plan& plan) {
  const auto absent = missing(column.needs, known);
  out.absent.insert(out.absent.end(), absent.begin(), absent.end());
  auto sql = absent.empty() ? column.sql : column.otherwise;
  if (sql.empty() && column.role == Column::Role::kLabel) sql = "NULL";
  if (sql.empty()) return;
  const auto alias = column.role == Column::Role::kField ? fmt::format("r_{}", column.name)
                                                         : fmt::format("c{}", plan.columns.size());
  out.selected.push_back(fmt::format("{} AS {}", sql, alias));
  const bool is_key = column.role == Column::Role::kLabel || column.role == Column::Role::kBucket;
  if (is_key && sql != "NULL") out.labels.push_back(alias);
  plan.columns.push_back(&column);
}

bool has_value(const Plan& plan) {
  return std::any_of(plan.columns.begin(), plan.columns.end(), [](const Column* column) {
    return column->role != Column::Role::kLabel;
  });
}

std::string needs_of(const Check& check) {
  std::string needs(check.needs);
  if (check.shape == Shape::kLog)
    needs += needs.empty() ? "event_date event_time" : " event_date event_time";
  return needs;
}

std::string where_of(const Check& check) {
  if (check.shape == Shape::kRecords) {
    return fmt::format(
        "({}) AND (r_time > {{after}} OR (r_time = {{after}} AND r_id > {{after_id}}))",
        check.where);
  }
  if (check.shape != Shape::kLog) return std::string(check.where);
  std::string out =
      "event_date >= toDate(toDateTime({since})) AND event_time >= toDateTime({since})";
  if (!check.where.empty()) out += fmt::format(" AND ({})", check.where);
  return out;
}

// An expression for the team that the configuration gives the user of a query.
std::string team_of_user(const Source& source) {
  if (source.teams.empty()) return "''";
  std::vector<std::string> users;
  std::vector<std::string> teams;
  for (const auto& [user, team] : source.teams) {
    users.push_back(sql_text(user));
    teams.push_back(sql_text(team));
  }
  return fmt::format(
      "transform(user, [{}], [{}], '')", fmt::join(users, ", "), fmt::join(teams, ", "));
}

// Whether a trace, r_trace, is one of those that are shown of the others, by what W3C and
// OpenTelemetry call its random part: its last 7 bytes. Who else samples so shows the same traces.
std::string sampled(const Source& source) {
  if (!source.traces || source.trace_one_in == 0) return "0";
  constexpr std::uint64_t kRange = std::uint64_t{1} << 56U;
  return fmt::format("reinterpretAsUInt64(reverse(unhex(substring(r_trace, 19, 14)))) >= {}",
                     kRange - kRange / source.trace_one_in);
}

// Fills in what a check of records asks for.
std::string record_sql(std::string sql, const Check& check, const Source& source) {
  constexpr std::string_view kTraceparent = "00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}";
  const auto slow = fmt::to_string(source.slow.count());
  for (const auto& [what, with] : std::initializer_list<std::pair<std::string_view, std::string>>{
           {"{table}", from_clause(check.table, source)},
           {"{sampled}", sampled(source)},
           {"{traces}", source.traces ? "1" : "0"},
           {"{slow_queries}", source.traces ? "query_duration_ms >= " + slow : "0"},
           {"{slow}", slow},
           {"{traceparent}", std::string(kTraceparent)}}) {
    sql = replaced(sql, what, with);
  }
  return sql;
}

std::string sentence(std::vector<std::string_view> absent, const Check& check) {
  std::sort(absent.begin(), absent.end());
  absent.erase(std::unique(absent.begin(), absent.end()), absent.end());
  return fmt::format("system.{} has no {} here", check.table, fmt::join(absent, ", "));
}

}  // namespace

std::string replaced(std::string_view text, std::string_view what, std::string_view with) {
  std::string out;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what)) {
    out.append(text.substr(0, at)).append(with);
    text.remove_prefix(at + what.size());
  }
  return out.append(text);
}

std::vector<std::string_view> missing(std::string_view needs, const Columns& columns) {
  std::vector<std::string_view> out;
  while (!needs.empty()) {
    const auto end = std::min(needs.find(' '), needs.size());
    if (!columns.contains(needs.substr(0, end))) out.push_back(needs.substr(0, end));
    needs.remove_prefix(std::min(end + 1, needs.size()));
  }
  return out;
}

std::string from_clause(std::string_view table, const Source& source) {
  auto name = fmt::format("{}.{}", sql_name(source.database), sql_name(table));
  if (source.cluster.empty()) return name;
  return fmt::format("clusterAllReplicas({}, {})", sql_text(source.cluster), name);
}

Plan plan_check(const Check& check, const Schema& schema, const Source& source) {
  Plan plan;
  const auto known = schema.find(check.table);
  if (known == schema.end()) {
    plan.reason = fmt::format("there is no {}.{}, or the user may not see it{}{}",
                              source.database,
                              check.table,
                              check.advice.empty() ? "" : ": ",
                              check.advice);
    return plan;
  }
  const auto needs = needs_of(check);
  if (auto absent = missing(needs, known->second); !absent.empty()) {
    plan.reason = sentence(std::move(absent), check);
    return plan;
  }
  Expressions parts;
  // Within a cluster, rows of an inner query bring the name of their host along.
  const bool host_is_inside = !check.inner.empty() && !source.cluster.empty();
  parts.selected.emplace_back(host_is_inside ? "host_name AS host" : "hostName() AS host");
  if (check.shape == Shape::kLog) {
    parts.selected.emplace_back("event_time < toDateTime({settled}) AS settled");
    parts.labels.emplace_back("settled");
  }
  if (!source.cluster.empty()) parts.labels.emplace_back("host");
  for (const auto& column : check.columns) add(column, known->second, parts, plan);
  if (!has_value(plan)) {
    plan.reason = sentence(std::move(parts.absent), check);
    return plan;
  }
  plan.state = parts.absent.empty() ? SignalState::kAvailable : SignalState::kDegraded;
  if (!parts.absent.empty()) plan.reason = sentence(std::move(parts.absent), check);
  auto from = from_clause(check.table, source);
  if (!check.inner.empty()) from = fmt::format("({})", replaced(check.inner, "{}", from));
  plan.sql = fmt::format("SELECT {}, {} FROM {}", fmt::join(parts.selected, ", "), kWhole, from);
  if (const auto where = where_of(check); !where.empty()) plan.sql += " WHERE " + where;
  const bool is_grouped = check.shape == Shape::kGroups || check.shape == Shape::kLog;
  if (is_grouped && !parts.labels.empty()) {
    plan.sql += fmt::format(" GROUP BY {}", fmt::join(parts.labels, ", "));
  }
  if (!check.order.empty()) plan.sql += fmt::format(" ORDER BY {}", check.order);
  if (check.shape == Shape::kRecords) {
    plan.sql += fmt::format(" ORDER BY r_time, r_id LIMIT {}", kMaxRecordRows);
    plan.sql = record_sql(plan.sql, check, source);
  } else {
    plan.sql += fmt::format(" LIMIT {}", kMaxCheckRows);
  }
  plan.sql = replaced(plan.sql, "{teams}", team_of_user(source));
  return plan;
}

std::vector<const Check*> all_checks() {
  std::vector<const Check*> out;
  for (const auto group : {storage_checks(),
                           work_checks(),
                           replication_checks(),
                           ingest_checks(),
                           server_checks(),
                           query_checks(),
                           trace_checks()}) {
    for (const auto& check : group) out.push_back(&check);
  }
  return out;
}

}  // namespace plumbline::clickhouse
