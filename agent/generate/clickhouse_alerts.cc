// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "agent/generate/alert_parts.h"
#include "agent/generate/indicator.h"
#include "agent/generate/slo_rules.h"
#include "collectors/clickhouse/signals.h"

namespace plumbline {
namespace {

using std::chrono::minutes;

constexpr std::string_view kAddress = "server.address";
constexpr std::string_view kPort = "server.port";
constexpr std::string_view kReason = "plumbline.clickhouse.detach.reason";
constexpr std::string_view kView = "plumbline.clickhouse.view.name";
// Parts that the server put aside because it could not use them; others are detached by hand, or
// left over from work that ended well.
constexpr std::string_view kBroken = "broken.*|unexpected.*|noquorum.*|covered-by-broken";

std::string by_table(std::string_view aggregation) {
  return by(aggregation, {kAddress, kPort, "db.namespace", "db.collection.name"});
}

std::vector<Matcher> a_table(const ClickHouseCluster& cluster) {
  return with(with(a_server(cluster), {"db.namespace", "shop"}), {"db.collection.name", "orders"});
}

constexpr std::string_view kTable =
    "{{ $labels.db_namespace }}.{{ $labels.db_collection_name }} on "
    "{{ $labels.server_address }}:{{ $labels.server_port }}";

// An alert on tables for which a metric is more than zero.
LimitAlert above_zero(const ClickHouseCluster& cluster,
                      const MetricSpec& spec,
                      const std::vector<Matcher>& more,
                      Said said) {
  auto servers = servers_of(cluster);
  servers.insert(servers.end(), more.begin(), more.end());
  auto one = a_table(cluster);
  for (const auto& matcher : more) one.push_back({matcher.attribute, "broken-on-start"});
  return {limit_alert(cluster.common,
                      std::move(said),
                      fmt::format("{} ({}) > 0", by_table("max"), series(spec, servers))),
          {{series(spec, one), "0", "1"}}};
}

LimitAlert parts(const ClickHouseCluster& cluster) {
  const auto servers = servers_of(cluster);
  const auto one = a_table(cluster);
  return {
      limit_alert(cluster.common,
                  {"Parts",
                   page_severity(cluster.common),
                   minutes(5),
                   "a partition has so many parts that inserts are delayed",
                   fmt::format("The fullest partition of {} has {{{{ $value }}}} parts. Inserts "
                               "are slowed down now and refused soon (TOO_MANY_PARTS).",
                               kTable)},
                  fmt::format("{0} ({1})\n  >= {0} ({2})",
                              by_table("max"),
                              series(clickhouse::kPartsMax, servers),
                              series(clickhouse::kPartsDelay, servers))),
      {{series(clickhouse::kPartsMax, one), "10", "500"},
       {series(clickhouse::kPartsDelay, one), "150", "150"}}};
}

LimitAlert read_only(const ClickHouseCluster& cluster) {
  return above_zero(cluster,
                    clickhouse::kReplicaReadOnly,
                    {},
                    {"ReadOnly",
                     page_severity(cluster.common),
                     minutes(5),
                     "a replica takes no inserts",
                     fmt::format("The replica {} is read-only, most often since it lost Keeper: "
                                 "inserts fail and it falls behind.",
                                 kTable)});
}

LimitAlert mutation(const ClickHouseCluster& cluster) {
  return above_zero(cluster,
                    clickhouse::kMutationsFailing,
                    {},
                    {"Mutation",
                     "warning",
                     minutes(10),
                     "a mutation fails and is tried again and again",
                     fmt::format("{{{{ $value }}}} mutations of {} fail. Those after them wait, "
                                 "and the server goes on trying.",
                                 kTable)});
}

LimitAlert detached(const ClickHouseCluster& cluster) {
  return above_zero(cluster,
                    clickhouse::kDetachedParts,
                    {{kReason, std::string(kBroken), "=~"}},
                    {"Detached",
                     "warning",
                     minutes(5),
                     "the server put broken parts aside: rows are missing",
                     fmt::format("{{{{ $value }}}} parts of {} were found broken and detached. "
                                 "Queries do not see their rows.",
                                 kTable)});
}

LimitAlert consumer(const ClickHouseCluster& cluster) {
  return above_zero(cluster,
                    clickhouse::kConsumerExceptions,
                    {},
                    {"Consumer",
                     "warning",
                     minutes(10),
                     "a table that reads from Kafka fails",
                     fmt::format("The consumers of {} have met {{{{ $value }}}} exceptions in ten "
                                 "minutes: a record that cannot be parsed holds up its partition.",
                                 kTable)});
}

LimitAlert view(const ClickHouseCluster& cluster) {
  // One series stands for all servers, lest the alert on their number fire in the test.
  const auto servers =
      fmt::to_string(std::max<std::uint64_t>(1, cluster.replication * cluster.shards));
  const auto one = with(a_server(cluster), {kView, "shop.daily"});
  return {limit_alert(cluster.common,
                      {"View",
                       "warning",
                       minutes(0),
                       "a materialized view fails, and inserts with it",
                       "{{ $labels.plumbline_clickhouse_view_name }} on "
                       "{{ $labels.server_address }}:{{ $labels.server_port }} failed in the last "
                       "ten minutes. What was inserted into its source is missing in it, or was "
                       "refused."},
                      fmt::format("{} (\n{})",
                                  by("max", {kAddress, kPort, kView}),
                                  grew(series(clickhouse::kViewFailures, servers_of(cluster)),
                                       series(clickhouse::kUp, servers_of(cluster)),
                                       {kAddress, kPort}))),
          {{series(clickhouse::kViewFailures, one), "+0", "+10"},
           {series(clickhouse::kUp, a_server(cluster)), servers, servers}}};
}

}  // namespace

std::vector<LimitAlert> trouble_of(const ClickHouseCluster& cluster) {
  return {parts(cluster),
          read_only(cluster),
          mutation(cluster),
          detached(cluster),
          consumer(cluster),
          view(cluster)};
}

}  // namespace plumbline
