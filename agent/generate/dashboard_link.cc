// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/dashboard_link.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "dashboards/links.h"

namespace plumbline {
namespace {

using Variables = std::vector<std::pair<std::string_view, std::string>>;

std::string pipeline_path(const DataPipeline& pipeline) {
  Variables variables;
  if (!pipeline.cluster.empty()) variables.emplace_back("cluster", pipeline.cluster);
  variables.emplace_back("topic", pipeline.topic);
  variables.emplace_back("group", pipeline.consumer_group);
  return board_path(BoardId::kPipeline, variables);
}

std::string cluster_path(const ClickHouseCluster& cluster) {
  std::vector<std::string> hosts;
  hosts.reserve(cluster.endpoints.size());
  for (const auto& endpoint : cluster.endpoints) {
    hosts.push_back(endpoint.substr(0, endpoint.rfind(':')));
  }
  std::ranges::sort(hosts);
  const auto same = std::ranges::unique(hosts);
  hosts.erase(same.begin(), same.end());
  Variables variables;
  for (auto& host : hosts) variables.emplace_back("server", std::move(host));
  return board_path(BoardId::kClickhouse, variables);
}

std::string kafka_path(const KafkaCluster& kafka) {
  Variables variables;
  if (!kafka.cluster.empty()) variables.emplace_back("cluster", kafka.cluster);
  return board_path(BoardId::kKafka, variables);
}

struct OfKind {
  std::string operator()(const ClickHouseCluster& cluster) const { return cluster_path(cluster); }
  std::string operator()(const DataPipeline& pipeline) const { return pipeline_path(pipeline); }
  std::string operator()(const KafkaCluster& kafka) const { return kafka_path(kafka); }
  // Nothing but objectives is told of the others.
  template <class Kind>
  std::string operator()(const Kind& kind) const {
    return board_path(BoardId::kSlo, {{"service", kind.common.name}});
  }
};

// What is told of a node has its label; Prometheus fills it in.
std::string of_instance(BoardId board) {
  return board_path(board, {}) + "?var-instance={{ $labels.instance }}";
}

}  // namespace

std::string dashboard_path(const PlatformManifest& manifest, const AlertRule& alert) {
  for (const auto& [name, value] : alert.labels) {
    if (name == "slo") return board_path(BoardId::kSlo, {{"slo", value}});
  }
  if (alert.expr.find("by (job, instance)") != std::string::npos)
    return of_instance(BoardId::kNode);
  return std::visit(OfKind{}, manifest.kind);
}

std::string node_dashboard_path(const AlertRule& alert) {
  if (alert.name.starts_with("Kafka")) {
    return board_path(BoardId::kKafka, {}) + "?var-cluster={{ $labels.kafka_cluster_alias }}";
  }
  return of_instance(alert.name.starts_with("Plumbline") ? BoardId::kAgent : BoardId::kNode);
}

}  // namespace plumbline
