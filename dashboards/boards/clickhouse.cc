// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/signals.h"
#include "dashboards/board.h"
#include "dashboards/query.h"
#include "dashboards/units.h"

namespace plumbline::dashboards {
namespace {

using namespace clickhouse;

constexpr std::string_view kNoServer =
    "No ClickHouse server is looked at: name one in clickhouse of an agent's configuration";
constexpr std::string_view kNoQueries =
    "No query ran, or query_log is off: it is where these numbers come from";
constexpr std::string_view kNoReplicas = "None: no table is replicated here";

constexpr std::string_view kKind = "db.operation.name";
constexpr std::string_view kUser = "plumbline.clickhouse.user";
constexpr std::string_view kTeam = "plumbline.team";
const Keys kServer{"server.address", "server.port"};
const Keys kTable{"server.address", "db.namespace", "db.collection.name"};
constexpr std::string_view kTableLegend =
    "{{db_namespace}}.{{db_collection_name}} on {{server_address}}";

class ClickhouseBoard {
 public:
  Board board() const {
    const Scope all{{}};
    const auto address = Scope{{{"server.address", "$server", "=~"}}};
    return {.id = BoardId::kClickhouse,
            .title = "Plumbline / ClickHouse",
            .description =
                "Do servers answer, do queries succeed in time, do inserts keep up with parts and "
                "replicas, who uses it up.",
            .variables = {choice("server", "Server", kUp, "server.address", all),
                          choice("port", "Port", kUp, "server.port", address)},
            .rows = {now(), queries(), inserts(), replication(), resources(), payers(), looks()}};
  }

 private:
  std::string now_of(const MetricSpec& metric) const { return once(server_.now(metric), metric); }
  std::string rate_of(const MetricSpec& metric) const { return once(server_.rate(metric), metric); }
  std::string failed_share(const Keys& keys = {}) const {
    return share(sum(rate_of(kPaidFailures), keys), sum(rate_of(kPaidQueries), keys));
  }
  static Reading share_reading(double yellow, double red) {
    return {
        .unit = kShareUnit, .steps = {{yellow, Colour::kYellow}, {red, Colour::kRed}}, .max = 1};
  }

  Row now() const {
    return {
        .title = "Now",
        .panels = {
            {.kind = PanelKind::kStat,
             .title = "Servers that do not answer",
             .description = "Of those the agents look at. Good: 0.",
             .queries = {{"count(" + now_of(kUp) + ") - sum(" + now_of(kUp) + ")", "silent"}},
             .reading = {.unit = kCountUnit, .steps = {{1, Colour::kRed}}},
             .no_data = std::string(kNoServer),
             .next = {BoardId::kAgent},
             .width = 6},
            {.kind = PanelKind::kStat,
             .title = "Queries that fail",
             .description = "Share of all queries. Good: below 1 %.",
             .queries = {{failed_share(), "fail"}},
             .reading = share_reading(0.01, 0.05),
             .no_data = std::string(kNoQueries),
             .next = {BoardId::kSlo},
             .width = 6},
            {.kind = PanelKind::kStat,
             .title = "Fullest partition",
             .description =
                 "Parts of the fullest partition as a share of what its table allows. Good: below "
                 "half; at 100 % inserts are refused with \"too many parts\".",
             .queries = {{"max(" + server_.now(kPartsUtilization) + ")", "of the limit"}},
             .reading = share_reading(0.5, 0.8),
             .no_data = std::string(kNoServer),
             .next = {BoardId::kPipeline},
             .width = 6},
            {.kind = PanelKind::kStat,
             .title = "Most delayed replica",
             .description = "How far its data is behind. Good: seconds.",
             .queries = {{max(server_.now(kReplicaDelay)), "behind"}},
             .reading = {.unit = grafana_unit(kReplicaDelay),
                         .steps = {{60, Colour::kYellow}, {300, Colour::kRed}}},
             .no_data = std::string(kNoReplicas),
             .next = {BoardId::kPipeline},
             .width = 6}}};
  }

  Row queries() const {
    return {
        .title = "Queries",
        .panels = {
            {.title = "Queries by kind",
             .description = "Queries a second that ended. Good: as usual for the hour.",
             .queries = {{sum(rate_of(kPaidQueries), {kKind}), legend({kKind})}},
             .reading = {.unit = grafana_rate_unit(kPaidQueries)},
             .no_data = std::string(kNoQueries),
             .next = {BoardId::kWorkloads},
             .width = 8},
            {.title = "Share of failures by kind",
             .description =
                 "Good: below 1 %. Mostly users' mistakes when steady; a step is the server.",
             .queries = {{failed_share({kKind}), legend({kKind})}},
             .reading = share_reading(0.01, 0.05),
             .no_data = "None failed, or query_log is off",
             .next = {BoardId::kSlo},
             .width = 8},
            {.title = "How long queries take",
             .description =
                 "Half of the queries are faster than the first line, 99 % faster than the "
                 "second. Good: below the latency objective.",
             .queries =
                 {{server_.quantile(0.5, kQueryDuration, {kKind}), "p50 {{db_operation_name}}"},
                  {server_.quantile(0.99, kQueryDuration, {kKind}), "p99 {{db_operation_name}}"}},
             .reading = {.unit = grafana_unit(kQueryDuration)},
             .no_data = std::string(kNoQueries),
             .next = {BoardId::kSlo},
             .width = 8},
            {.kind = PanelKind::kHeatmap,
             .title = "Durations of all queries",
             .description =
                 "How many queries took how long. Good: one band; a second one above it is a "
                 "cache that misses, a replica that is slow or a query that is new.",
             .queries = {{server_.buckets(kQueryDuration)}},
             .reading = {.unit = grafana_unit(kQueryDuration), .min = std::nullopt},
             .no_data = std::string(kNoQueries),
             .next = {BoardId::kSlo}},
            {.title = "Errors of servers by name",
             .description =
                 "Good: only names that users cause (UNKNOWN_IDENTIFIER, SYNTAX_ERROR). The last "
                 "message of each is a log event.",
             .queries = {{top(sum(rate_of(kErrors), {"plumbline.clickhouse.error.name"})),
                          legend({"plumbline.clickhouse.error.name"})}},
             .reading = {.unit = grafana_rate_unit(kErrors)},
             .no_data = "None, or the server is older than 20.11",
             .next = {BoardId::kSlo}}}};
  }

  Row inserts() const {
    return {
        .title = "Inserts, parts, merges",
        .panels = {
            {.title = "Rows inserted, ten busiest tables",
             .description = "Good: what the sources send arrives.",
             .queries = {{top(sum(rate_of(kInsertRows), kTable)), std::string(kTableLegend)}},
             .reading = {.unit = grafana_rate_unit(kInsertRows)},
             .no_data = "None inserted, or query_log is off",
             .next = {BoardId::kPipeline},
             .width = 8},
            {.title = "Fullest partitions",
             .description =
                 "Parts as a share of the limit at which inserts are refused, ten worst tables. "
                 "Good: below half and level: merges keep up.",
             .queries = {{top(sum(now_of(kPartsUtilization), kTable)), std::string(kTableLegend)}},
             .reading = share_reading(0.5, 0.8),
             .no_data = std::string(kNoServer),
             .next = {BoardId::kPipeline},
             .width = 8},
            {.title = "Rows in an insert",
             .description =
                 "Mean over the ten tables with the smallest inserts. Good: thousands; a few rows "
                 "in each make too many parts.",
             .queries = {{"bottomk(10, " +
                              share(sum(rate_of(kInsertRows), kTable),
                                    sum(rate_of(kInserts), kTable)) +
                              ")",
                          std::string(kTableLegend)}},
             .reading = {.unit = grafana_unit(kInsertRows)},
             .no_data = "None inserted, or query_log is off",
             .next = {BoardId::kPipeline},
             .width = 8},
            {.title = "Merges that run",
             .description = "By server. Good: comes and goes; always at the pool's size: too few.",
             .queries = {{sum(now_of(kMerges), kServer), legend(kServer, ":")}},
             .reading = {.unit = grafana_unit(kMerges)},
             .no_data = "None runs",
             .next = {BoardId::kNode},
             .width = 8},
            {.title = "Mutations that wait",
             .description =
                 "ALTER … UPDATE and DELETE not yet done, and those whose last try failed. Good: "
                 "0; failing ones block all later ones of their table.",
             .queries = {{sum(now_of(kMutations), kTable), "pending " + std::string(kTableLegend)},
                         {sum(now_of(kMutationsFailing), kTable),
                          "failing " + std::string(kTableLegend)}},
             .reading = {.unit = grafana_unit(kMutations)},
             .no_data = "None waits",
             .next = {BoardId::kNode},
             .width = 8},
            {.title = "Work on parts that failed",
             .description = "Inserts, merges, fetches and mutations of parts. Good: 0.",
             .queries = {{sum(rate_of(kPartFailures), {"plumbline.clickhouse.part.event"}),
                          legend({"plumbline.clickhouse.part.event"})}},
             .reading = {.unit = grafana_rate_unit(kPartFailures),
                         .steps = {{0.001, Colour::kRed}}},
             .no_data = "None failed",
             .next = {BoardId::kNode},
             .width = 8}}};
  }

  Row replication() const {
    return {.title = "Replicas and Keeper",
            .panels = {
                {.title = "Delay of replicas",
                 .description = "Ten most delayed. Good: seconds.",
                 .queries = {{top(now_of(kReplicaDelay)), std::string(kTableLegend)}},
                 .reading = {.unit = grafana_unit(kReplicaDelay), .steps = {{300, Colour::kRed}}},
                 .no_data = std::string(kNoReplicas),
                 .next = {BoardId::kPipeline},
                 .width = 8},
                {.title = "Replicas that take no inserts",
                 .description = "Good: 0; most often their Keeper session is lost.",
                 .queries = {{sum(now_of(kReplicaReadOnly), kServer), legend(kServer, ":")}},
                 .reading = {.unit = kCountUnit, .steps = {{1, Colour::kRed}}},
                 .no_data = std::string(kNoReplicas),
                 .next = {BoardId::kNode},
                 .width = 8},
                {.title = "Replication queue",
                 .description = "Entries that wait, ten longest. Good: returns to 0.",
                 .queries = {{top(now_of(kReplicaQueue)), std::string(kTableLegend)}},
                 .reading = {.unit = grafana_unit(kReplicaQueue)},
                 .no_data = std::string(kNoReplicas),
                 .next = {BoardId::kNode},
                 .width = 8}}};
  }

  Row resources() const {
    const Keys disk{"server.address", "server.port", "plumbline.clickhouse.disk.name"};
    return {
        .title = "Memory, disks, threads",
        .panels = {
            {.title = "Memory",
             .description =
                 "As the server's own tracker has it. Good: below its limit; there queries are "
                 "refused.",
             .queries = {{now_of(kMemoryUsage), legend(kServer, ":")}},
             .reading = {.unit = grafana_unit(kMemoryUsage)},
             .no_data = std::string(kNoServer),
             .next = {BoardId::kWorkloads},
             .width = 8},
            {.title = "Disks used",
             .description = "Good: below 80 %. A full disk refuses every insert and every merge.",
             .queries = {{"1 - " + share(max(server_.now(kDiskFree), disk),
                                         max(server_.now(kDiskLimit), disk)),
                          legend(disk)}},
             .reading = share_reading(0.8, 0.9),
             .no_data = "No size of a disk is known: system.disks came with 19.15",
             .next = {BoardId::kNode},
             .width = 8},
            {.title = "Queries that run",
             .description = "By server. Good: below the number of cores, mostly.",
             .queries = {{sum(now_of(kQueries), kServer), legend(kServer, ":")}},
             .reading = {.unit = grafana_unit(kQueries)},
             .no_data = "None runs",
             .next = {BoardId::kNode},
             .width = 8}}};
  }

  Row payers() const {
    const Keys payer{kUser, kTeam};
    const Keys shape{"plumbline.clickhouse.query.hash", "db.query.summary"};
    return {
        .title = "Who uses it",
        .panels = {
            {.kind = PanelKind::kBands,
             .title = "CPU by user and team",
             .description = "CPUs that queries of each keep busy. Good: no surprise.",
             .queries = {{top(sum(rate_of(kPaidCpu), payer)), legend(payer)}},
             .reading = {.unit = "none"},
             .no_data = std::string(kNoQueries),
             .next = {BoardId::kWorkloads}},
            {.kind = PanelKind::kBands,
             .title = "Bytes read by user and team",
             .description = "Good: no surprise.",
             .queries = {{top(sum(rate_of(kPaidReadSize), payer)), legend(payer)}},
             .reading = {.unit = grafana_rate_unit(kPaidReadSize)},
             .no_data = std::string(kNoQueries),
             .next = {BoardId::kWorkloads}},
            {.kind = PanelKind::kTable,
             .title = "Dearest queries",
             .description =
                 "Shapes of queries (literals left out) by the time they took, with CPU, runs and "
                 "failures a second. Good: known ones. The hash finds them in query_log.",
             .queries = {{top(sum(rate_of(kShapeTime), shape))},
                         {sum(rate_of(kShapeCpu), shape)},
                         {sum(rate_of(kShapeQueries), shape)},
                         {sum(rate_of(kShapeFailures), shape)}},
             .reading = {.unit = kCountUnit},
             .no_data = std::string(kNoQueries),
             .next = {BoardId::kWorkloads},
             .width = 24,
             .columns = {
                 {"db_query_summary", "Query"},
                 {"Value #A", "Time in a second", Reading{.unit = kSecondsUnit}},
                 {"Value #B", "CPU in a second", Reading{.unit = kSecondsUnit}},
                 {"Value #C", "Runs", Reading{.unit = grafana_rate_unit(kShapeQueries)}},
                 {"Value #D", "Failures", Reading{.unit = grafana_rate_unit(kShapeFailures)}},
                 {"plumbline_clickhouse_query_hash", "Hash"}}}}};
  }

  Row looks() const {
    return {
        .title = "How it was measured",
        .fold = Fold::kClosed,
        .panels = {
            {.title = "Time servers spend on the agents' queries",
             .description = "Share of one core by server. Good: below 5 %: the agents see to it.",
             .queries = {{sum(server_.rate(kCheckTime), kServer), legend(kServer, ":")}},
             .reading = {.unit = grafana_rate_unit(kCheckTime)},
             .no_data = std::string(kNoServer),
             .next = {BoardId::kAgent}},
            {.title = "Checks that failed",
             .description = "Queries of the agents a second. Good: 0; the log says why.",
             .queries = {{sum(server_.rate(kCheckFailures), {"plumbline.clickhouse.check.name"}),
                          legend({"plumbline.clickhouse.check.name"})}},
             .reading = {.unit = grafana_rate_unit(kCheckFailures)},
             .no_data = "None failed",
             .next = {BoardId::kAgent}}}};
  }

  Scope server_{{{"server.address", "$server", "=~"}, {"server.port", "$port", "=~"}}};
};

}  // namespace

Board clickhouse_board() {
  return ClickhouseBoard().board();
}

}  // namespace plumbline::dashboards
