// SPDX-License-Identifier: Apache-2.0
//
// The names of the OpenTelemetry Collector's kafka metrics receiver where it has one, with its
// attributes; ours for the rest. Offsets are counted in {offset}, not in the receiver's "1", which
// Prometheus would call a ratio.
#pragma once

#include <array>
#include <chrono>
#include <string_view>

#include "collectors/collector.h"

namespace plumbline::kafka {

namespace spec {

inline constexpr std::string_view kCluster = "kafka.cluster.alias";

constexpr MetricSpec gauge(std::string_view name,
                           Unit unit,
                           std::string_view description,
                           std::string_view source,
                           AttributeKeys attributes = {kCluster}) {
  return {name, Instrument::kGauge, unit, description, source, attributes};
}

constexpr MetricSpec counter(std::string_view name,
                             Unit unit,
                             std::string_view description,
                             std::string_view source,
                             AttributeKeys attributes = {kCluster}) {
  return {name, Instrument::kCounter, unit, description, source, attributes};
}

constexpr MetricSpec amount(std::string_view name,
                            Unit unit,
                            std::string_view description,
                            std::string_view source,
                            AttributeKeys attributes = {kCluster}) {
  return {name, Instrument::kUpDownCounter, unit, description, source, attributes};
}

inline constexpr AttributeKeys kOfTopic{kCluster, "topic"};
inline constexpr AttributeKeys kOfPartition{kCluster, "topic", "partition"};
inline constexpr AttributeKeys kOfGroup{kCluster, "group"};
inline constexpr AttributeKeys kOfGroupTopic{kCluster, "group", "topic"};
inline constexpr AttributeKeys kOfGroupPartition{kCluster, "group", "topic", "partition"};

}  // namespace spec

// Of the cluster.
inline constexpr auto kUp = spec::gauge("plumbline.kafka.cluster.up",
                                        Unit::kState,
                                        "1 when the cluster could be looked at, else 0.",
                                        "the last look");
inline constexpr auto kBrokers =
    spec::amount("kafka.brokers", Unit::kBroker, "Brokers in the cluster.", "Metadata");
inline constexpr auto kController =
    spec::gauge("plumbline.kafka.cluster.controller",
                Unit::kState,
                "The id of the broker that is the controller, or speaks for it.",
                "Metadata");
inline constexpr auto kLookDuration =
    spec::gauge("plumbline.kafka.look.duration",
                Unit::kSeconds,
                "How long the last look at the cluster took, questions for times included.",
                "the agent");
inline constexpr auto kRequests = spec::counter("plumbline.kafka.requests",
                                                Unit::kRequest,
                                                "Requests sent to the brokers of the cluster.",
                                                "the agent");
inline constexpr auto kReceived = spec::counter(
    "plumbline.kafka.received", Unit::kBytes, "Bytes that brokers answered.", "the agent");
inline constexpr auto kRefusals =
    spec::gauge("plumbline.kafka.refusals",
                Unit::kError,
                "What brokers refused in the last look, or could not be asked for.",
                "error codes of answers, failed connections",
                {spec::kCluster, "plumbline.kafka.api", "error.type"});
inline constexpr auto kSeriesLeftOut =
    spec::gauge("plumbline.kafka.series.left_out",
                Unit::kPartition,
                "Partitions, and partitions of groups, without series of their own, because there "
                "are more than partition_series. They count in all sums.",
                "the agent");

inline constexpr auto kGroupsLeftOut =
    spec::gauge("plumbline.kafka.groups.left_out",
                Unit::kGroup,
                "Groups without series of their own, because there are more than "
                "limits.series_per_metric. Those worst off are kept.",
                "the agent");

// Of partitions.
inline constexpr auto kUnderReplicated =
    spec::gauge("plumbline.kafka.partitions.under_replicated",
                Unit::kPartition,
                "Partitions with fewer replicas in sync than there should be.",
                "Metadata");
inline constexpr auto kOffline =
    spec::gauge("plumbline.kafka.partitions.offline",
                Unit::kPartition,
                "Partitions without a leader: nobody can write or read.",
                "Metadata");
inline constexpr auto kNotPreferred =
    spec::gauge("plumbline.kafka.partitions.not_preferred_leader",
                Unit::kPartition,
                "Partitions led by another broker than the one meant to.",
                "Metadata");
inline constexpr auto kLedPartitions =
    spec::gauge("plumbline.kafka.broker.partitions.led",
                Unit::kPartition,
                "Partitions that a broker leads; far apart they mean skew.",
                "Metadata",
                {spec::kCluster, "broker"});
inline constexpr auto kUnderMinIsr =
    spec::gauge("plumbline.kafka.partitions.under_min_isr",
                Unit::kPartition,
                "Partitions with fewer replicas in sync than min.insync.replicas: writers that ask "
                "for all of them are refused.",
                "Metadata, DescribeConfigs");
inline constexpr auto kReassigning = spec::gauge("plumbline.kafka.partitions.reassigning",
                                                 Unit::kPartition,
                                                 "Partitions being moved between brokers.",
                                                 "ListPartitionReassignments");
inline constexpr AttributeKeys kOfDirectory{spec::kCluster, "broker", "plumbline.kafka.log_dir"};
inline constexpr auto kLogSize = spec::gauge("plumbline.kafka.broker.log.size",
                                             Unit::kBytes,
                                             "What the partitions in each log directory take.",
                                             "DescribeLogDirs",
                                             kOfDirectory);
inline constexpr auto kDiskSize = spec::gauge("plumbline.kafka.broker.disk.limit",
                                              Unit::kBytes,
                                              "Size of the file system of each log directory.",
                                              "DescribeLogDirs",
                                              kOfDirectory);
inline constexpr auto kDiskFree = spec::gauge("plumbline.kafka.broker.disk.free",
                                              Unit::kBytes,
                                              "What is free on it.",
                                              "DescribeLogDirs",
                                              kOfDirectory);
inline constexpr auto kOpenTransaction =
    spec::gauge("plumbline.kafka.transaction.open.duration",
                Unit::kSeconds,
                "How long a transaction has been open that holds up readers of committed records; "
                "without a transactional id, how long it has been seen so.",
                "DescribeTransactions, DescribeProducers",
                {spec::kCluster,
                 "topic",
                 "partition",
                 "plumbline.kafka.producer.id",
                 "plumbline.kafka.transactional.id"});
inline constexpr auto kTopicPartitions = spec::amount("kafka.topic.partitions",
                                                      Unit::kPartition,
                                                      "Partitions of each topic.",
                                                      "Metadata",
                                                      spec::kOfTopic);
inline constexpr auto kRecreated =
    spec::counter("plumbline.kafka.topics.recreated",
                  Unit::kEvent,
                  "Topics that were deleted and made again under their name.",
                  "Metadata, topic id");
inline constexpr auto kReplicas = spec::amount("kafka.partition.replicas",
                                               Unit::kReplica,
                                               "Replicas of each partition.",
                                               "Metadata",
                                               spec::kOfPartition);
inline constexpr auto kInSync = spec::amount("kafka.partition.replicas_in_sync",
                                             Unit::kReplica,
                                             "Replicas in sync of each partition.",
                                             "Metadata",
                                             spec::kOfPartition);
inline constexpr auto kEnd = spec::gauge("kafka.partition.current_offset",
                                         Unit::kOffset,
                                         "Where each partition ends (high watermark).",
                                         "ListOffsets latest",
                                         spec::kOfPartition);
inline constexpr auto kStart = spec::gauge("kafka.partition.oldest_offset",
                                           Unit::kOffset,
                                           "The oldest offset still in each partition.",
                                           "ListOffsets earliest",
                                           spec::kOfPartition);
inline constexpr auto kStable =
    spec::gauge("plumbline.kafka.partition.stable_offset",
                Unit::kOffset,
                "The last stable offset of each partition: behind it a transaction is open.",
                "ListOffsets latest, read committed",
                spec::kOfPartition);

// Of groups.
inline constexpr auto kMembers =
    spec::amount("kafka.consumer_group.members",
                 Unit::kMember,
                 "Members of each group.",
                 "DescribeGroups, ConsumerGroupDescribe, ShareGroupDescribe",
                 spec::kOfGroup);
inline constexpr auto kIdleMembers =
    spec::amount("plumbline.kafka.consumer_group.members.idle",
                 Unit::kMember,
                 "Members without a partition.",
                 "DescribeGroups, ConsumerGroupDescribe, ShareGroupDescribe",
                 spec::kOfGroup);
inline constexpr auto kGroupState =
    spec::gauge("plumbline.kafka.consumer_group.state",
                Unit::kState,
                "0 unknown, 1 preparing rebalance, 2 completing rebalance, 3 stable, 4 dead, "
                "5 empty, 6 assigning, 7 reconciling, 8 not ready.",
                "ListGroups",
                {spec::kCluster, "group", "plumbline.kafka.group.type"});
inline constexpr auto kRebalances =
    spec::counter("plumbline.kafka.consumer_group.rebalances",
                  Unit::kEvent,
                  "Changes of the group's epoch; of a classic group, looks that found another "
                  "assignment.",
                  "ConsumerGroupDescribe, DescribeGroups",
                  spec::kOfGroup);
inline constexpr auto kCommitted = spec::gauge("kafka.consumer_group.offset",
                                               Unit::kOffset,
                                               "What each group has committed.",
                                               "OffsetFetch, DescribeShareGroupOffsets",
                                               spec::kOfGroupPartition);
inline constexpr auto kCommittedSum = spec::gauge("kafka.consumer_group.offset_sum",
                                                  Unit::kOffset,
                                                  "The same, summed over the topic's partitions.",
                                                  "OffsetFetch",
                                                  spec::kOfGroupTopic);
inline constexpr auto kLag = spec::gauge(
    "kafka.consumer_group.lag",
    Unit::kOffset,
    "From the committed offset to the end, as Kafka's own tools count it. Negative when "
    "the log was truncated.",
    "ListOffsets, OffsetFetch",
    spec::kOfGroupPartition);
inline constexpr auto kLagSum = spec::gauge("kafka.consumer_group.lag_sum",
                                            Unit::kOffset,
                                            "The same, summed over the topic's partitions.",
                                            "ListOffsets, OffsetFetch",
                                            spec::kOfGroupTopic);
inline constexpr auto kGroupLag = spec::gauge("plumbline.kafka.consumer_group.backlog",
                                              Unit::kOffset,
                                              "The same, summed over everything the group reads.",
                                              "ListOffsets, OffsetFetch",
                                              spec::kOfGroup);
inline constexpr auto kStableLag = spec::gauge(
    "plumbline.kafka.consumer_group.lag.stable",
    Unit::kOffset,
    "From the committed to the last stable offset: what a consumer of committed records "
    "could read now. An open transaction is not its lag, nor are markers alone.",
    "ListOffsets, OffsetFetch",
    spec::kOfGroupPartition);
inline constexpr auto kMarkerLag = spec::gauge(
    "plumbline.kafka.consumer_group.lag.markers",
    Unit::kOffset,
    "Of the lag, what is only the ends of transactions, which no consumer is given; "
    "told when nothing else is unread. Method fetch: by the heads of the batches there.",
    "Fetch",
    {spec::kCluster, "group", "topic", "partition", "plumbline.method"});
inline constexpr auto kLagTime =
    spec::gauge("plumbline.kafka.consumer_group.lag.duration",
                Unit::kSeconds,
                "How long ago the first record that the group has not read was written. Method "
                "ring: from when the log ended where; list_offsets: a broker looked it up.",
                "ends of logs over time, ListOffsets by time",
                {spec::kCluster, "group", "topic", "partition", "plumbline.method"});
inline constexpr auto kLagTimeBound =
    spec::gauge("plumbline.kafka.consumer_group.lag.duration.bound",
                Unit::kSeconds,
                "Between which bounds plumbline.kafka.consumer_group.lag.duration lies.",
                "ends of logs over time, ListOffsets by time",
                {spec::kCluster, "group", "topic", "partition", "plumbline.bound"});
inline constexpr auto kGroupLagTime =
    spec::gauge("plumbline.kafka.consumer_group.lag.duration.max",
                Unit::kSeconds,
                "The longest of the group's partitions; absent while one of them is not known.",
                "ends of logs over time, ListOffsets by time",
                spec::kOfGroup);
inline constexpr auto kVerdict =
    spec::gauge("plumbline.kafka.consumer_group.verdict",
                Unit::kState,
                "The worst of the group's partitions: 0 ok, 1 slow, 2 rewound, 3 stalled, "
                "4 stopped. The log says why.",
                "commits and ends over time",
                spec::kOfGroup);
inline constexpr auto kSkew =
    spec::gauge("plumbline.kafka.consumer_group.lag.skew",
                Unit::kOne,
                "The share of the group's lag that its worst partition has.",
                "ListOffsets, OffsetFetch",
                spec::kOfGroup);
inline constexpr auto kCommitAge =
    spec::gauge("plumbline.kafka.consumer_group.commit.age",
                Unit::kSeconds,
                "Since a new offset was last seen; absent until one was.",
                "OffsetFetch over time",
                spec::kOfGroupPartition);
inline constexpr auto kCommitRate =
    spec::gauge("plumbline.kafka.consumer_group.commit.rate",
                Unit::kOffsetRate,
                "How fast committed offsets grow, over about a minute.",
                "OffsetFetch over time",
                spec::kOfGroupTopic);
inline constexpr auto kCatchUp = spec::gauge(
    "plumbline.kafka.consumer_group.catch_up.duration",
    Unit::kSeconds,
    "When the group's slowest partition will have caught up at its present pace; absent "
    "when it will not.",
    "OffsetFetch and ListOffsets over time",
    spec::kOfGroup);
inline constexpr auto kLost =
    spec::counter("plumbline.kafka.consumer_group.records.lost",
                  Unit::kRecord,
                  "Offsets that were deleted before the group had read them. The log names them.",
                  "ListOffsets earliest, OffsetFetch",
                  spec::kOfGroupTopic);
inline constexpr auto kTimeToLoss =
    spec::gauge("plumbline.kafka.consumer_group.loss.in",
                Unit::kSeconds,
                "When the first record that the group has not read will be older than the topic "
                "keeps records.",
                "DescribeConfigs retention.ms, the lag in seconds",
                spec::kOfGroupTopic);
inline constexpr auto kRewinds =
    spec::counter("plumbline.kafka.consumer_group.rewinds",
                  Unit::kEvent,
                  "Commits of an offset before the one committed last.",
                  "OffsetFetch over time",
                  spec::kOfGroupTopic);

// Of dead-letter topics: "orders.dlq", "orders-dlt", "dlq.orders" and their like.
inline constexpr auto kDeadLetters = spec::gauge(
    "plumbline.kafka.dead_letter.depth",
    Unit::kOffset,
    "How many records lie in a dead-letter topic, those of transactions' markers included.",
    "ListOffsets",
    spec::kOfTopic);
inline constexpr auto kDeadLetterRate = spec::gauge("plumbline.kafka.dead_letter.rate",
                                                    Unit::kOffsetRate,
                                                    "How fast it grows, over about a minute.",
                                                    "ListOffsets over time",
                                                    spec::kOfTopic);
inline constexpr auto kDeadLetterAge =
    spec::gauge("plumbline.kafka.dead_letter.age",
                Unit::kSeconds,
                "How long ago the oldest of its records was written; absent when it is empty.",
                "ListOffsets by time",
                spec::kOfTopic);
inline constexpr auto kDeadLetterShare =
    spec::gauge("plumbline.kafka.dead_letter.share",
                Unit::kOne,
                "How fast it grows beside the topic whose name it has.",
                "ListOffsets over time",
                spec::kOfTopic);

inline constexpr std::array kOwnMetrics{kUnderMinIsr,   kReassigning,
                                        kLogSize,       kDiskSize,
                                        kDiskFree,      kOpenTransaction,
                                        kTimeToLoss,    kUp,
                                        kBrokers,       kController,
                                        kLookDuration,  kRequests,
                                        kReceived,      kRefusals,
                                        kSeriesLeftOut, kUnderReplicated,
                                        kOffline,       kNotPreferred,
                                        kLedPartitions, kTopicPartitions,
                                        kRecreated,     kReplicas,
                                        kInSync,        kEnd,
                                        kStart,         kStable,
                                        kMembers,       kIdleMembers,
                                        kGroupState,    kRebalances,
                                        kCommitted,     kCommittedSum,
                                        kLag,           kLagSum,
                                        kGroupLag,      kStableLag,
                                        kMarkerLag,     kLagTime,
                                        kLagTimeBound,  kGroupLagTime,
                                        kVerdict,       kSkew,
                                        kCommitAge,     kCommitRate,
                                        kCatchUp,       kLost,
                                        kRewinds,       kGroupsLeftOut,
                                        kDeadLetters,   kDeadLetterRate,
                                        kDeadLetterAge, kDeadLetterShare};

}  // namespace plumbline::kafka
