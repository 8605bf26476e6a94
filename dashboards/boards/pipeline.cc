// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/signals.h"
#include "collectors/kafka/signals.h"
#include "dashboards/board.h"
#include "dashboards/query.h"
#include "dashboards/units.h"

namespace plumbline::dashboards {
namespace {

using kafka::spec::kCluster;

constexpr std::string_view kNoGroups =
    "No consumer group is known here: name the cluster in kafka_clusters, or choose another one";
constexpr std::string_view kNoClickhouse =
    "No ClickHouse table is written here: name the servers in clickhouse";

// Several agents may look at one cluster: what they say of one thing counts once.
class PipelineBoard {
 public:
  Board board() const {
    const Scope all{{}};
    const auto of_cluster = Scope{{{kCluster, "$cluster", "=~"}}};
    return {.id = BoardId::kPipeline,
            .title = "Plumbline / Pipelines",
            .description =
                "From the topic to the table: how old is what waits, does it drain, was anything "
                "lost. Choose a topic and the group that reads it.",
            .variables = {choice("cluster", "Kafka cluster", kafka::kLagSum, kCluster, all),
                          choice("topic", "Topic", kafka::kLagSum, "topic", of_cluster),
                          choice("group",
                                 "Consumer group",
                                 kafka::kLagSum,
                                 "group",
                                 of_cluster.with("topic", "$topic", "=~"))},
            .rows = {fresh(), flow(), loss(), sink()}};
  }

 private:
  // The age of the oldest record that waits, by the better of the methods.
  std::string age(const Keys& keys) const { return max(pair_.now(kafka::kLagTime), keys); }
  std::string backlog(const Keys& keys) const {
    return sum(once(pair_.now(kafka::kLagSum), kafka::kLagSum), keys);
  }

  Row fresh() const {
    return {
        .title = "Is it fresh?",
        .panels = {
            {.kind = PanelKind::kStat,
             .title = "Oldest record that waits",
             .description =
                 "How long ago the oldest record was written that its group has not read. Good: "
                 "below the objective; it grows by a second each second when nobody reads.",
             .queries = {{age({}), "age"}},
             .reading = {.unit = grafana_unit(kafka::kLagTime),
                         .steps = {{60, Colour::kYellow}, {300, Colour::kRed}}},
             .no_data = std::string(kNoGroups),
             .next = {BoardId::kKafka},
             .width = 6},
            {.kind = PanelKind::kStat,
             .title = "Records that wait",
             .description = "Committed offset to end, over all chosen groups. Good: steady.",
             .queries = {{backlog({}), "records"}},
             .reading = {.unit = grafana_unit(kafka::kLagSum), .min = std::nullopt},
             .no_data = std::string(kNoGroups),
             .next = {BoardId::kKafka},
             .width = 6},
            {.kind = PanelKind::kStat,
             .title = "Caught up in",
             .description =
                 "When the slowest group will have read everything at its present pace. Good: "
                 "seconds.",
             .queries = {{max(group_.now(kafka::kCatchUp)), "caught up in"}},
             .reading = {.unit = grafana_unit(kafka::kCatchUp),
                         .steps = {{1800, Colour::kYellow}, {7200, Colour::kRed}}},
             .no_data = "None waits, or a group that falls behind never catches up at this pace",
             .next = {BoardId::kKafka},
             .width = 6},
            {.kind = PanelKind::kStat,
             .title = "Deleted unread in",
             .description =
                 "When the topic's retention deletes the first record that a group has not read. "
                 "Good: hours; what is deleted is lost.",
             .queries = {{min(pair_.now(kafka::kTimeToLoss)), "deleted in"}},
             .reading = {.unit = grafana_unit(kafka::kTimeToLoss),
                         .lowest = Colour::kRed,
                         .steps = {{3600, Colour::kYellow}, {14400, Colour::kGreen}}},
             .no_data = "None waits, or the topics keep their records for ever",
             .next = {BoardId::kKafka},
             .width = 6}}};
  }

  Row flow() const {
    const auto produced = sum(once(topic_.rate(kafka::kEnd), kafka::kEnd), {"topic"});
    const auto read =
        sum(once(pair_.rate(kafka::kCommitted), kafka::kCommitted), {"group", "topic"});
    return {
        .title = "Does it flow?",
        .panels = {
            {.title = "Age of the oldest record that waits",
             .description =
                 "By group and topic. Good: flat and below the objective. A slope of one second "
                 "a second: nobody reads.",
             .queries = {{age({"group", "topic"}), "{{group}} ← {{topic}}"}},
             .reading = {.unit = grafana_unit(kafka::kLagTime), .steps = {{300, Colour::kRed}}},
             .no_data = std::string(kNoGroups),
             .next = {BoardId::kKafka}},
            {.title = "Written and read",
             .description =
                 "Records a second that producers wrote and that groups committed. Good: the two "
                 "lie on each other; written above read becomes backlog.",
             .queries = {{produced, "written to {{topic}}"}, {read, "read by {{group}}"}},
             .reading = {.unit = kPerSecondUnit},
             .no_data = std::string(kNoGroups),
             .next = {BoardId::kKafka}},
            {.title = "Records that wait",
             .description = "Backlog by group and topic. Good: saw teeth that return to zero.",
             .queries = {{backlog({"group", "topic"}), "{{group}} ← {{topic}}"}},
             .reading = {.unit = grafana_unit(kafka::kLagSum), .min = std::nullopt},
             .no_data = std::string(kNoGroups),
             .next = {BoardId::kKafka}},
            {.title = "Oldest partitions",
             .description =
                 "The ten partitions whose oldest record waits longest. Good: all alike; one "
                 "alone is a poisoned record or a skewed key.",
             .queries = {{top(age({"group", "topic", "partition"})),
                          "{{group}} ← {{topic}}/{{partition}}"}},
             .reading = {.unit = grafana_unit(kafka::kLagTime)},
             .no_data = std::string(kNoGroups),
             .next = {BoardId::kKafka}},
            {.kind = PanelKind::kStates,
             .title = "Verdict on each group",
             .description =
                 "What the agent makes of offsets over time. Good: ok. Stalled: members, but no "
                 "commits; stopped: no members; rewound: an older offset was committed.",
             .queries = {{max(group_.now(kafka::kVerdict), {"group"}), "{{group}}"}},
             .reading = {.unit = "none",
                         .meanings = {{0, "ok", Colour::kGreen},
                                      {1, "slow", Colour::kYellow},
                                      {2, "rewound", Colour::kYellow},
                                      {3, "stalled", Colour::kRed},
                                      {4, "stopped", Colour::kRed}}},
             .no_data = std::string(kNoGroups),
             .next = {BoardId::kKafka, {{"group", "group"}}},
             .width = 24}}};
  }

  Row loss() const {
    return {
        .title = "Is anything lost?",
        .panels = {
            {.title = "Deleted unread",
             .description =
                 "Records a second that retention deleted before the group had read them. Good: "
                 "0 always.",
             .queries = {{sum(once(pair_.rate(kafka::kLost), kafka::kLost), {"group", "topic"}),
                          "{{group}} ← {{topic}}"}},
             .reading = {.unit = grafana_rate_unit(kafka::kLost), .steps = {{0.001, Colour::kRed}}},
             .no_data = "None: no group has lost a record since the agent started",
             .next = {BoardId::kKafka},
             .width = 8},
            {.title = "Dead letters",
             .description =
                 "Records that lie in dead-letter topics. Good: 0; each could not be used and "
                 "waits for somebody.",
             .queries = {{max(Scope{{{kCluster, "$cluster", "=~"}}}.now(kafka::kDeadLetters),
                              {kCluster, "topic"}),
                          "{{topic}}"}},
             .reading = {.unit = grafana_unit(kafka::kDeadLetters), .steps = {{1, Colour::kRed}}},
             .no_data = "None: there is no dead-letter topic",
             .next = {BoardId::kKafka},
             .width = 8},
            {.title = "Rewinds and rebalances",
             .description =
                 "Times a second that a group committed an older offset, or that its assignment "
                 "changed. Good: at deployments only.",
             .queries = {{once(pair_.rate(kafka::kRewinds), kafka::kRewinds), "{{group}} rewound"},
                         {once(group_.rate(kafka::kRebalances), kafka::kRebalances),
                          "{{group}} rebalanced"}},
             .reading = {.unit = kPerSecondUnit},
             .no_data = "None",
             .next = {BoardId::kKafka},
             .width = 8}}};
  }

  Row sink() const {
    using namespace clickhouse;
    const Keys table{"db.namespace", "db.collection.name"};
    const Scope everywhere{{}};
    return {
        .title = "Where it goes: ClickHouse, all tables",
        .fold = Fold::kClosed,
        .panels = {
            {.title = "Rows inserted",
             .description =
                 "Rows a second into each of the ten busiest tables. Good: what is read from the "
                 "topic arrives here.",
             .queries = {{top(sum(once(everywhere.rate(kInsertRows), kInsertRows), table)),
                          legend(table, ".")}},
             .reading = {.unit = grafana_rate_unit(kInsertRows)},
             .no_data = std::string(kNoClickhouse),
             .next = {BoardId::kClickhouse}},
            {.title = "Messages read by the Kafka engine",
             .description =
                 "Messages a second that tables with the Kafka engine read. Good: as many as are "
                 "written.",
             .queries = {{sum(once(everywhere.rate(kConsumerMessages), kConsumerMessages), table),
                          legend(table, ".")}},
             .reading = {.unit = grafana_rate_unit(kConsumerMessages)},
             .no_data = "None: no table has the Kafka engine, or the server is older than 23.8",
             .next = {BoardId::kClickhouse}}}};
  }

  Scope topic_{{{kCluster, "$cluster", "=~"}, {"topic", "$topic", "=~"}}};
  Scope pair_{{{kCluster, "$cluster", "=~"}, {"topic", "$topic", "=~"}, {"group", "$group", "=~"}}};
  Scope group_{{{kCluster, "$cluster", "=~"}, {"group", "$group", "=~"}}};
};

}  // namespace

Board pipeline_board() {
  return PipelineBoard().board();
}

}  // namespace plumbline::dashboards
