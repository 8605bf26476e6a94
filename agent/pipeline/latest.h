// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "agent/core/batch.h"
#include "agent/core/histogram.h"
#include "agent/core/series.h"
#include "agent/pipeline/tick_order.h"

namespace plumbline {

// The newest value of one series, and since when it counts.
struct LatestEntry {
  SeriesRef series;
  UnixNanos time = 0;  // of the newest point; grows with each point, even when the clock steps back
  UnixNanos start = 0;  // of a cumulative value; moves forward when it was reset; 0 for gauges
  Number value{};       // not used by histograms
  std::unique_ptr<ExpHistogram> histogram;  // null: a number
  bool vanished = false;  // no longer measured; exported once as "no recorded value", then dropped
  bool untold = false;    // vanished with a value that no export has had; that goes first
};

// What is so now: the newest point of every series, fed by each collector's batch. The Prometheus
// endpoint, the API and the export tick read it. Agent thread only.
//
// A counter that went down was reset between two points: its start becomes the time of the point
// before (OTLP data model, "Resets and Gaps"). A series that its collector no longer reports is
// marked vanished at once and dropped after the next export, or after the one behind it when its
// last value came after the last export: what was measured of a short-lived thing is told before
// its end is. A series is known by its metric and attributes: a collector that was reopened and
// made the same series anew goes on with the old one.
class Latest {
 public:
  // Takes over the points of one tick of `collector`, a name that outlives this object. `batch` is
  // only read. Allocates nothing for the series of the last tick.
  void update(std::string_view collector, const Batch& batch);

  // Everything of a collector whose collect() failed at `time` is unknown now: vanished.
  void mark_unknown(std::string_view collector, UnixNanos time);

  // The wall clock was set, by so much, and says `now`. Every series moves with it: it goes on
  // where the clock is, and counts since as long ago as before.
  void clock_was_set(std::chrono::nanoseconds by, UnixNanos now);

  // Entries sorted by metric (in order of first sight), then by first sight of the series; vanished
  // ones included. Pointers are valid until the next non-const call.
  const std::vector<const LatestEntry*>& entries() const;

  // After an export: vanished series whose end has been told go.
  void drop_vanished();

  std::size_t size() const { return entries_.size(); }

  // Called with each series that was not known before.
  void set_on_new(std::function<void(const Series&)> on_new) { on_new_ = std::move(on_new); }

 private:
  struct Known;
  // What one collector reports.
  struct Source {
    explicit Source(std::string_view collector) : order(collector) {}
    TickOrder<Known> order;
    std::size_t living = 0;  // its series that are not vanished
  };
  struct Known : LatestEntry {
    Source* source = nullptr;
    std::uint64_t tick = 0;
    std::uint64_t rank = 0;           // its place in entries()
    UnixNanos gone = 0;               // when it vanished
    std::uint64_t export_number = 0;  // the first that has its value
  };

  Source& source(std::string_view collector);
  Known& take(Source& source, std::size_t position, const SeriesRef& series, UnixNanos time);
  Known& find_or_add(const SeriesRef& series, UnixNanos time);
  void mark_missing(Source& source, UnixNanos time);

  std::unordered_multimap<std::size_t, Known> entries_;  // by Series::hash()
  std::vector<std::unique_ptr<Source>> sources_;
  std::unordered_map<const MetricSpec*, std::uint64_t> metric_ranks_;
  std::function<void(const Series&)> on_new_;
  std::uint64_t series_seen_ = 0;
  std::size_t vanished_ = 0;
  std::uint64_t export_number_ = 1;  // the next one
  mutable std::vector<const LatestEntry*> sorted_;
  mutable bool sorted_is_current_ = false;
};

}  // namespace plumbline
