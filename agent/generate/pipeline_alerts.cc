// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "agent/generate/alert_parts.h"
#include "agent/generate/indicator.h"
#include "agent/generate/slo_rules.h"
#include "collectors/kafka/signals.h"

namespace plumbline {
namespace {

using kafka::spec::kCluster;
using std::chrono::minutes;

constexpr int kStalledVerdict = 3;  // of plumbline.kafka.consumer_group.verdict
// Brokers abort a transaction after its own timeout, of at most transaction.max.timeout.ms: 15 min.
constexpr auto kOpenTooLong = minutes(15);

std::vector<Matcher> on_topic(const DataPipeline& pipeline) {
  return with(group_of(pipeline), {"topic", pipeline.topic});
}

// Of a metric that every agent which looks at the cluster has alike.
std::string summed(const std::string& expr) {
  return fmt::format("sum({} ({}))", by("max", {kCluster}), expr);
}

LimitAlert backlog(const DataPipeline& pipeline) {
  const auto lag = series(kafka::kLagSum, on_topic(pipeline));
  const auto limit = pipeline.on_backlog;
  return {limit_alert(pipeline.common,
                      {"Backlog",
                       page_severity(pipeline.common),
                       minutes(10),
                       fmt::format("more than {} records wait to be read", limit),
                       fmt::format("{{{{ $value | humanize }}}} records of {} wait. The group "
                                   "reads too slowly, or not at all.",
                                   pipeline.topic)},
                      fmt::format("{} > {}", summed(lag), limit)),
          {{lag, "0", fmt::to_string(limit * 2)}}};
}

LimitAlert stopped(const DataPipeline& pipeline) {
  const auto members = series(kafka::kMembers, group_of(pipeline));
  return {limit_alert(pipeline.common,
                      {"Stopped",
                       page_severity(pipeline.common),
                       minutes(5),
                       "nobody reads: the consumer group has no members",
                       fmt::format("The consumer group of {} has had no members for five minutes; "
                                   "its backlog grows.",
                                   pipeline.topic)},
                      summed(members) + " == 0"),
          {{members, "3", "0"}}};
}

LimitAlert stalled(const DataPipeline& pipeline) {
  const auto verdict = series(kafka::kVerdict, group_of(pipeline));
  return {limit_alert(pipeline.common,
                      {"Stalled",
                       page_severity(pipeline.common),
                       minutes(5),
                       "the consumer group has members, and commits nothing",
                       fmt::format("For minutes the group has committed nothing although records "
                                   "of {} wait: its members hang, or fail at one record and "
                                   "try it again.",
                                   pipeline.topic)},
                      fmt::format("max({}) == {}", verdict, kStalledVerdict)),
          {{verdict, "0", fmt::to_string(kStalledVerdict)}}};
}

// A ticket; whether somebody is woken for it the objective of completeness decides.
LimitAlert lost(const DataPipeline& pipeline) {
  const auto counter = series(kafka::kLost, on_topic(pipeline));
  return {limit_alert(pipeline.common,
                      {"Lost",
                       "warning",
                       minutes(0),
                       "records were deleted before they were read",
                       fmt::format("{{{{ $value | humanize }}}} records of {} were deleted in the "
                                   "last ten minutes before the group had read them.",
                                   pipeline.topic)},
                      summed(fmt::format("increase({}[10m])", counter)) + " > 0"),
          {{counter, "+0", "+10"}}};
}

LimitAlert loss_ahead(const DataPipeline& pipeline) {
  const auto left = series(kafka::kTimeToLoss, on_topic(pipeline));
  return {limit_alert(pipeline.common,
                      {"LossAhead",
                       page_severity(pipeline.common),
                       minutes(5),
                       "records will be deleted within the hour before they are read",
                       fmt::format("The oldest unread record of {} is deleted by the topic's "
                                   "retention in {{{{ $value | humanizeDuration }}}}.",
                                   pipeline.topic)},
                      fmt::format("min({}) < 3600", left)),
          {{left, "500000", "600"}}};
}

// A dead-letter topic is often made by its first record.
LimitAlert dead_letters(const DataPipeline& pipeline) {
  const auto dead = series(kafka::kEnd, topic_of(pipeline, pipeline.dead_letter_topic));
  const auto main = series(kafka::kEnd, topic_of(pipeline, pipeline.topic));
  return {limit_alert(pipeline.common,
                      {"DeadLetters",
                       "warning",
                       minutes(0),
                       "records could not be used",
                       fmt::format("{{{{ $value | humanize }}}} records went to {} in the last "
                                   "ten minutes.",
                                   pipeline.dead_letter_topic)},
                      fmt::format("sum({} (\n{}))",
                                  by("max", {kCluster, "partition"}),
                                  grew(dead, main, {kCluster}))),
          {{series(kafka::kEnd,
                   with(topic_of(pipeline, pipeline.dead_letter_topic), {"partition", "0"})),
            "+0",
            "+10"},
           {series(kafka::kEnd, with(topic_of(pipeline, pipeline.topic), {"partition", "0"})),
            "+10",
            "+10"}}};
}

LimitAlert under_replicated(const DataPipeline& pipeline) {
  const auto topic = topic_of(pipeline, pipeline.topic);
  const auto by_partition = by("max", {kCluster, "partition"});
  const auto one = with(topic, {"partition", "0"});
  return {limit_alert(pipeline.common,
                      {"UnderReplicated",
                       "warning",
                       minutes(10),
                       "partitions of its topic lack replicas",
                       fmt::format("{{{{ $value }}}} partitions of {} have fewer replicas in sync "
                                   "than they should: one more broker down and records are lost, "
                                   "or writers refused.",
                                   pipeline.topic)},
                      fmt::format("count({0} ({1})\n  < {0} ({2}))",
                                  by_partition,
                                  series(kafka::kInSync, topic),
                                  series(kafka::kReplicas, topic))),
          {{series(kafka::kInSync, one), "3", "2"}, {series(kafka::kReplicas, one), "3", "3"}}};
}

LimitAlert hanging_transaction(const DataPipeline& pipeline) {
  const auto open = series(kafka::kOpenTransaction, topic_of(pipeline, pipeline.topic));
  auto rule = limit_alert(
      pipeline.common,
      {"HangingTransaction",
       "warning",
       minutes(5),
       "a transaction that nobody ends holds up its readers",
       fmt::format("A transaction of {{{{ $labels.plumbline_kafka_transactional_id }}}} (producer "
                   "{{{{ $labels.plumbline_kafka_producer_id }}}}) on partition "
                   "{{{{ $labels.partition }}}} of {} has been open for "
                   "{{{{ $value | humanizeDuration }}}}. Readers of committed records wait there.",
                   pipeline.topic)},
      fmt::format(
          "{} ({}) > $age",
          by("max",
             {"partition", "plumbline.kafka.producer.id", "plumbline.kafka.transactional.id"}),
          open));
  rule.age = kOpenTooLong;
  return {std::move(rule), {{open, "10", "2000"}}};
}

}  // namespace

std::vector<LimitAlert> alerts_of(const DataPipeline& pipeline) {
  std::vector<LimitAlert> alerts;
  if (!pipeline.table.empty()) alerts.push_back(drift_alert(pipeline.common));
  if (pipeline.on_backlog > 0) alerts.push_back(backlog(pipeline));
  alerts.push_back(stopped(pipeline));
  alerts.push_back(stalled(pipeline));
  alerts.push_back(lost(pipeline));
  alerts.push_back(loss_ahead(pipeline));
  if (!pipeline.dead_letter_topic.empty()) alerts.push_back(dead_letters(pipeline));
  alerts.push_back(under_replicated(pipeline));
  alerts.push_back(hanging_transaction(pipeline));
  return alerts;
}

}  // namespace plumbline
