// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/latest.h"

#include <algorithm>

#include "agent/pipeline/cumulative.h"

namespace plumbline {
namespace {

// Ranks are metric first, series second: room for 2^40 series seen in the life of the agent.
constexpr unsigned kSeriesRankBits = 40;

// The wall clock may have stepped back; a receiver must not see one series do so.
UnixNanos next_time(const LatestEntry& entry, UnixNanos now) {
  return std::max(now, entry.time + 1);
}

// Since when a series seen for the first time counts. An unknown start is told as a point of no
// duration; one in the future cannot be.
UnixNanos first_start(const Series& series, UnixNanos now) {
  if (series.spec().instrument == Instrument::kGauge) return 0;
  return series.start() == 0 ? now : std::min(series.start(), now);
}

}  // namespace

void Latest::update(std::string_view collector, const Batch& batch) {
  auto& from = source(collector);
  from.order.begin(batch.size());
  std::size_t position = 0;
  for (const auto& point : batch.points()) {
    auto& known = take(from, position++, point.series, batch.time);
    if (known.time != 0 && was_reset(point.series->spec(), known.value, point.value)) {
      known.start = std::max(known.start, known.time);
    }
    known.value = point.value;
    known.time = next_time(known, batch.time);
    known.export_number = export_number_;
  }
  for (std::size_t i = 0; i < batch.histogram_count(); ++i) {
    auto& known = take(from, position++, batch.histogram_series(i), batch.time);
    const auto view = batch.histogram(i);
    if (known.histogram == nullptr) known.histogram = std::make_unique<ExpHistogram>();
    if (known.time != 0 && was_reset(known.histogram->view(), view)) {
      known.start = std::max(known.start, known.time);
    }
    known.histogram->assign(view);
    known.time = next_time(known, batch.time);
    known.export_number = export_number_;
  }
  if (from.order.touched() < from.living) mark_missing(from, batch.time);
}

void Latest::mark_unknown(std::string_view collector, UnixNanos time) {
  auto& from = source(collector);
  from.order.begin(0);
  mark_missing(from, time);
}

void Latest::clock_was_set(std::chrono::nanoseconds by, UnixNanos now) {
  const auto moved = [by](UnixNanos time) { return time + static_cast<UnixNanos>(by.count()); };
  for (auto& [hash, known] : entries_) {
    known.time = std::min(moved(known.time), now);
    if (known.start != 0) known.start = std::min(moved(known.start), known.time);
  }
}

const std::vector<const LatestEntry*>& Latest::entries() const {
  if (sorted_is_current_) return sorted_;
  sorted_.clear();
  sorted_.reserve(entries_.size());
  for (const auto& [hash, known] : entries_) sorted_.push_back(&known);
  std::sort(sorted_.begin(), sorted_.end(), [](const LatestEntry* a, const LatestEntry* b) {
    return static_cast<const Known*>(a)->rank < static_cast<const Known*>(b)->rank;
  });
  sorted_is_current_ = true;
  return sorted_;
}

void Latest::drop_vanished() {
  ++export_number_;
  if (vanished_ == 0) return;
  for (auto& from : sources_) from->order.clear();
  vanished_ -= std::erase_if(
      entries_, [](const auto& item) { return item.second.vanished && !item.second.untold; });
  sorted_is_current_ = false;
  if (vanished_ == 0) return;
  for (auto& [hash, known] : entries_) {
    if (!known.untold) continue;
    known.untold = false;
    known.time = next_time(known, known.gone);
  }
}

Latest::Source& Latest::source(std::string_view collector) {
  for (auto& from : sources_) {
    if (from->order.collector() == collector) return *from;
  }
  sources_.push_back(std::make_unique<Source>(collector));
  return *sources_.back();
}

Latest::Known& Latest::take(Source& from,
                            std::size_t position,
                            const SeriesRef& series,
                            UnixNanos time) {
  auto* expected = from.order.expected(position, series);
  auto& known = expected != nullptr ? *expected : find_or_add(series, time);
  if (known.source != &from || known.vanished) {
    if (known.source != nullptr && !known.vanished) --known.source->living;
    if (known.vanished) --vanished_;
    known.vanished = false;
    known.untold = false;
    known.source = &from;
    known.tick = 0;
    ++from.living;
  }
  from.order.set(position, &known);
  return known;
}

Latest::Known& Latest::find_or_add(const SeriesRef& series, UnixNanos time) {
  const auto [first, last] = entries_.equal_range(series->hash());
  for (auto it = first; it != last; ++it) {
    auto& known = it->second;
    if (known.series == series) return known;
    if (!known.series->same_as(*series)) continue;
    // Made anew by a collector that was reopened, it may count from a later start.
    known.start = std::max(known.start, std::min(series->start(), time));
    known.series = series;
    return known;
  }
  auto& known = entries_.emplace(series->hash(), Known{})->second;
  known.series = series;
  known.start = first_start(*series, time);
  const auto metric = metric_ranks_.try_emplace(&series->spec(), metric_ranks_.size()).first;
  known.rank = (metric->second << kSeriesRankBits) | series_seen_++;
  sorted_is_current_ = false;
  if (on_new_) on_new_(*series);
  return known;
}

void Latest::mark_missing(Source& from, UnixNanos time) {
  for (auto& [hash, known] : entries_) {
    if (known.source != &from || known.vanished || from.order.has(known)) continue;
    known.vanished = true;
    known.untold = known.export_number == export_number_;
    known.gone = time;
    if (!known.untold) known.time = next_time(known, time);
    ++vanished_;
    --from.living;
  }
}

}  // namespace plumbline
