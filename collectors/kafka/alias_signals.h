// SPDX-License-Identifier: Apache-2.0
//
// The names that other exporters give to what this collector measures, so that dashboards made for
// them go on working. Only as Prometheus shows them; what would be the same name as one of ours is
// not repeated (kafka_brokers, kafka_topic_partitions).
#pragma once

#include <array>

#include "collectors/kafka/signals.h"

namespace plumbline::kafka::alias {

inline constexpr AttributeKeys kKlagGroup{"cluster_name", "group"};
inline constexpr AttributeKeys kKlagTopic{"cluster_name", "group", "topic"};
inline constexpr AttributeKeys kKlagPartition{"cluster_name", "group", "topic", "partition"};
inline constexpr AttributeKeys kKlagLog{"cluster_name", "topic", "partition"};
inline constexpr AttributeKeys kMinionGroup{"group_id"};
inline constexpr AttributeKeys kMinionTopic{"group_id", "topic_name"};
inline constexpr AttributeKeys kMinionPartition{"group_id", "topic_name", "partition_id"};
inline constexpr AttributeKeys kMinionLog{"topic_name", "partition_id"};
inline constexpr AttributeKeys kExporterGroup{"consumergroup"};
inline constexpr AttributeKeys kExporterTopic{"consumergroup", "topic"};
inline constexpr AttributeKeys kExporterPartition{"consumergroup", "topic", "partition"};
inline constexpr AttributeKeys kExporterLog{"topic", "partition"};

// What an alias repeats; the name says it too.
constexpr MetricSpec repeat(std::string_view name, Unit unit, AttributeKeys keys) {
  return spec::gauge(name, unit, "The same under the name of another exporter.", "alias", keys);
}

// klag-exporter and kafka-lag-exporter.
inline constexpr auto kKlagEnd = repeat("kafka_partition_latest_offset", Unit::kOffset, kKlagLog);
inline constexpr auto kKlagStart =
    repeat("kafka_partition_earliest_offset", Unit::kOffset, kKlagLog);
inline constexpr auto kKlagOffset =
    repeat("kafka_consumergroup_group_offset", Unit::kOffset, kKlagPartition);
inline constexpr auto kKlagLag =
    repeat("kafka_consumergroup_group_lag", Unit::kOffset, kKlagPartition);
inline constexpr auto kKlagTime =
    repeat("kafka_consumergroup_group_lag_seconds", Unit::kSeconds, kKlagPartition);
inline constexpr auto kKlagMaxLag =
    repeat("kafka_consumergroup_group_max_lag", Unit::kOffset, kKlagGroup);
inline constexpr auto kKlagSumLag =
    repeat("kafka_consumergroup_group_sum_lag", Unit::kOffset, kKlagGroup);
inline constexpr auto kKlagMaxTime =
    repeat("kafka_consumergroup_group_max_lag_seconds", Unit::kSeconds, kKlagGroup);
inline constexpr auto kKlagTopicLag =
    repeat("kafka_consumergroup_group_topic_sum_lag", Unit::kOffset, kKlagTopic);

// kminion.
inline constexpr auto kMinionEnd =
    repeat("kminion_kafka_topic_partition_high_water_mark", Unit::kOffset, kMinionLog);
inline constexpr auto kMinionStart =
    repeat("kminion_kafka_topic_partition_low_water_mark", Unit::kOffset, kMinionLog);
inline constexpr auto kMinionLag =
    repeat("kminion_kafka_consumer_group_topic_partition_lag", Unit::kOffset, kMinionPartition);
inline constexpr auto kMinionTopicLag =
    repeat("kminion_kafka_consumer_group_topic_lag", Unit::kOffset, kMinionTopic);
inline constexpr auto kMinionOffsetSum =
    repeat("kminion_kafka_consumer_group_topic_offset_sum", Unit::kOffset, kMinionTopic);
inline constexpr auto kMinionMembers =
    repeat("kminion_kafka_consumer_group_members", Unit::kMember, kMinionGroup);

// kafka_exporter.
inline constexpr auto kExporterEnd =
    repeat("kafka_topic_partition_current_offset", Unit::kOffset, kExporterLog);
inline constexpr auto kExporterStart =
    repeat("kafka_topic_partition_oldest_offset", Unit::kOffset, kExporterLog);
inline constexpr auto kExporterOffset =
    repeat("kafka_consumergroup_current_offset", Unit::kOffset, kExporterPartition);
inline constexpr auto kExporterLag =
    repeat("kafka_consumergroup_lag", Unit::kOffset, kExporterPartition);
inline constexpr auto kExporterOffsetSum =
    repeat("kafka_consumergroup_current_offset_sum", Unit::kOffset, kExporterTopic);
inline constexpr auto kExporterLagSum =
    repeat("kafka_consumergroup_lag_sum", Unit::kOffset, kExporterTopic);
inline constexpr auto kExporterMembers =
    repeat("kafka_consumergroup_members", Unit::kMember, kExporterGroup);

inline constexpr std::array kMetrics{
    kKlagEnd,        kKlagStart,      kKlagOffset,     kKlagLag,         kKlagTime,
    kKlagMaxLag,     kKlagSumLag,     kKlagMaxTime,    kKlagTopicLag,    kMinionEnd,
    kMinionStart,    kMinionLag,      kMinionTopicLag, kMinionOffsetSum, kMinionMembers,
    kExporterEnd,    kExporterStart,  kExporterOffset, kExporterLag,     kExporterOffsetSum,
    kExporterLagSum, kExporterMembers};

}  // namespace plumbline::kafka::alias
