// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/alert_parts.h"

#include <fmt/format.h>

#include "agent/generate/indicator.h"
#include "agent/generate/slo_rules.h"
#include "agent/manifest/signals.h"

namespace plumbline {

AlertRule limit_alert(const ManifestCommon& common, Said said, std::string expr) {
  return {.name = camel_case(common.name) + std::string(said.name),
          .expr = std::move(expr),
          .wait = said.wait,
          .labels = alert_labels(common, std::move(said.severity)),
          .annotations = {{"summary", fmt::format("{}: {}", common.name, said.summary)},
                          {"description", std::move(said.description)}}};
}

// It may take a look of a minute to see that the field is mended.
LimitAlert drift_alert(const ManifestCommon& common) {
  constexpr std::string_view kField = "plumbline.manifest.field";
  const std::vector<Matcher> of_this{{"plumbline.manifest.name", common.name}};
  const auto one = series(manifests::kAgreement, with(of_this, {kField, "spec.owner"}));
  return {
      limit_alert(
          common,
          {"Drift",
           "warning",
           std::chrono::minutes(15),
           "its manifest does not say what is there",
           "{{ $labels.plumbline_manifest_field }} disagrees with what the agents see. "
           "Their logs say what is there instead; change that, or the manifest."},
          fmt::format("{} ({}) == 0", by("min", {kField}), series(manifests::kAgreement, of_this))),
      {{one, "1", "0"}}};
}

std::string grew(const std::string& counter,
                 const std::string& seen,
                 const std::vector<std::string_view>& source) {
  const auto by_source = by("", source);  // " by (a, b)"
  return fmt::format(
      "increase({0}[10m]) > 0\nor ({0} unless {0} offset 10m) > 0\n  and on {1} {2} "
      "offset 10m",
      counter,
      by_source.substr(by_source.find('(')),
      seen);
}

std::vector<Matcher> a_server(const ClickHouseCluster& cluster) {
  if (cluster.endpoints.empty()) return {{"server.address", "ch-1"}};
  const auto& endpoint = cluster.endpoints.front();
  const auto colon = endpoint.rfind(':');
  return {{"server.address", endpoint.substr(0, colon)},
          {"server.port", endpoint.substr(colon + 1)}};
}

}  // namespace plumbline
