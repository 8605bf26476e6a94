// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/facts.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace plumbline::clickhouse {
namespace {

namespace asio = boost::asio;

// What our queries ask for themselves, as far as the server knows the setting: one thread, a low
// priority (the number is a rank), little memory, an end, a name in its logs, and no rights that
// they do not need.
constexpr std::string_view kMemory = "268435456";  // bytes; sorting 1,000 groups takes a few MB
constexpr std::string_view kPriority = "10";

Settings wanted_settings(const ClickHouseConfig& config) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(config.timeout).count();
  return {{"max_execution_time", fmt::to_string(seconds)},
          {"max_threads", "1"},
          {"max_memory_usage", std::string(kMemory)},
          {"priority", std::string(kPriority)},
          {"log_comment", "plumbline"},
          {"cancel_http_readonly_queries_on_client_close", "1"},
          {"skip_unavailable_shards", "1"},
          {"enable_http_compression", config.compression ? "1" : "0"},
          {"readonly", "2"}};  // the last: no setting can be changed from here on to 0
}

asio::awaitable<Result<>> learn_settings(Client& client,
                                         const ClickHouseConfig& config,
                                         Deadline deadline,
                                         Facts& facts) {
  const auto wanted = wanted_settings(config);
  std::vector<std::string> names;
  for (const auto& [name, value] : wanted) names.push_back(sql_text(name));
  const auto answer = co_await client.query(
      fmt::format("SELECT name, value, {} FROM system.settings WHERE name IN ({})",
                  kWhole,
                  fmt::join(names, ", ")),
      {},
      deadline);
  if (!answer) co_return answer.error();
  std::map<std::string, std::string> known;
  for (const auto& row : answer->table.rows) known[row[0].value_or("")] = row[1].value_or("");
  const auto readonly = known["readonly"];
  if (readonly == "1") {
    facts.restriction =
        "the user has readonly = 1, so that the agent cannot limit its own queries; readonly = 2 "
        "lets it";
    co_return Result<>();
  }
  for (const auto& setting : wanted) {
    const bool is_set = setting.first == "readonly" && readonly != "0";
    if (known.contains(setting.first) && !is_set) facts.settings.push_back(setting);
  }
  co_return Result<>();
}

asio::awaitable<Result<>> learn_identity(Client& client, Deadline deadline, Facts& facts) {
  const auto answer = co_await client.query(
      fmt::format("SELECT version(), uptime(), toUnixTimestamp(now()), {}", kWhole),
      facts.settings,
      deadline);
  if (!answer) co_return answer.error();
  if (answer->table.rows.size() != 1) {
    co_return Error{.code = Errc::kMalformed, .what = "the server does not tell its version"};
  }
  const auto& row = answer->table.rows.front();
  facts.version = row[0].value_or("");
  facts.uptime = std::chrono::seconds(read_integer(row[1].value_or("")).value_or(0));
  facts.now = read_integer(row[2].value_or("")).value_or(0);
  co_return Result<>();
}

asio::awaitable<Result<>> learn_schema(Client& client,
                                       const ClickHouseConfig& config,
                                       Deadline deadline,
                                       Facts& facts) {
  std::set<std::string> tables;
  for (const auto* check : all_checks()) tables.insert(sql_text(check->table));
  const auto answer = co_await client.query(
      fmt::format(
          "SELECT table, name, {} FROM system.columns WHERE database = {} AND table IN ({})",
          kWhole,
          sql_text(config.database),
          fmt::join(tables, ", ")),
      facts.settings,
      deadline);
  if (!answer) co_return answer.error();
  for (const auto& row : answer->table.rows) {
    facts.schema[row[0].value_or("")].insert(row[1].value_or(""));
  }
  if (!facts.schema.empty()) co_return Result<>();
  co_return Error{
      .code = Errc::kUnsupported,
      .what = fmt::format("the database {} has no table of system, or the user may see none",
                          sql_name(config.database))};
}

}  // namespace

asio::awaitable<Result<Facts>> learn(Client& client,
                                     const ClickHouseConfig& config,
                                     Deadline deadline) {
  Facts facts;
  if (auto done = co_await learn_settings(client, config, deadline, facts); !done) {
    co_return done.error();
  }
  if (auto done = co_await learn_identity(client, deadline, facts); !done) co_return done.error();
  if (auto done = co_await learn_schema(client, config, deadline, facts); !done) {
    co_return done.error();
  }
  co_return facts;
}

}  // namespace plumbline::clickhouse
