// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "agent/config/quantity.h"
#include "agent/config/value.h"
#include "agent/manifest/import.h"
#include "agent/manifest/promql_text.h"
#include "agent/manifest/yaml_path.h"

namespace plumbline {
namespace {

constexpr std::string_view kQuery = "metricSource.spec.query";

// Those that hold no objective; what they say is said here by the manifest itself.
bool is_beside(std::string_view kind) {
  static constexpr std::array<std::string_view, 6> kBeside{
      "Service", "SLI", "DataSource", "AlertPolicy", "AlertCondition", "AlertNotificationTarget"};
  return std::ranges::find(kBeside, kind) != kBeside.end();
}

// "0.999" → "99.9"; empty when it is no share.
std::string percent_of_share(const std::string& share) {
  const auto ppm = parse_percent(share);
  return ppm && *ppm <= 10'000 ? format_percent(*ppm * 100) : std::string();
}

// What is bad when `op` with the value is good.
std::string_view opposite(std::string_view op) {
  return op == "lte" ? ">" : op == "lt" ? ">=" : op == "gte" ? "<" : op == "gt" ? "<=" : "";
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.-e") == std::string_view::npos;
}

// "30d", "4w", "1M"; no other units of months than M and Q.
struct Window {
  std::string window;
  std::string calendar;
};
Window window_of(const std::string& duration) {
  if (duration == "1M") return {.window = {}, .calendar = "month"};
  if (duration == "1Q" || duration == "3M") return {.window = {}, .calendar = "quarter"};
  if (!duration.ends_with('w')) return {.window = duration, .calendar = {}};
  const auto weeks = parse_count(std::string_view(duration).substr(0, duration.size() - 1));
  return {.window = weeks && *weeks < 1'000 ? fmt::format("{}d", *weeks * 7) : duration,
          .calendar = {}};
}

}  // namespace

// In place, or the SLI of that name in the same file.
const YamlValue* Importer::openslo_indicator(const YamlValue& spec) {
  if (const auto* inside = yaml_at(spec, "indicator.spec")) return inside;
  const auto* reference = yaml_at(spec, "indicatorRef");
  if (reference == nullptr) {
    refuse(spec, "the objective has no indicator", "indicator or indicatorRef");
    return nullptr;
  }
  for (const auto& document : documents_) {
    if (yaml_text(document, "kind") != "SLI") continue;
    if (yaml_text(document, "metadata.name") == reference->text) return yaml_at(document, "spec");
  }
  refuse(*reference, fmt::format("there is no SLI {} in this file", in_quotes(reference->text)));
  return nullptr;
}

bool Importer::openslo_window(const YamlValue& spec, YamlValue& slo) {
  const auto* windows = yaml_at(spec, "timeWindow");
  if (windows == nullptr || windows->items.empty()) return true;
  const auto& first = windows->items.front();
  const auto* duration = yaml_at(first, "duration");
  if (windows->items.size() > 1 || duration == nullptr) {
    refuse(*windows, "an objective has one time window, with its duration");
    return false;
  }
  const bool rolls = yaml_text(first, "isRolling") == "true";
  const auto zone = yaml_text(first, "calendar.timeZone");
  const auto [window, calendar] = window_of(duration->text);
  if (rolls != calendar.empty()) {
    refuse(*duration,
           rolls ? "a month does not roll: it has no fixed length"
                 : "of calendars there are months and quarters",
           rolls ? "a duration such as 30d" : "1M or 1Q");
    return false;
  }
  if (!rolls && !zone.empty() && zone != "UTC" && zone != "Etc/UTC") {
    refuse(*yaml_at(first, "calendar.timeZone"), "months begin at midnight UTC", "UTC");
    return false;
  }
  if (rolls) put_yaml(slo, "window", yaml_scalar(*duration, window));
  if (!rolls) put_yaml(slo, "calendar", yaml_scalar(*duration, calendar));
  return true;
}

bool Importer::openslo_ratio(const YamlValue& ratio, YamlValue& slo) {
  if (const auto* raw = yaml_at(ratio, "raw")) {
    refuse(
        *raw, "a ratio cannot be added up: budgets are made of counts", "good or bad, and total");
    return false;
  }
  const auto* total = yaml_at(ratio, fmt::format("total.{}", kQuery));
  const auto* good = yaml_at(ratio, fmt::format("good.{}", kQuery));
  const auto* bad = yaml_at(ratio, fmt::format("bad.{}", kQuery));
  if (total == nullptr || (good == nullptr) == (bad == nullptr)) {
    refuse(
        ratio, "the ratio lacks queries", fmt::format("{} of total, and of good or bad", kQuery));
    return false;
  }
  return put_query(slo, "total", *total) &&
         (good == nullptr ? put_query(slo, "bad", *bad) : put_query(slo, "good", *good));
}

bool Importer::openslo_threshold(const YamlValue& query,
                                 const YamlValue& objective,
                                 YamlValue& slo) {
  const auto bad = opposite(yaml_text(objective, "op"));
  const auto value = yaml_text(objective, "value");
  if (bad.empty() || !is_number(value)) {
    refuse(objective, "the threshold lacks op or value", "op lte, lt, gte or gt, and a number");
    return false;
  }
  if (const auto why = promql_complaint(query.text); !why.empty()) {
    refuse(query, why);
    return false;
  }
  put_yaml(
      slo, "badWhen", yaml_scalar(query, fmt::format("({}) {} bool {}", query.text, bad, value)));
  return true;
}

bool Importer::openslo_slices(const YamlValue& spec, const YamlValue& objective, YamlValue& slo) {
  const auto method = yaml_text(spec, "budgetingMethod");
  if (method != "Timeslices") {
    if (method.empty() || method == "Occurrences") return true;
    refuse(*yaml_at(spec, "budgetingMethod"),
           "shares of slices are ratios, which cannot be added up",
           "Occurrences or Timeslices");
    return false;
  }
  const auto* target = yaml_at(objective, "timeSliceTarget");
  const auto* window = yaml_at(objective, "timeSliceWindow");
  if (window != nullptr && window->text != "1m" && window->text != "1") {
    refuse(*window, "a slice is a minute", "1m");
    return false;
  }
  if (target == nullptr) return true;
  const bool is_threshold = yaml_at(slo, "badWhen") != nullptr;
  const auto all = parse_percent(target->text);
  if (is_threshold && all && *all == 10'000) return true;
  if (is_threshold) {
    refuse(*target, "a moment of a threshold is good or not", "1");
    return false;
  }
  // All of them: a slice with one bad event is bad.
  auto percent = percent_of_share(target->text);
  if (percent == "100") percent = "99.9999";
  put_yaml(slo, "sliceTarget", yaml_scalar(*target, percent.empty() ? target->text : percent));
  return true;
}

std::optional<YamlValue> Importer::openslo_slo(const YamlValue& document,
                                               const YamlValue& objective) {
  const auto& spec = *yaml_at(document, "spec");
  const auto* name = yaml_at(document, "metadata.name");
  YamlValue slo{.kind = YamlValue::Kind::kMap, .at = objective.at, .length = objective.length};
  const auto several = yaml_at(spec, "objectives")->items.size() > 1;
  const auto own = yaml_text(objective, "displayName");
  put_yaml(slo,
           "name",
           yaml_scalar(*name, manifest_name(several ? name->text + "-" + own : name->text)));
  const auto* share = yaml_at(objective, "target");
  const auto* percent = yaml_at(objective, "targetPercent");
  if ((share == nullptr) == (percent == nullptr)) {
    refuse(objective, "the objective has no target, or two", "target or targetPercent");
    return std::nullopt;
  }
  if (percent != nullptr) put_yaml(slo, "target", *percent);
  if (share != nullptr) {
    const auto as_percent = percent_of_share(share->text);
    if (as_percent.empty()) {
      refuse(*share, fmt::format("{} is no share", in_quotes(share->text)), "such as 0.999");
      return std::nullopt;
    }
    put_yaml(slo, "target", yaml_scalar(*share, as_percent));
  }
  for (const auto* key : {"compositeWeight", "indicator", "indicatorRef"}) {
    if (const auto* part = yaml_at(objective, key)) {
      refuse(*part, "an objective of several indicators cannot be said here");
      return std::nullopt;
    }
  }
  const auto* indicator = openslo_indicator(spec);
  if (indicator == nullptr) return std::nullopt;
  const auto* ratio = yaml_at(*indicator, "ratioMetric");
  const auto* threshold = yaml_at(*indicator, fmt::format("thresholdMetric.{}", kQuery));
  if (ratio == nullptr && threshold == nullptr) {
    refuse(*indicator, "the indicator has no query", "ratioMetric or thresholdMetric");
    return std::nullopt;
  }
  const bool good =
      ratio != nullptr ? openslo_ratio(*ratio, slo) : openslo_threshold(*threshold, objective, slo);
  if (!good || !openslo_window(spec, slo) || !openslo_slices(spec, objective, slo)) {
    return std::nullopt;
  }
  return slo;
}

std::optional<YamlValue> Importer::openslo(const YamlValue& document) {
  const auto kind = yaml_text(document, "kind");
  if (is_beside(kind)) return std::nullopt;
  const auto* version = yaml_at(document, "apiVersion");
  const auto* name = yaml_at(document, "metadata.name");
  const auto* service = yaml_at(document, "spec.service");
  const auto* objectives = yaml_at(document, "spec.objectives");
  if (version->text != "openslo/v1" || kind != "SLO") {
    refuse(*version, "only SLOs of openslo/v1 are read", "apiVersion: openslo/v1, kind: SLO");
    return std::nullopt;
  }
  if (name == nullptr || service == nullptr || objectives == nullptr) {
    refuse(document, "the SLO lacks metadata.name, spec.service or spec.objectives");
    return std::nullopt;
  }
  auto manifest = service_manifest(*service);
  for (const auto* key : {"metadata.labels.owner", "metadata.labels.team"}) {
    if (const auto* owner = yaml_at(document, key)) put_yaml(manifest, "spec.owner", *owner);
  }
  if (const auto* policies = yaml_at(document, "spec.alertPolicies")) {
    leave_out(*policies, "what alertPolicies asks for, since every objective has its alerts,");
  }
  YamlValue slos{.kind = YamlValue::Kind::kList, .at = objectives->at};
  for (const auto& objective : objectives->items) {
    if (auto one = openslo_slo(document, objective)) slos.items.push_back(*std::move(one));
  }
  put_yaml(manifest, "spec.slos", std::move(slos));
  return manifest;
}

}  // namespace plumbline
