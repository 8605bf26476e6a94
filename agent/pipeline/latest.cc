// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/latest.h"

#include <algorithm>
#include <functional>

namespace plumbline {
namespace {

// Ranks are metric first, series second: room for 2^40 series seen in the life of the agent.
constexpr unsigned kSeriesRankBits = 40;

std::size_t identity_of(const Series& series) {
  const auto metric = std::hash<const void*>{}(&series.spec());
  const auto attributes = std::hash<std::string_view>{}(series.otlp_attributes());
  return attributes ^ (metric * 0x9e3779b97f4a7c15U);
}

bool went_down(const MetricSpec& spec, Number before, Number now) {
  if (!spec.monotonic()) return false;
  return is_integral(spec.unit) ? now.integer < before.integer : now.real < before.real;
}

// A histogram was reset when any of its counts went down, not only the whole: after a reset it can
// have counted more than before, but not in every bucket.
bool went_down(const HistogramView& before, const HistogramView& now) {
  if (now.count < before.count || now.zero_count < before.zero_count) return true;
  const auto shift = static_cast<std::int64_t>(before.offset) - now.offset;
  for (std::size_t i = 0; i < before.buckets.size(); ++i) {
    if (before.buckets[i] == 0) continue;
    const auto at = static_cast<std::int64_t>(i) + shift;
    if (at < 0 || at >= static_cast<std::int64_t>(now.buckets.size())) return true;
    if (now.buckets[static_cast<std::size_t>(at)] < before.buckets[i]) return true;
  }
  return false;
}

// The wall clock may have stepped back; a receiver must not see one series do so.
UnixNanos next_time(const LatestEntry& entry, UnixNanos now) {
  return std::max(now, entry.time + 1);
}

}  // namespace

void Latest::update(std::string_view collector, const Batch& batch) {
  auto& from = source(collector);
  ++from.tick;
  from.touched = 0;
  std::size_t position = 0;
  for (const auto& point : batch.points()) {
    auto& known = touch(from, position++, point.series, batch.time);
    if (known.time != 0 && went_down(point.series->spec(), known.value, point.value)) {
      known.start = std::max(known.start, known.time);
    }
    known.value = point.value;
    known.time = next_time(known, batch.time);
  }
  for (std::size_t i = 0; i < batch.histogram_count(); ++i) {
    auto& known = touch(from, position++, batch.histogram_series(i), batch.time);
    const auto view = batch.histogram(i);
    if (known.time != 0 && went_down(known.histogram.view(), view)) {
      known.start = std::max(known.start, known.time);
    }
    known.histogram.assign(view);
    known.time = next_time(known, batch.time);
  }
  from.order.resize(position);
  if (from.touched < from.living) mark_missing(from, batch.time);
}

void Latest::mark_unknown(std::string_view collector, UnixNanos time) {
  auto& from = source(collector);
  ++from.tick;
  from.order.clear();
  mark_missing(from, time);
}

const std::vector<const LatestEntry*>& Latest::entries() const {
  if (sorted_is_current_) return sorted_;
  sorted_.clear();
  sorted_.reserve(entries_.size());
  for (const auto& [series, known] : entries_) sorted_.push_back(&known);
  std::sort(sorted_.begin(), sorted_.end(), [](const LatestEntry* a, const LatestEntry* b) {
    return static_cast<const Known*>(a)->rank < static_cast<const Known*>(b)->rank;
  });
  sorted_is_current_ = true;
  return sorted_;
}

void Latest::drop_vanished() {
  if (vanished_ == 0) return;
  for (auto& from : sources_) from->order.clear();
  std::erase_if(by_identity_, [](const auto& item) { return item.second->vanished; });
  std::erase_if(entries_, [](const auto& item) { return item.second.vanished; });
  vanished_ = 0;
  sorted_is_current_ = false;
}

Latest::Source& Latest::source(std::string_view collector) {
  for (auto& from : sources_) {
    if (from->name == collector) return *from;
  }
  sources_.push_back(std::make_unique<Source>());
  sources_.back()->name = collector;
  return *sources_.back();
}

Latest::Known& Latest::touch(Source& from,
                             std::size_t position,
                             const SeriesRef& series,
                             UnixNanos time) {
  Known* known = nullptr;
  if (position == from.order.size()) from.order.push_back(nullptr);
  auto& hint = from.order[position];
  if (hint != nullptr && hint->series == series) {
    known = hint;
  } else {
    known = &find_or_add(series, time);
    hint = known;
  }
  if (known->source != &from) {
    if (known->source != nullptr && !known->vanished) --known->source->living;
    if (known->source == nullptr || !known->vanished) ++from.living;
    known->source = &from;
    known->collector = from.name;
    known->tick = 0;
  }
  if (known->vanished) {
    known->vanished = false;
    --vanished_;
    ++from.living;
  }
  if (known->tick != from.tick) {
    known->tick = from.tick;
    ++from.touched;
  }
  return *known;
}

Latest::Known& Latest::find_or_add(const SeriesRef& series, UnixNanos time) {
  const auto found = entries_.find(series.get());
  if (found != entries_.end()) return found->second;
  const auto identity = identity_of(*series);
  if (auto* known = adopt(series, identity, time)) return *known;

  auto& known = entries_[series.get()];
  known.series = series;
  known.identity = identity;
  if (series->spec().instrument != Instrument::kGauge) {
    // An unknown start is told as a point of no duration; one in the future cannot be.
    known.start = series->start() == 0 ? time : std::min(series->start(), time);
  }
  const auto metric = metric_ranks_.try_emplace(&series->spec(), metric_ranks_.size()).first;
  known.rank = (metric->second << kSeriesRankBits) | series_seen_++;
  by_identity_.emplace(identity, &known);
  sorted_is_current_ = false;
  return known;
}

// The entry of an equal series under another address, which becomes this one's; null when there is
// none.
Latest::Known* Latest::adopt(const SeriesRef& series, std::size_t identity, UnixNanos time) {
  const auto [first, last] = by_identity_.equal_range(identity);
  for (auto it = first; it != last; ++it) {
    auto& known = *it->second;
    if (&known.series->spec() != &series->spec()) continue;
    if (known.series->otlp_attributes() != series->otlp_attributes()) continue;
    auto node = entries_.extract(known.series.get());
    node.key() = series.get();
    known.series = series;
    if (known.start != 0) known.start = std::max(known.start, std::min(series->start(), time));
    entries_.insert(std::move(node));
    return &known;
  }
  return nullptr;
}

void Latest::mark_missing(Source& from, UnixNanos time) {
  for (auto& [series, known] : entries_) {
    if (known.source != &from || known.vanished || known.tick == from.tick) continue;
    known.vanished = true;
    known.time = next_time(known, time);
    ++vanished_;
    --from.living;
  }
}

}  // namespace plumbline
