// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "agent/core/log.h"
#include "agent/pipeline/limit.h"

namespace plumbline {

std::vector<Overflow> SeriesLimit::overflows() const {
  std::vector<Overflow> result;
  for (const auto& [spec, metric] : metrics_) {
    if (metric.overflow != nullptr) result.push_back(metric.counts);
  }
  return result;
}

std::vector<Loudness::Label> SeriesLimit::labels_of(const Values& values, const Series& sample) {
  std::vector<Loudness::Label> labels;
  for (const auto& [key, different] : values) {
    Loudness::Label label{.key = std::string(key), .values = different.size(), .example = {}};
    for (const auto& [other, value] : sample.attributes()) {
      if (other == key) label.example = value;
    }
    labels.push_back(std::move(label));
  }
  std::sort(labels.begin(), labels.end(), [](const auto& a, const auto& b) {
    return a.values != b.values ? a.values > b.values : a.key < b.key;
  });
  return labels;
}

std::vector<Loudness> SeriesLimit::loudest(std::size_t count) const {
  struct Found {
    std::uint64_t series = 0;
    bool wanted = false;
    Values values;
  };
  std::unordered_map<const Metric*, Found> found;
  for (const auto& [hash, member] : members_) {
    if (member.source != nullptr) ++found[member.metric].series;
  }
  std::vector<const Metric*> order;
  order.reserve(found.size());
  for (const auto& [metric, what] : found) order.push_back(metric);
  std::sort(order.begin(), order.end(), [&](const Metric* a, const Metric* b) {
    const bool a_folds = a->counts.series > 0;
    if (a_folds != (b->counts.series > 0)) return a_folds;
    if (found[a].series != found[b].series) return found[a].series > found[b].series;
    return a->counts.metric->name < b->counts.metric->name;
  });
  const auto folding = static_cast<std::size_t>(std::count_if(
      order.begin(), order.end(), [](const Metric* metric) { return metric->counts.series > 0; }));
  order.resize(std::min(order.size(), std::max(count, folding)));
  for (const auto* metric : order) found[metric].wanted = true;
  std::unordered_map<const Metric*, const Series*> samples;
  for (const auto& [hash, member] : members_) {
    if (member.source == nullptr) continue;
    auto& of_metric = found[member.metric];
    if (!of_metric.wanted) continue;
    samples[member.metric] = member.series.get();
    for (const auto& [key, value] : member.series->attributes())
      of_metric.values[key].insert(value);
  }
  std::vector<Loudness> result;
  for (const auto* metric : order) {
    const auto* sample = metric->sample != nullptr ? metric->sample.get() : samples[metric];
    result.push_back({.metric = metric->counts.metric,
                      .series = found[metric].series,
                      .budget = metric->budget,
                      .overflow = metric->counts,
                      .labels = labels_of(found[metric].values, *sample)});
  }
  return result;
}

std::string SeriesLimit::describe(const MetricSpec& spec) const {
  const auto found = metrics_.find(&spec);
  if (found == metrics_.end() || found->second.overflow == nullptr) return {};
  const auto& metric = found->second;
  Values values;
  for (const auto& [hash, member] : members_) {
    if (member.metric != &metric || member.series == nullptr) continue;
    for (const auto& [key, value] : member.series->attributes()) values[key].insert(value);
  }
  const bool own_limit = metric.admitted + 1 >= metric.budget;
  const auto* const setting = !own_limit ? "limits.series"
                              : metric.budget != limits_.series_per_metric
                                  ? "limits.budgets"
                                  : "limits.series_per_metric";
  auto text = fmt::format("{}: {} series beyond {} ({})",
                          spec.name,
                          metric.counts.series,
                          setting,
                          own_limit ? metric.budget : limits_.series);
  const auto labels = labels_of(values, *metric.sample);
  if (labels.empty()) return text;
  const auto& worst = labels.front();
  return fmt::format(
      "{}; {} has {} values, one is {}", text, worst.key, worst.values, escape_line(worst.example));
}

}  // namespace plumbline
