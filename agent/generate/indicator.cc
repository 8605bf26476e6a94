// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/indicator.h"

#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/config/quantity.h"
#include "collectors/clickhouse/signals.h"
#include "collectors/kafka/signals.h"

namespace plumbline {
namespace {

using Role = TestSeries::Role;

Indicator begin(const PlatformManifest& manifest, const NamedObjective& named) {
  return {.slo = fmt::format("{}-{}", manifest.common().name, named.name), .named = named};
}

// A series that fits the matchers, for tests: without patterns, they are its labels.
std::string example_of(const MetricSpec& spec,
                       std::vector<Matcher> matchers,
                       std::string_view suffix = {}) {
  for (auto& matcher : matchers) {
    if (matcher.comparison == "=") continue;
    // Alternatives of literal texts: the first.
    matcher.value = matcher.value.substr(0, matcher.value.find('|'));
    std::erase(matcher.value, '\\');
    matcher.comparison = "=";
  }
  return series(spec, matchers, suffix);
}

// Where nobody asks there is nothing to count, as long as the server's log can be read; and of a
// server that does not answer nothing can be counted, which is known.
std::string or_silent(const std::string& counted,
                      const std::vector<Matcher>& servers,
                      const std::string& check) {
  const auto readable = with(servers, {"plumbline.clickhouse.check.name", check});
  return fmt::format("{} or {} > 0 or {} == 0",
                     counted,
                     series(clickhouse::kCheckCoverage, readable),
                     series(clickhouse::kUp, servers));
}

// 1 where a server answers.
Indicator availability(const ClickHouseCluster& cluster, Indicator indicator) {
  const auto servers = servers_of(cluster);
  const auto up = series(clickhouse::kUp, servers);
  indicator.subject = "looks at a server that it did not answer";
  indicator.counting = Indicator::Counting::kSlices;
  indicator.bad = fmt::format("count({0}) - sum({0})", up);
  indicator.all = fmt::format("count({})", up);
  indicator.present = up;
  indicator.test_series = {{example_of(clickhouse::kUp, servers), Role::kState, "1", "0"}};
  return indicator;
}

Indicator queries(const ClickHouseCluster& cluster, Indicator indicator) {
  const auto servers = servers_of(cluster);
  const auto all = series(clickhouse::kPaidQueries, servers);
  const auto bad = series(clickhouse::kPaidFailures, servers);
  indicator.subject = "queries that failed";
  indicator.counting = Indicator::Counting::kEvents;
  indicator.all = fmt::format("sum(increase({}[$window]))", all);
  // A series of failures that is not born yet is none, not an absent number.
  indicator.bad = fmt::format("sum(increase({}[$window])) or 0 * {}", bad, indicator.all);
  indicator.present = or_silent(all, servers, "query_cost");
  indicator.test_series = {{example_of(clickhouse::kPaidQueries, servers), Role::kAll, {}, {}},
                           {example_of(clickhouse::kPaidFailures, servers), Role::kBad, {}, {}}};
  return indicator;
}

Indicator latency(const ClickHouseCluster& cluster, Indicator indicator) {
  const auto servers = servers_of(cluster);
  const auto below = static_cast<std::uint64_t>(cluster.latency_below.count());
  const auto edge = promql_number(static_cast<double>(below) / 1'000);
  // Prometheus 3 writes a whole number as 1.0, before it stays 1.
  const auto edges = fmt::format(
      "{}{}", literal_pattern(edge), edge.find('.') == std::string::npos ? "(\\.0)?" : "");
  const auto& spec = clickhouse::kQueryDuration;
  const auto all = series(spec, servers, "_count");
  const auto good = series(spec, with(servers, {"le", edges, "=~"}), "_bucket");
  indicator.subject = fmt::format("queries that took longer than {}", format_duration(below));
  indicator.counting = Indicator::Counting::kEvents;
  indicator.all = fmt::format("sum(increase({}[$window]))", all);
  indicator.bad = fmt::format("clamp_min({} - sum(increase({}[$window])), 0)", indicator.all, good);
  indicator.present = or_silent(all, servers, "query_duration");
  indicator.test_series = {
      {example_of(spec, servers, "_count"), Role::kAll, {}, {}},
      {example_of(spec, with(servers, {"le", edge, "="}), "_bucket"), Role::kGood, {}, {}}};
  return indicator;
}

// The oldest record that waits, whichever agent looked and however it found out.
Indicator freshness(const DataPipeline& pipeline, Indicator indicator) {
  const auto within = static_cast<std::uint64_t>(pipeline.fresh_within.count());
  const auto matchers = with(group_of(pipeline), {"topic", pipeline.topic, "="});
  const auto lag = series(kafka::kLagTime, matchers);
  const auto seconds = static_cast<double>(within) / 1'000;
  indicator.subject = fmt::format("moments in which a record of {} had waited longer than {}",
                                  pipeline.topic,
                                  format_duration(within));
  indicator.counting = Indicator::Counting::kSlices;
  indicator.bad = fmt::format("max({}) > bool {}", lag, promql_number(seconds));
  indicator.all = fmt::format("count(max({}))", lag);
  indicator.present = lag;
  indicator.test_series = {{example_of(kafka::kLagTime, matchers),
                            Role::kState,
                            promql_number(seconds / 2),
                            promql_number(seconds * 10)}};
  return indicator;
}

// Two agents that look at one cluster count the same records, hence the maximum.
Indicator completeness(const DataPipeline& pipeline, Indicator indicator) {
  const auto of_topic = topic_of(pipeline, pipeline.topic);
  const auto of_group = with(group_of(pipeline), {"topic", pipeline.topic, "="});
  const auto written = series(kafka::kEnd, of_topic);
  indicator.subject =
      fmt::format("records of {} that were deleted before the group had read them", pipeline.topic);
  indicator.counting = Indicator::Counting::kEvents;
  indicator.all = fmt::format(
      "sum({} (increase({}[$window])))", by("max", {kafka::spec::kCluster, "partition"}), written);
  indicator.bad = fmt::format("sum({} (increase({}[$window]))) or 0 * {}",
                              by("max", {kafka::spec::kCluster}),
                              series(kafka::kLost, of_group),
                              indicator.all);
  indicator.present = written;
  indicator.test_series = {
      {example_of(kafka::kEnd, with(of_topic, {"partition", "0", "="})), Role::kAll, {}, {}},
      {example_of(kafka::kLost, of_group), Role::kBad, {}, {}}};
  return indicator;
}

// A cluster that answers, and whose partitions all have leaders.
Indicator availability(const KafkaCluster& cluster, Indicator indicator) {
  const auto brokers = brokers_of(cluster);
  const auto up = series(kafka::kUp, brokers);
  indicator.subject = "moments in which the cluster did not answer or a partition had no leader";
  indicator.counting = Indicator::Counting::kSlices;
  indicator.bad = fmt::format("clamp_max(1 - max({}) + ((max({}) > bool 0) or vector(0)), 1)",
                              up,
                              series(kafka::kOffline, brokers));
  indicator.all = fmt::format("count(max({}))", up);
  indicator.present = up;
  indicator.test_series = {{example_of(kafka::kUp, brokers), Role::kState, "1", "0"}};
  return indicator;
}

// Whatever the queries of the manifest say.
Indicator by_queries(const SloSpec& slo, Indicator indicator) {
  indicator.by = slo.by;
  indicator.max_groups = slo.max_groups;
  indicator.present = fmt::format("slo:events_all:sum5m{{slo={}}}", quoted_text(indicator.slo));
  indicator.counting = Indicator::Counting::kSlices;
  if (!slo.bad_when.empty()) {
    indicator.subject = "moments that the manifest calls bad";
    indicator.bad = fmt::format("clamp_max(clamp_min({}, 0), 1)", slo.bad_when);
    indicator.all = fmt::format("0 * ({}) + 1", slo.bad_when);
    return indicator;
  }
  const auto all = fmt::format("({})", slo.total);
  // A series that is not born yet is none of its events, not an absent number.
  const auto bad = slo.good.empty()
                       ? fmt::format("(({}) or 0 * {})", slo.bad, all)
                       : fmt::format("clamp_min({0} - (({1}) or 0 * {0}), 0)", all, slo.good);
  if (slo.slice_target == 0) {
    indicator.subject = "events that the manifest calls bad";
    indicator.counting = Indicator::Counting::kEvents;
    indicator.bad = bad;
    indicator.all = all;
    return indicator;
  }
  constexpr std::string_view kSlice = "2m";
  indicator.subject = "moments with too many bad events";
  const auto in_slice = [&](std::string_view expr) { return in_window(expr, kSlice); };
  indicator.bad = fmt::format("{} / {} > bool {}",
                              in_slice(bad),
                              in_slice(all),
                              promql_number(1 - static_cast<double>(slo.slice_target) / 1e6));
  indicator.all = fmt::format("{} > bool 0", in_slice(all));
  return indicator;
}

std::vector<Matcher> of_cluster(const DataPipeline& pipeline) {
  if (pipeline.cluster.empty()) return {};
  return {{kafka::spec::kCluster, pipeline.cluster, "="}};
}

}  // namespace

std::vector<Matcher> with(std::vector<Matcher> matchers, Matcher one) {
  matchers.push_back(std::move(one));
  return matchers;
}

// By hosts and by ports: a server is found by both.
std::vector<Matcher> servers_of(const ClickHouseCluster& cluster) {
  if (cluster.endpoints.empty()) return {};
  std::set<std::string> hosts;
  std::set<std::string> ports;
  for (const auto& endpoint : cluster.endpoints) {
    const auto colon = endpoint.rfind(':');
    hosts.insert(literal_pattern(endpoint.substr(0, colon)));
    ports.insert(endpoint.substr(colon + 1));
  }
  return {{"server.address", fmt::format("{}", fmt::join(hosts, "|")), "=~"},
          {"server.port", fmt::format("{}", fmt::join(ports, "|")), "=~"}};
}

std::vector<Matcher> group_of(const DataPipeline& pipeline) {
  return with(of_cluster(pipeline), {"group", pipeline.consumer_group, "="});
}

std::vector<Matcher> topic_of(const DataPipeline& pipeline, const std::string& topic) {
  return with(of_cluster(pipeline), {"topic", topic, "="});
}

std::vector<Matcher> brokers_of(const KafkaCluster& cluster) {
  if (cluster.cluster.empty()) return {};
  return {{kafka::spec::kCluster, cluster.cluster, "="}};
}

namespace {

// By the kind of the manifest and the name of the objective.
struct OfKind {
  Indicator& indicator;

  Indicator operator()(const ClickHouseCluster& cluster) const {
    const auto& name = indicator.named.name;
    if (name == "availability") return availability(cluster, std::move(indicator));
    return name == "queries" ? queries(cluster, std::move(indicator))
                             : latency(cluster, std::move(indicator));
  }
  Indicator operator()(const DataPipeline& pipeline) const {
    return indicator.named.name == "freshness" ? freshness(pipeline, std::move(indicator))
                                               : completeness(pipeline, std::move(indicator));
  }
  Indicator operator()(const KafkaCluster& cluster) const {
    return availability(cluster, std::move(indicator));
  }
  // Nothing measures the other kinds.
  template <class Kind>
  Indicator operator()(const Kind& /*kind*/) const {
    return std::move(indicator);
  }
};

}  // namespace

std::vector<Indicator> indicators_of(const PlatformManifest& manifest) {
  std::vector<Indicator> indicators;
  const auto exclude = exclusions_of(manifest.common());
  for (const auto& named : objectives_of(manifest)) {
    if (!named.blind.empty()) continue;
    auto indicator = begin(manifest, named);
    indicators.push_back(named.spec != nullptr ? by_queries(*named.spec, std::move(indicator))
                                               : std::visit(OfKind{indicator}, manifest.kind));
    indicators.back().exclude = exclude;
  }
  return indicators;
}

}  // namespace plumbline
