// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/runbook_links.h"

#include <algorithm>

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

std::string runbook_of(const PlatformManifest& manifest, const std::string& alert) {
  const auto trouble = trouble_of(alert, manifest.common().name);
  // All objectives trickle away, and go blind, alike.
  for (const std::string_view alike : {"Trickle", "Blind"}) {
    if (trouble.ends_with(alike)) return fmt::format("Slo{}", alike);
  }
  const bool pipeline = std::holds_alternative<DataPipeline>(manifest.kind);
  return fmt::format("{}{}", pipeline ? "Pipeline" : "ClickHouse", trouble);
}

}  // namespace

void describe_alert(const PlatformManifest& manifest, AlertRule& alert) {
  alert.labels.emplace_back(kRunbookLabel, runbook_of(manifest, alert.name));
  if (const auto* pipeline = std::get_if<DataPipeline>(&manifest.kind)) {
    alert.labels.emplace_back("topic", pipeline->topic);
    alert.labels.emplace_back("group", pipeline->consumer_group);
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
