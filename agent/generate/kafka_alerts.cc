// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "agent/generate/alert_parts.h"
#include "agent/generate/indicator.h"
#include "agent/generate/slo_rules.h"
#include "collectors/kafka/signals.h"

namespace plumbline {
namespace {

using std::chrono::minutes;

LimitAlert log_disk(const KafkaCluster& cluster) {
  const auto of_directory = by("max", {kafka::spec::kCluster, "broker", "plumbline.kafka.log_dir"});
  const auto all = brokers_of(cluster);
  const auto one = with(all, {"broker", "1"});
  const auto used = cluster.alert_on_disk;
  return {
      limit_alert(cluster.common,
                  {"LogDisk",
                   page_severity(cluster.common),
                   minutes(10),
                   fmt::format("the disk of a log directory is more than {} % full", used),
                   "The disk of {{ $labels.plumbline_kafka_log_dir }} on broker "
                   "{{ $labels.broker }} is {{ $value | printf \"%.1f\" }} % full. A broker whose "
                   "disk is full stops."},
                  fmt::format("100 * (1 - {0} ({1})\n  / {0} ({2})) > {3}",
                              of_directory,
                              series(kafka::kDiskFree, all),
                              series(kafka::kDiskSize, all),
                              used)),
      {{series(kafka::kDiskFree, one), "100000", fmt::format("{}", (100 - used) * 1000 - 500)},
       {series(kafka::kDiskSize, one), "100000", "100000"}}};
}

LimitAlert brokers(const KafkaCluster& cluster) {
  const auto declared = cluster.brokers;
  const auto there = series(kafka::kBrokers, brokers_of(cluster));
  return {
      limit_alert(cluster.common,
                  {"Brokers",
                   "warning",
                   minutes(10),
                   fmt::format("there are fewer brokers than the {} that are declared", declared),
                   "{{ $value }} brokers are in the cluster. One is down, or the manifest is "
                   "old."},
                  fmt::format("max({}) < {}", there, declared)),
      {{there, fmt::to_string(declared), fmt::to_string(declared - 1)}}};
}

}  // namespace

std::vector<LimitAlert> alerts_of(const KafkaCluster& cluster) {
  std::vector<LimitAlert> alerts{log_disk(cluster)};
  if (cluster.brokers > 0) alerts.push_back(brokers(cluster));
  return alerts;
}

}  // namespace plumbline
