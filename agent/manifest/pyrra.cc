// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/config/quantity.h"
#include "agent/config/value.h"
#include "agent/manifest/import.h"
#include "agent/manifest/promql_text.h"
#include "agent/manifest/yaml_path.h"

namespace plumbline {
namespace {

// "4w" → "28d", since durations here have no weeks.
std::string without_weeks(const std::string& window) {
  if (!window.ends_with('w')) return window;
  const auto weeks = parse_count(std::string_view(window).substr(0, window.size() - 1));
  return weeks && *weeks < 1'000 ? fmt::format("{}d", *weeks * 7) : window;
}

std::string grouping_of(const YamlValue& indicator) {
  const auto* list = yaml_at(indicator, "grouping");
  if (list == nullptr || list->items.empty()) return "sum";
  std::vector<std::string> labels;
  labels.reserve(list->items.size());
  for (const auto& item : list->items) labels.push_back(item.text);
  return fmt::format("sum by ({})", fmt::join(labels, ", "));
}

}  // namespace

bool Importer::pyrra_indicator(const YamlValue& spec, YamlValue& slo) {
  const auto* indicators = yaml_at(spec, "indicator");
  if (indicators == nullptr || indicators->entries.size() != 1) {
    refuse(spec, "an objective has one indicator", "indicator with ratio, latency or bool_gauge");
    return false;
  }
  const auto& kind = indicators->entries.front().key;
  const auto& indicator = indicators->entries.front().value;
  const auto sum = grouping_of(indicator);
  const auto put = [&](std::string_view key, std::string_view metric, std::string_view form) {
    const auto* selector = yaml_at(indicator, metric);
    if (selector == nullptr || !is_selector(selector->text)) {
      refuse(selector == nullptr ? indicator : *selector, fmt::format("{} is no metric", metric));
      return false;
    }
    put_yaml(
        slo, key, yaml_scalar(*selector, fmt::format(fmt::runtime(form), sum, selector->text)));
    return true;
  };
  if (const auto* by = yaml_at(indicator, "grouping")) put_yaml(slo, "by", *by);
  constexpr std::string_view kIncrease = "{}(increase({}[$window]))";
  if (kind.text == "ratio") {
    put_yaml(slo, "name", yaml_scalar(kind, "errors"));
    return put("bad", "errors.metric", kIncrease) && put("total", "total.metric", kIncrease);
  }
  if (kind.text == "latency") {
    put_yaml(slo, "name", yaml_scalar(kind, "latency"));
    return put("good", "success.metric", kIncrease) && put("total", "total.metric", kIncrease);
  }
  if (kind.text == "latencyNative") {
    const auto latency = parse_duration(yaml_text(indicator, "latency"));
    if (!latency) {
      refuse(indicator, "latency is no duration", "a duration such as 1s");
      return false;
    }
    put_yaml(slo, "name", yaml_scalar(kind, "latency"));
    const auto good = fmt::format(
        "{{0}}(histogram_fraction(0, {}, increase({{1}}[$window])) * "
        "histogram_count(increase({{1}}[$window])))",
        static_cast<double>(*latency) / 1'000);
    return put("good", "total.metric", good) &&
           put("total", "total.metric", "{}(histogram_count(increase({}[$window])))");
  }
  if (kind.text == "bool_gauge") {
    put_yaml(slo, "name", yaml_scalar(kind, "up"));
    return put("good", "metric", "{}(sum_over_time({}[$window]))") &&
           put("total", "metric", "{}(count_over_time({}[$window]))");
  }
  refuse(kind,
         fmt::format("there is no indicator {}", in_quotes(kind.text)),
         "ratio, latency, latencyNative or bool_gauge");
  return false;
}

std::optional<YamlValue> Importer::pyrra(const YamlValue& document) {
  const auto* name = yaml_at(document, "metadata.name");
  const auto* spec = yaml_at(document, "spec");
  if (name == nullptr || spec == nullptr) {
    refuse(document, "a document of Pyrra without metadata.name or spec");
    return std::nullopt;
  }
  auto manifest = service_manifest(*name);
  if (const auto* space = yaml_at(document, "metadata.namespace")) {
    put_yaml(manifest, "metadata.namespace", *space);
  }
  if (const auto* labels = yaml_at(document, "metadata.labels")) {
    for (const auto& label : labels->entries) {
      if (label.key.text == "pyrra.dev/team" || label.key.text == "team") {
        put_yaml(manifest, "spec.owner", label.value);
      } else {
        leave_out(label.key, in_quotes(label.key.text));
      }
    }
  }
  YamlValue slo{.kind = YamlValue::Kind::kMap, .at = spec->at, .length = spec->length};
  if (!pyrra_indicator(*spec, slo)) return std::nullopt;
  if (const auto* target = yaml_at(*spec, "target")) {
    put_yaml(slo, "target", *target);
  } else {
    refuse(*spec, "the objective has no target");
    return std::nullopt;
  }
  if (const auto* window = yaml_at(*spec, "window")) {
    put_yaml(slo, "window", yaml_scalar(*window, without_weeks(window->text)));
  }
  for (const auto path : {"alerting.disabled", "alerting.burnrates", "alerting.absent"}) {
    const auto* value = yaml_at(*spec, path);
    const bool turns_off = value != nullptr && (value->text == "true") ==
                                                   (std::string_view(path) == "alerting.disabled");
    if (!turns_off) continue;
    refuse(*value, "an objective here has its alerts", fmt::format("without {}", path));
    return std::nullopt;
  }
  YamlValue slos{.kind = YamlValue::Kind::kList, .at = spec->at, .items = {std::move(slo)}};
  put_yaml(manifest, "spec.slos", std::move(slos));
  return manifest;
}

}  // namespace plumbline
