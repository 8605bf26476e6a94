// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/openslo_file.h"

#include <fmt/format.h>

#include "agent/config/quantity.h"
#include "agent/generate/promql.h"
#include "agent/generate/rule_file.h"
#include "agent/manifest/fields.h"

namespace plumbline {
namespace {

std::string query(std::string_view indent, std::string_view key, std::string_view query) {
  return fmt::format(
      "{0}{1}:\n{0}  metricSource:\n{0}    type: Prometheus\n{0}    spec:\n{0}      query: {2}\n",
      indent,
      key,
      quoted_text(query));
}

// Those of gauges tell whether a moment is good.
std::string indicator_text(const Indicator& indicator) {
  auto out = fmt::format("  indicator:\n    metadata:\n      name: {}\n    spec:\n", indicator.slo);
  if (indicator.counting == Indicator::Counting::kSlices) {
    return out + query("      ", "thresholdMetric", indicator.bad);
  }
  out += "      ratioMetric:\n        counter: true\n";
  // As the manifest has them; what the rules put around them is not the team's.
  const auto* spec = indicator.named.spec;
  const auto& bad = spec == nullptr ? indicator.bad : spec->bad;
  const auto& total = spec == nullptr ? indicator.all : spec->total;
  return out +
         (bad.empty() ? query("        ", "good", spec->good) : query("        ", "bad", bad)) +
         query("        ", "total", total);
}

std::string window_text(const Indicator& indicator) {
  const auto* spec = indicator.named.spec;
  if (spec == nullptr || spec->calendar == Calendar::kRolling) {
    return fmt::format("    - duration: {}d\n      isRolling: true\n",
                       indicator.named.objective.period.count() / 24);
  }
  return fmt::format(
      "    - duration: {}\n      isRolling: false\n      calendar:\n"
      "        startTime: \"2026-01-01 00:00:00\"\n        timeZone: UTC\n",
      spec->calendar == Calendar::kMonth ? "1M" : "1Q");
}

std::string objective_text(const Indicator& indicator) {
  const auto target = format_percent(indicator.named.objective.target_ppm);
  if (indicator.counting != Indicator::Counting::kSlices) {
    return fmt::format(
        "  budgetingMethod: Occurrences\n  objectives:\n    - displayName: {}\n"
        "      targetPercent: {}\n",
        indicator.named.name,
        target);
  }
  return fmt::format(
      "  budgetingMethod: Timeslices\n  objectives:\n    - displayName: {}\n"
      "      targetPercent: {}\n      op: lte\n      value: 0\n      timeSliceTarget: 1\n"
      "      timeSliceWindow: 1m\n",
      indicator.named.name,
      target);
}

}  // namespace

std::string openslo_file(const PlatformManifest& manifest,
                         const std::vector<Indicator>& indicators,
                         const std::string& origin) {
  const auto& common = manifest.common();
  auto out = generated_header(origin) +
             fmt::format(
                 "apiVersion: openslo/v1\nkind: Service\nmetadata:\n  name: {}\n  labels:\n"
                 "    team: {}\nspec:\n  description: {}\n",
                 common.name,
                 quoted_text(common.owner),
                 quoted_text(fmt::format("The {} {}.", kind_of(manifest), common.name)));
  for (const auto& indicator : indicators) {
    out += fmt::format(
               "---\napiVersion: openslo/v1\nkind: SLO\nmetadata:\n  name: {}\n  labels:\n"
               "    team: {}\nspec:\n  description: {}\n  service: {}\n",
               indicator.slo,
               quoted_text(common.owner),
               quoted_text(fmt::format("Bad are {}.", indicator.subject)),
               common.name) +
           indicator_text(indicator) + "  timeWindow:\n" + window_text(indicator) +
           objective_text(indicator);
  }
  return out;
}

}  // namespace plumbline
