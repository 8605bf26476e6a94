// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/limit.h"

#include <unordered_set>

#include <fmt/format.h>

#include "agent/core/log.h"
#include "agent/pipeline/cumulative.h"

namespace plumbline {

std::span<const MetricSpec* const> SeriesLimit::apply(std::string_view collector, Batch& batch) {
  auto& from = source(collector);
  from.order.begin(batch.size());
  unknown_.clear();
  newly_.clear();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto& series = batch.series(i);
    auto* member = from.order.expected(i, series);
    if (member == nullptr) member = find(series);
    if (member != nullptr) {
      take(from, i, *member);
    } else {
      from.order.set(i, nullptr);
      unknown_.push_back(i);
    }
  }
  // Who went makes room for who came.
  if (from.order.touched() < from.living) release_missing(from);
  for (const auto i : unknown_) place(from, i, batch.series(i));
  if (!from.overflowing.empty()) fold(from, batch);
  return newly_;
}

std::vector<Overflow> SeriesLimit::overflows() const {
  std::vector<Overflow> result;
  for (const auto& [spec, metric] : metrics_) {
    if (metric.overflow != nullptr) result.push_back(metric.counts);
  }
  return result;
}

std::string SeriesLimit::describe(const MetricSpec& spec) const {
  const auto found = metrics_.find(&spec);
  if (found == metrics_.end() || found->second.overflow == nullptr) return {};
  const auto& metric = found->second;
  std::unordered_map<std::string_view, std::unordered_set<std::string_view>> values;
  for (const auto& [hash, member] : members_) {
    if (member.metric != &metric || member.series == nullptr) continue;
    for (const auto& [key, value] : member.series->attributes()) values[key].insert(value);
  }
  const bool own_limit = metric.admitted + 1 >= limits_.series_per_metric;
  auto text = fmt::format("{}: {} series beyond {} ({})",
                          spec.name,
                          metric.counts.series,
                          own_limit ? "limits.series_per_metric" : "limits.series",
                          own_limit ? limits_.series_per_metric : limits_.series);
  const std::pair<std::string_view, std::string>* worst = nullptr;
  for (const auto& attribute : metric.sample->attributes()) {
    if (worst == nullptr || values[attribute.first].size() > values[worst->first].size()) {
      worst = &attribute;
    }
  }
  if (worst == nullptr) return text;
  return fmt::format("{}; {} has {} values, one is {}",
                     text,
                     worst->first,
                     values[worst->first].size(),
                     escape_line(worst->second));
}

SeriesLimit::Source& SeriesLimit::source(std::string_view collector) {
  for (auto& from : sources_) {
    if (from->order.collector() == collector) return *from;
  }
  sources_.push_back(std::make_unique<Source>(collector));
  return *sources_.back();
}

SeriesLimit::Member* SeriesLimit::find(const SeriesRef& series) {
  const auto [first, last] = members_.equal_range(series->hash());
  for (auto it = first; it != last; ++it) {
    auto& member = it->second;
    const bool same = member.series != nullptr
                          ? member.series->same_as(*series)
                          : &member.metric->overflow->spec() == &series->spec();
    if (!same) continue;
    member.series = series;
    return &member;
  }
  return nullptr;
}

void SeriesLimit::take(Source& from, std::size_t position, Member& member) {
  if (member.source != &from) {
    if (member.source != nullptr) {
      --member.source->living;
    } else if (member.tick != 0) {
      --idle_;
    }
    member.source = &from;
    member.tick = 0;
    ++from.living;
  }
  from.order.set(position, &member);
}

bool SeriesLimit::has_room(const Metric& metric) const {
  // One of the series of a metric is the overflow series, whether it is there yet or not.
  return metric.admitted + 1 < limits_.series_per_metric && admitted_ < limits_.series;
}

// Lets a series in, or makes it a folded one. Those that have no memory of their last value, gauges
// and up-down counters, are asked about again at every tick instead.
void SeriesLimit::place(Source& from, std::size_t position, const SeriesRef& series) {
  if (auto* member = find(series)) {
    take(from, position, *member);
    return;
  }
  const auto& spec = series->spec();
  auto& metric = metrics_[&spec];
  const bool folded = !has_room(metric);
  if (folded) {
    if (metric.overflow == nullptr) {
      metric.counts.metric = &spec;
      metric.overflow = make_overflow_series(spec, series->start());
      from.overflowing.push_back(&metric);
      newly_.push_back(&spec);
    }
    metric.sample = series;
    if (!spec.monotonic()) return;
  } else {
    ++metric.admitted;
    ++admitted_;
  }
  auto& member = members_.emplace(series->hash(), Member{})->second;
  member.series = series;
  member.metric = &metric;
  member.folded = folded;
  take(from, position, member);
}

void SeriesLimit::release_missing(Source& from) {
  for (auto& other : sources_) {
    if (other.get() != &from) other->order.clear();  // members are going away
  }
  for (auto& [hash, member] : members_) {
    if (member.source != &from || from.order.has(member)) continue;
    member.source = nullptr;
    member.series.reset();
    --from.living;
    ++idle_;
  }
  const bool forget_idle = idle_ > limits_.series;
  std::erase_if(members_, [&](const auto& item) {
    const Member& member = item.second;
    if (member.source != nullptr || (member.folded && !forget_idle)) return false;
    --idle_;
    if (!member.folded) {
      --member.metric->admitted;
      --admitted_;
    }
    return true;
  });
}

void SeriesLimit::fold(Source& from, Batch& batch) {
  for (auto* metric : from.overflowing) {
    metric->counts.series = 0;
    if (!metric->overflow->spec().monotonic()) metric->total = Number{};
  }
  const auto points = batch.points();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    auto* member = from.order[i];
    if (member != nullptr && !member->folded) continue;
    auto& metric = member != nullptr ? *member->metric : metrics_[&batch.series(i)->spec()];
    ++metric.counts.series;
    if (i < points.size()) {
      fold_point(metric, member, points[i].value);
    } else {
      fold_histogram(metric, *member, batch.histogram(i - points.size()));
    }
  }
  batch.filter([&](std::size_t i) { return from.order[i] != nullptr && !from.order[i]->folded; });
  for (const auto* metric : from.overflowing) {
    const auto& spec = metric->overflow->spec();
    if (spec.instrument == Instrument::kGauge) continue;
    if (!spec.monotonic() && metric->counts.series == 0) continue;
    if (spec.instrument == Instrument::kHistogram) {
      batch.add(metric->overflow, metric->histogram.view());
    } else if (is_integral(spec.unit)) {
      batch.add(metric->overflow, metric->total.integer);
    } else {
      batch.add(metric->overflow, metric->total.real);
    }
  }
}

void SeriesLimit::fold_point(Metric& metric, Member* member, Number value) {
  const auto& spec = metric.overflow->spec();
  if (spec.instrument == Instrument::kGauge) {
    ++metric.counts.dropped;
    return;
  }
  ++metric.counts.folded;
  if (member == nullptr) {
    metric.total = sum(spec, metric.total, value);
    return;
  }
  metric.total = sum(spec, metric.total, growth(spec, member->last, value));
  member->last = value;
}

void SeriesLimit::fold_histogram(Metric& metric, Member& member, const HistogramView& value) {
  ++metric.counts.folded;
  if (metric.histogram.view().count == 0) metric.histogram = ExpHistogram(value.zero_threshold);
  if (member.last_histogram == nullptr) {
    metric.histogram.merge(value);
    member.last_histogram = std::make_unique<ExpHistogram>();
  } else {
    add_growth(member.last_histogram->view(), value, metric.histogram, scratch_);
  }
  member.last_histogram->assign(value);
}

}  // namespace plumbline
