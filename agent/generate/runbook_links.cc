// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/runbook_links.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "agent/generate/promql.h"

namespace plumbline {
namespace {

// What is wrong: "Backlog" of UserEventsIngestionBacklog, "FreshnessBurn" of
// SloUserEventsIngestionFreshnessBurn.
std::string_view trouble_of(std::string_view alert, const std::string& manifest) {
  const auto name = camel_case(manifest);
  const auto slo = "Slo" + name;
  alert.remove_prefix(alert.starts_with(slo) ? slo.size() : name.size());
  return alert;
}

struct KindWord {
  std::string_view operator()(const ClickHouseCluster& /*kind*/) const { return "ClickHouse"; }
  std::string_view operator()(const DataPipeline& /*kind*/) const { return "Pipeline"; }
  std::string_view operator()(const KafkaCluster& /*kind*/) const { return "Kafka"; }
  std::string_view operator()(const GpuPool& /*kind*/) const { return "Gpu"; }
  std::string_view operator()(const ModelService& /*kind*/) const { return "Model"; }
  std::string_view operator()(const Service& /*kind*/) const { return "Service"; }
};

// Whether it is of an objective that queries of the manifest tell.
bool is_by_queries(const ManifestCommon& common, const AlertRule& alert) {
  return std::ranges::any_of(common.slos, [&](const SloSpec& slo) {
    const std::pair<std::string, std::string> label{"slo",
                                                    fmt::format("{}-{}", common.name, slo.name)};
    return std::ranges::find(alert.labels, label) != alert.labels.end();
  });
}

std::string runbook_of(const PlatformManifest& manifest, const AlertRule& alert) {
  const auto trouble = trouble_of(alert.name, manifest.common().name);
  // All objectives trickle away, and go blind, alike.
  for (const std::string_view alike : {"Trickle", "Blind"}) {
    if (trouble.ends_with(alike)) return fmt::format("Slo{}", alike);
  }
  if (trouble == "Drift") return "ManifestDrift";
  if (is_by_queries(manifest.common(), alert)) {
    return trouble.ends_with("Groups") ? "SloGroups" : "SloBurn";
  }
  return fmt::format("{}{}", std::visit(KindWord{}, manifest.kind), trouble);
}

}  // namespace

void describe_alert(const PlatformManifest& manifest, AlertRule& alert) {
  alert.labels.emplace_back(kRunbookLabel, runbook_of(manifest, alert));
  if (const auto* pipeline = std::get_if<DataPipeline>(&manifest.kind)) {
    alert.labels.emplace_back("topic", pipeline->topic);
    alert.labels.emplace_back("group", pipeline->consumer_group);
  }
  const auto* kafka = std::get_if<KafkaCluster>(&manifest.kind);
  if (kafka != nullptr && !kafka->cluster.empty()) {
    alert.labels.emplace_back("kafka_cluster_alias", kafka->cluster);
  }
}

void describe_node_alert(AlertRule& alert) {
  alert.labels.emplace_back(kRunbookLabel, alert.name);
}

void link_runbook(const std::string& base, AlertRule& alert) {
  const auto label =
      std::ranges::find(alert.labels, kRunbookLabel, [](const auto& one) { return one.first; });
  if (label == alert.labels.end()) return;
  alert.annotations.emplace_back("value", "{{ $value | humanize }}");
  alert.annotations.emplace_back("runbook_url", fmt::format("{}/{}.md", base, label->second));
}

}  // namespace plumbline
