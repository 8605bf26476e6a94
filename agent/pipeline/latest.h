// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/core/batch.h"
#include "agent/core/histogram.h"
#include "agent/core/series.h"

namespace plumbline {

// The newest value of one series, and since when it counts.
struct LatestEntry {
  SeriesRef series;
  UnixNanos time = 0;   // of the newest point; never goes back, even when the wall clock does
  UnixNanos start = 0;  // of a cumulative value; moves forward when the counter was reset
  Number value{};       // not used by histograms
  ExpHistogram histogram;
  std::string_view collector;
  bool vanished = false;  // no longer measured; exported once as "no recorded value", then dropped
};

// What is so now: the newest point of every series, fed by each collector's batch. The Prometheus
// endpoint, the API and the export tick read it. Agent thread only.
//
// A counter that went down was reset between two points: its start becomes the time of the point
// before (OTLP data model, "Resets and Gaps"). A series that its collector no longer reports is
// marked vanished at once and dropped after the next export.
class Latest {
 public:
  // Takes over the points of one tick of `collector`. `batch` is only read.
  void update(std::string_view collector, const Batch& batch);

  // Forgets everything of a collector whose collect() failed: its values are unknown now.
  void mark_unknown(std::string_view collector);

  // Entries sorted by metric (catalogue order of first sight), then by first sight of the series;
  // vanished ones included. Pointers are valid until the next non-const call.
  const std::vector<const LatestEntry*>& entries() const;

  // After an export: vanished series have been told and go.
  void drop_vanished();

  std::size_t size() const { return entries_.size(); }

 private:
  LatestEntry& entry(const SeriesRef& series, std::string_view collector);

  struct Known {
    LatestEntry entry;
    std::uint64_t order = 0;
    std::uint64_t tick = 0;
  };

  std::unordered_map<const Series*, Known> entries_;
  std::unordered_map<std::string_view, std::uint64_t> ticks_;  // by collector
  std::unordered_map<const MetricSpec*, std::uint64_t> metric_order_;
  std::uint64_t next_order_ = 0;
  mutable std::vector<const LatestEntry*> sorted_;
  mutable bool sorted_is_current_ = false;
};

}  // namespace plumbline
