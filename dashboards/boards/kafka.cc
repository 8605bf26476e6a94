// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/signals.h"
#include "dashboards/board.h"
#include "dashboards/query.h"
#include "dashboards/units.h"

namespace plumbline::dashboards {
namespace {

using namespace kafka;
using spec::kCluster;

constexpr std::string_view kNoCluster =
    "No Kafka cluster is looked at: name one in kafka_clusters of an agent's configuration";

const Keys kOne{kCluster};

class KafkaBoard {
 public:
  Board board() const {
    const Scope all{{}};
    return {.id = BoardId::kKafka,
            .title = "Plumbline / Kafka",
            .description =
                "Can everybody write and read, is every record kept as often as it should be, who "
                "falls behind.",
            .variables = {choice("cluster", "Kafka cluster", kUp, kCluster, all),
                          choice("group", "Consumer group", kMembers, "group", cluster_)},
            .rows = {now(), replicas(), groups(), looks()}};
  }

 private:
  // What any agent says of the cluster; several may look at it.
  std::string worst(const MetricSpec& metric, const Keys& keys = kOne) const {
    return max(cluster_.now(metric), keys);
  }
  static Reading none_wanted(const MetricSpec& metric) {
    return {.unit = grafana_unit(metric), .steps = {{1, Colour::kRed}}};
  }
  Panel count(const MetricSpec& metric, std::string title, std::string description) const {
    return {.kind = PanelKind::kStat,
            .title = std::move(title),
            .description = std::move(description),
            .queries = {{worst(metric), legend(kOne)}},
            .reading = none_wanted(metric),
            .no_data = std::string(kNoCluster),
            .next = {BoardId::kNode},
            .width = 6};
  }

  Row now() const {
    return {.title = "Now",
            .panels = {
                count(kOffline,
                      "Partitions without a leader",
                      "Nobody can write to or read them. Good: 0."),
                count(kUnderMinIsr,
                      "Partitions below min.insync.replicas",
                      "Writers that ask for all replicas are refused. Good: 0."),
                count(kUnderReplicated,
                      "Partitions short of replicas",
                      "Fewer replicas in sync than there should be. Good: 0 but for the "
                      "minutes of a broker's restart."),
                {.kind = PanelKind::kStat,
                 .title = "Cluster answers",
                 .description = "Whether the agent could look at the cluster. Good: yes; else no "
                                "other number here is new.",
                 .queries = {{worst(kUp), legend(kOne)}},
                 .reading = {.unit = "none",
                             .meanings = {{0, "no", Colour::kRed}, {1, "yes", Colour::kGreen}}},
                 .no_data = std::string(kNoCluster),
                 .next = {BoardId::kAgent},
                 .width = 6}}};
  }

  Row replicas() const {
    const Keys directory{kCluster, "broker", "plumbline.kafka.log_dir"};
    return {.title = "Brokers",
            .panels = {
                {.title = "Partitions in trouble",
                 .description =
                     "By kind. Good: 0 everywhere; reassigned ones only while somebody moves them.",
                 .queries = {{worst(kOffline), "offline"},
                             {worst(kUnderMinIsr), "below min.insync.replicas"},
                             {worst(kUnderReplicated), "short of replicas"},
                             {worst(kReassigning), "being moved"}},
                 .reading = {.unit = grafana_unit(kOffline)},
                 .no_data = std::string(kNoCluster),
                 .next = {BoardId::kNode}},
                {.title = "Written",
                 .description =
                     "Records a second into each of the ten busiest topics. Good: as usual for the "
                     "hour.",
                 .queries = {{top(sum(once(cluster_.rate(kEnd), kEnd), {kCluster, "topic"})),
                              "{{topic}}"}},
                 .reading = {.unit = kPerSecondUnit},
                 .no_data = std::string(kNoCluster),
                 .next = {BoardId::kPipeline, {{"topic", "topic"}}}},
                {.title = "Partitions that each broker leads",
                 .description =
                     "Good: all alike. A broker that leads none has just restarted; one that leads "
                     "most does most of the work.",
                 .queries = {{worst(kLedPartitions, {kCluster, "broker"}), "broker {{broker}}"}},
                 .reading = {.unit = grafana_unit(kLedPartitions)},
                 .no_data = std::string(kNoCluster),
                 .next = {BoardId::kNode}},
                {.title = "Disk used",
                 .description =
                     "Share of the file system of each log directory that is used. Good: below "
                     "80 %; a full one stops the broker.",
                 .queries = {{"1 - " + worst(kDiskFree, directory) + " / " +
                                  worst(kDiskSize, directory),
                              "broker {{broker}} {{plumbline_kafka_log_dir}}"}},
                 .reading = {.unit = kShareUnit,
                             .steps = {{0.8, Colour::kYellow}, {0.9, Colour::kRed}},
                             .max = 1},
                 .no_data =
                     "No size is known: the brokers are older than 3.3, or the agent may not ask "
                     "(DescribeLogDirs needs DESCRIBE on the cluster)",
                 .next = {BoardId::kNode}}}};
  }

  Row groups() const {
    const Keys group{kCluster, "group"};
    const auto of_group = [&](const MetricSpec& metric) { return max(group_.now(metric), group); };
    return {
        .title = "Consumer groups",
        .panels = {
            {.kind = PanelKind::kTable,
             .title = "Every group",
             .description =
                 "Age of the oldest record that waits, records that wait, members, and the "
                 "agent's verdict. Good: ok, members above 0, an age of seconds.",
             .queries = {{of_group(kVerdict)},
                         {of_group(kGroupLagTime)},
                         {of_group(kGroupLag)},
                         {of_group(kMembers)}},
             .reading = {.unit = kCountUnit},
             .no_data = "No consumer group is known here",
             .next = {BoardId::kPipeline, {{"group", "group"}}},
             .width = 24,
             .columns = {{"group", "Group"},
                         {"Value #A",
                          "Verdict",
                          Reading{.unit = "none",
                                  .meanings = {{0, "ok", Colour::kGreen},
                                               {1, "slow", Colour::kYellow},
                                               {2, "rewound", Colour::kYellow},
                                               {3, "stalled", Colour::kRed},
                                               {4, "stopped", Colour::kRed}}}},
                         {"Value #B",
                          "Oldest waits",
                          Reading{.unit = kSecondsUnit,
                                  .steps = {{60, Colour::kYellow}, {300, Colour::kRed}}}},
                         {"Value #C", "Records wait", Reading{.unit = kCountUnit}},
                         {"Value #D", "Members", Reading{.unit = kCountUnit}},
                         {"kafka_cluster_alias", "Cluster"}}},
            {.title = "Age of the oldest record, ten worst groups",
             .description = "Good: flat. A slope of one second a second: nobody reads.",
             .queries = {{top(of_group(kGroupLagTime)), "{{group}}"}},
             .reading = {.unit = grafana_unit(kGroupLagTime)},
             .no_data = "None: no group's lag is known in seconds",
             .next = {BoardId::kPipeline, {{"group", "group"}}}},
            {.title = "Rebalances",
             .description =
                 "Changes of assignment a second. Good: at deployments only; a group that "
                 "rebalances all the time reads nothing.",
             .queries = {{top(max(group_.rate(kRebalances), group)), "{{group}}"}},
             .reading = {.unit = grafana_rate_unit(kRebalances)},
             .no_data = "None",
             .next = {BoardId::kPipeline, {{"group", "group"}}}},
            {.title = "Oldest open transaction",
             .description =
                 "How long a transaction has been open behind which readers wait. Good: seconds; "
                 "a hanging one must be aborted by hand.",
             .queries = {{max(cluster_.now(kOpenTransaction),
                              {kCluster, "topic", "plumbline.kafka.transactional.id"}),
                          "{{topic}} {{plumbline_kafka_transactional_id}}"}},
             .reading = {.unit = grafana_unit(kOpenTransaction), .steps = {{900, Colour::kRed}}},
             .no_data = "None is open",
             .next = {BoardId::kPipeline, {{"topic", "topic"}}}},
            {.title = "Members without a partition",
             .description = "Good: 0, or spares that somebody wants.",
             .queries = {{top(of_group(kIdleMembers)), "{{group}}"}},
             .reading = {.unit = grafana_unit(kIdleMembers)},
             .no_data = "None: no group has members",
             .next = {BoardId::kPipeline, {{"group", "group"}}}}}};
  }

  Row looks() const {
    return {.title = "How it was measured",
            .fold = Fold::kClosed,
            .panels = {
                {.title = "Time that a look takes",
                 .description = "Good: far below the period of the collector.",
                 .queries = {{worst(kLookDuration), legend(kOne)}},
                 .reading = {.unit = grafana_unit(kLookDuration)},
                 .no_data = std::string(kNoCluster),
                 .next = {BoardId::kAgent},
                 .width = 8},
                {.title = "Requests to brokers",
                 .description =
                     "What measuring costs the brokers, by all agents. Good: a few a second.",
                 .queries = {{sum(cluster_.rate(kRequests), kOne), legend(kOne)}},
                 .reading = {.unit = grafana_rate_unit(kRequests)},
                 .no_data = std::string(kNoCluster),
                 .next = {BoardId::kAgent},
                 .width = 8},
                {.title = "Refused",
                 .description =
                     "What brokers refused in the last look, by request and error. Good: nothing; "
                     "an authorization error names the right that is missing.",
                 .queries = {{worst(kRefusals, {kCluster, "plumbline.kafka.api", "error.type"}),
                              "{{plumbline_kafka_api}} {{error_type}}"}},
                 .reading = none_wanted(kRefusals),
                 .no_data = "None",
                 .next = {BoardId::kAgent},
                 .width = 8}}};
  }

  Scope cluster_{{{kCluster, "$cluster", "=~"}}};
  Scope group_{{{kCluster, "$cluster", "=~"}, {"group", "$group", "=~"}}};
};

}  // namespace

Board kafka_board() {
  return KafkaBoard().board();
}

}  // namespace plumbline::dashboards
