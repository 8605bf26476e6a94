// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/limit.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "agent/config/budgets.h"
#include "agent/identity/owner.h"
#include "agent/pipeline/cumulative.h"

namespace plumbline {
namespace {

// The attribute of a metric that says whose a series is; empty when there is none.
std::string_view owner_key(const MetricSpec& spec) {
  const auto* const found =
      std::find(spec.attributes.begin(), spec.attributes.end(), kGroupPathKey);
  return found == spec.attributes.end() ? std::string_view() : *found;
}

void add_value(const SeriesRef& series, Number value, const ExpHistogram& histogram, Batch& batch) {
  const auto& spec = series->spec();
  if (spec.instrument == Instrument::kHistogram) {
    batch.add(series, histogram.view());
  } else if (is_integral(spec.unit)) {
    batch.add(series, value.integer);
  } else {
    batch.add(series, value.real);
  }
}

}  // namespace

SeriesLimit::SeriesLimit(LimitsConfig limits, std::chrono::nanoseconds rank_period)
    : limits_(std::move(limits)), rank_period_(rank_period) {}

void SeriesLimit::set_limits(const LimitsConfig& limits, std::chrono::nanoseconds rank_period) {
  limits_ = limits;
  const bool begins_period = std::exchange(rank_period_, rank_period) != rank_period;
  for (auto& [spec, metric] : metrics_) {
    metric.budget = series_budget(limits_, spec->name);
    metric.begins_period |= begins_period;
  }
}

std::span<const MetricSpec* const> SeriesLimit::apply(std::string_view collector, Batch& batch) {
  auto& from = source(collector);
  from.order.begin(batch.size());
  unknown_.clear();
  newly_.clear();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto& series = batch.series(i);
    auto* member = from.order.expected(i, series);
    if (member == nullptr) member = find(series);
    if (member != nullptr && member->source != nullptr) {
      take(from, i, *member);
    } else {
      from.order.set(i, nullptr);
      unknown_.push_back(i);
    }
  }
  // Who went makes room for who came.
  if (from.order.touched() < from.living) release_missing(from);
  for (const auto i : unknown_) place(from, i, batch.series(i));
  if (!from.overflowing.empty()) {
    rank(from, batch);
    fold(from, batch);
  }
  return newly_;
}

SeriesLimit::Source& SeriesLimit::source(std::string_view collector) {
  for (auto& from : sources_) {
    if (from->order.collector() == collector) return *from;
  }
  sources_.push_back(std::make_unique<Source>(collector));
  return *sources_.back();
}

SeriesLimit::Metric& SeriesLimit::metric_of(const MetricSpec& spec) {
  const auto [found, added] = metrics_.try_emplace(&spec);
  auto& metric = found->second;
  if (added) {
    metric.counts.metric = &spec;
    metric.budget = series_budget(limits_, spec.name);
  }
  return metric;
}

SeriesLimit::Member* SeriesLimit::find(const SeriesRef& series) {
  const auto [first, last] = members_.equal_range(series->hash());
  for (auto it = first; it != last; ++it) {
    auto& member = it->second;
    const bool same = member.series != nullptr ? member.series->same_as(*series)
                                               : member.metric->counts.metric == &series->spec();
    if (!same) continue;
    member.series = series;
    return &member;
  }
  return nullptr;
}

bool SeriesLimit::has_room(const Metric& metric) const {
  // One of the series of a metric is the overflow series, whether it is there yet or not.
  return metric.admitted + 1 < metric.budget && admitted_ < limits_.series;
}

void SeriesLimit::admit(Member& member, Place place) {
  member.place = place;
  ++member.metric->admitted;
  ++admitted_;
}

void SeriesLimit::dismiss(Member& member, Place place) {
  member.place = place;
  member.own.reset();
  --member.metric->admitted;
  --admitted_;
}

void SeriesLimit::take(Source& from, std::size_t position, Member& member) {
  if (member.source != &from) {
    auto& metric = *member.metric;
    if (member.source != nullptr) {
      --member.source->living;
    } else {
      if (member.tick != 0) forget(member);
      metric.most = std::max(metric.most, ++metric.living);
    }
    member.source = &from;
    member.tick = 0;
    ++from.living;
  }
  from.order.set(position, &member);
}

// Lets a series in that had no point in the last tick, or makes it a folded one. One that went and
// comes back is native again as long as nothing of it was folded.
void SeriesLimit::place(Source& from, std::size_t position, const SeriesRef& series) {
  auto* member = find(series);
  if (member != nullptr && member->source != nullptr) {  // twice in one batch
    take(from, position, *member);
    return;
  }
  if (member == nullptr) {
    member = &members_.emplace(series->hash(), Member{})->second;
    member->series = series;
    member->metric = &metric_of(series->spec());
  }
  auto& metric = *member->metric;
  if (member->place == Place::kNative && has_room(metric)) {
    admit(*member, Place::kNative);
  } else {
    overflow(from, metric, series);
    member->place = Place::kFolded;
  }
  take(from, position, *member);
}

void SeriesLimit::overflow(Source& from, Metric& metric, const SeriesRef& series) {
  metric.sample = series;
  if (metric.overflow != nullptr) return;
  const auto& spec = series->spec();
  metric.overflow = make_overflow_series(spec, series->start(), owner_key(spec));
  from.overflowing.push_back(&metric);
  newly_.push_back(&spec);
}

void SeriesLimit::release_missing(Source& from) {
  for (auto& other : sources_) {
    if (other.get() != &from) other->order.clear();  // members are going away
  }
  ++release_;
  for (auto& [hash, member] : members_) {
    if (member.source != &from || from.order.has(member)) continue;
    member.source = nullptr;
    member.series.reset();
    member.tick = release_;
    --from.living;
    --member.metric->living;
    ++member.metric->idle;
    ++idle_;
    if (member.place == Place::kNative) {
      dismiss(member, Place::kNative);
    } else if (member.place != Place::kFolded) {
      dismiss(member, Place::kFolded);
    }
  }
  forget_idle();
  for (auto* metric : from.overflowing) forget_oldest(*metric);
}

// Its member is one of those without a source no more.
void SeriesLimit::forget(const Member& member) {
  --member.metric->idle;
  --idle_;
}

// Of a monotonic metric beyond its budget the series are remembered.
void SeriesLimit::forget_idle() {
  const bool forget_all = idle_ > limits_.series;
  std::erase_if(members_, [&](const auto& item) {
    const Member& member = item.second;
    if (member.source != nullptr) return false;
    const auto& metric = *member.metric;
    const bool remembered = metric.overflow != nullptr && metric.counts.metric->monotonic();
    if (remembered && !forget_all) return false;
    forget(member);
    return true;
  });
}

// Where series come and go for good there would be more of them without end. Those of one release
// go or stay together; they are never more than there were at once.
void SeriesLimit::forget_oldest(Metric& metric) {
  const auto kept = std::max(metric.most, kFewestRemembered);
  if (metric.idle <= 2 * kept) return;
  std::vector<std::uint64_t> releases;
  for (const auto& [hash, member] : members_) {
    if (member.source == nullptr && member.metric == &metric) releases.push_back(member.tick);
  }
  const auto first = releases.end() - static_cast<std::ptrdiff_t>(kept);
  std::nth_element(releases.begin(), first, releases.end());
  std::erase_if(members_, [&](const auto& item) {
    const Member& member = item.second;
    const bool is_old =
        member.source == nullptr && member.metric == &metric && member.tick < *first;
    if (is_old) forget(member);
    return is_old;
  });
}

void SeriesLimit::fold(Source& from, Batch& batch) {
  shown_.clear();
  for (auto* metric : from.overflowing) {
    metric->counts.series = 0;
    if (!metric->counts.metric->monotonic()) metric->total = Number{};
  }
  const auto points = batch.points();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    auto& member = *from.order[i];
    auto& metric = *member.metric;
    if (metric.overflow == nullptr) continue;
    if (i < points.size()) {
      fold_point(metric, member, points[i].value);
    } else {
      fold_histogram(metric, member, batch.histogram(i - points.size()));
    }
    if (member.place == Place::kFolded) ++metric.counts.series;
    if (member.own != nullptr) shown_.push_back(&member);
  }
  batch.filter([&](std::size_t i) { return from.order[i]->place == Place::kNative; });
  add_own(batch);
  for (const auto* metric : from.overflowing) add_overflow(*metric, batch);
}

void SeriesLimit::fold_point(Metric& metric, Member& member, Number value) {
  const auto& spec = *metric.counts.metric;
  if (spec.monotonic()) {
    fold_counter(metric, member, value);
    return;
  }
  // What has no memory of its last value needs no ceremony.
  if (member.place == Place::kFolded && has_room(metric)) admit(member, Place::kNative);
  if (member.place == Place::kNative) return;
  if (spec.instrument == Instrument::kGauge) {
    ++metric.counts.dropped;
  } else {
    ++metric.counts.folded;
    metric.total = sum(spec, metric.total, value);
  }
}

void SeriesLimit::fold_counter(Metric& metric, Member& member, Number value) {
  const auto& spec = *metric.counts.metric;
  const auto grown = growth(spec, member.last, value);
  member.last = value;
  if (member.place == Place::kNative) return;
  auto& total = member.place == Place::kKept ? member.own->value : metric.total;
  total = sum(spec, total, grown);
  if (member.place == Place::kFolded) ++metric.counts.folded;
}

void SeriesLimit::fold_histogram(Metric& metric, Member& member, const HistogramView& value) {
  const bool is_first = member.last_histogram == nullptr;
  if (is_first) member.last_histogram = std::make_unique<ExpHistogram>(value.zero_threshold);
  if (member.place != Place::kNative) {
    auto& total = member.place == Place::kKept ? member.own->histogram : metric.histogram;
    if (total.view().count == 0) total = ExpHistogram(value.zero_threshold);
    add_growth(member.last_histogram->view(), value, total, scratch_);
  }
  if (member.place == Place::kFolded) ++metric.counts.folded;
  member.last_histogram->assign(value);
}

void SeriesLimit::add_own(Batch& batch) const {
  for (const auto* member : shown_) {
    const auto& own = *member->own;
    add_value(own.series, own.value, own.histogram, batch);
  }
}

void SeriesLimit::add_overflow(const Metric& metric, Batch& batch) {
  const auto& spec = *metric.counts.metric;
  if (spec.instrument == Instrument::kGauge) return;
  if (!spec.monotonic() && metric.counts.series == 0) return;
  add_value(metric.overflow, metric.total, metric.histogram, batch);
}

}  // namespace plumbline
