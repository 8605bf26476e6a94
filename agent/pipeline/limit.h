// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/config/config.h"
#include "agent/core/batch.h"
#include "agent/core/histogram.h"
#include "agent/core/series.h"
#include "agent/pipeline/tick_order.h"

namespace plumbline {

// What the limit did to one metric.
struct Overflow {
  const MetricSpec* metric = nullptr;
  std::uint64_t series = 0;   // beyond the limit in the last tick
  std::uint64_t folded = 0;   // points added to the overflow series since the start
  std::uint64_t dropped = 0;  // points of gauges, which have no sum
  std::uint64_t points() const { return folded + dropped; }
};

// The cardinality limit. Each metric keeps the series it showed first, up to the limit; those
// beyond it are added up in one series with the attribute otel.metric.overflow=true. Counters and
// histograms lose nothing by it and count nothing twice: a series that was once folded stays folded
// while it lives. Gauges beyond the limit have no point, and are counted.
//
// Memory: about 100 bytes for each series of the last batch, and the buckets of folded histograms.
// Folded series that went away are remembered, so that they are not counted twice when they return;
// when they are more than the total limit, all of them are forgotten.
// Agent thread only.
class SeriesLimit {
 public:
  explicit SeriesLimit(const LimitsConfig& limits) : limits_(limits) {}

  // Series that are known stay, also when a limit becomes lower.
  void set_limits(const LimitsConfig& limits) { limits_ = limits; }

  // Takes points beyond the limit out of a tick of `collector` and adds the overflow series. The
  // name outlives this object. An empty batch lets go of all its series. Gives the metrics that met
  // the limit for the first time; valid until the next call.
  std::span<const MetricSpec* const> apply(std::string_view collector, Batch& batch);

  // The metrics that ever met the limit.
  std::vector<Overflow> overflows() const;

  // Who the limit's offenders are, in a sentence: the attribute with the most values, and one of
  // them. Empty when the metric never met the limit. Looks at every series: not for every tick.
  std::string describe(const MetricSpec& metric) const;

 private:
  struct Source;
  struct Metric {
    Overflow counts;
    std::uint64_t admitted = 0;  // series that keep their own name
    SeriesRef overflow;          // null as long as the metric is within the limit
    SeriesRef sample;            // the last one that was folded
    Number total{};              // what the overflow series shows
    ExpHistogram histogram;
  };
  // A series that was let in, or a monotonic one that is folded.
  struct Member {
    SeriesRef series;  // null while it has no point: its hash is enough to know it again
    std::uint64_t tick = 0;
    Source* source = nullptr;  // null while it has no point
    Metric* metric = nullptr;
    bool folded = false;
    Number last{};                                 // of a folded counter
    std::unique_ptr<ExpHistogram> last_histogram;  // of a folded histogram
  };
  struct Source {
    explicit Source(std::string_view collector) : order(collector) {}
    TickOrder<Member> order;
    std::size_t living = 0;            // members with a point in the last tick
    std::vector<Metric*> overflowing;  // its metrics that ever met the limit
  };

  Source& source(std::string_view collector);
  Member* find(const SeriesRef& series);
  bool has_room(const Metric& metric) const;
  void take(Source& source, std::size_t position, Member& member);
  void place(Source& source, std::size_t position, const SeriesRef& series);
  void release_missing(Source& source);
  void fold(Source& source, Batch& batch);
  void fold_point(Metric& metric, Member* member, Number value);
  void fold_histogram(Metric& metric, Member& member, const HistogramView& value);

  LimitsConfig limits_;
  std::unordered_multimap<std::size_t, Member> members_;  // by Series::hash()
  std::unordered_map<const MetricSpec*, Metric> metrics_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::vector<std::size_t> unknown_;      // positions in the batch; kept for its memory
  std::vector<const MetricSpec*> newly_;  // what apply() gives
  std::vector<std::uint64_t> scratch_;
  std::uint64_t admitted_ = 0;  // of all metrics
  std::uint64_t idle_ = 0;      // members without a source
};

}  // namespace plumbline
