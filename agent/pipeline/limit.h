// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
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
  std::uint64_t series = 0;     // folded in the last tick
  std::uint64_t folded = 0;     // points added to the overflow series since the start
  std::uint64_t dropped = 0;    // points of gauges, which have no sum
  std::uint64_t exchanged = 0;  // series that lost their place to a louder one
  std::uint64_t points() const { return folded + dropped; }
};

// How many series a metric has now, and which of its attributes makes them.
struct Loudness {
  struct Label {
    std::string key;
    std::size_t values = 0;
    std::string example;
  };
  const MetricSpec* metric = nullptr;
  std::uint64_t series = 0;  // those beyond the budget included
  std::uint64_t budget = 0;
  Overflow overflow;
  std::vector<Label> labels;  // the one with the most values first
};

// The cardinality limit: a budget of series for each metric. Those beyond it are added up in one
// series with the attribute otel.metric.overflow=true, which belongs to no container but to
// kOthers. At first a metric keeps what it showed first; then, every `rank_period`, those folded
// that are clearly louder take the place of the quietest: of counters and histograms what grew most
// (of a histogram, its count), of the others what is greatest. The measure forgets half of the past
// with each period, a newcomer must be half as loud again, and few change at once, so that series
// do not flap. Gauges beyond the budget have no point, and are counted.
//
// Every increase of a counter or histogram is in exactly one series, whatever moves:
//  - a series that loses its place stands still for one period, while what it counts goes to the
//    overflow series, so that every reader has seen its last value; then it is gone;
//  - one that gains a place begins at 0 with a start of its own, stands still for one period, so
//    that every reader has seen the 0, and counts from then on;
//  - the overflow series only grows.
// `rank_period` must be longer than what a reader waits from one look to the next. A series that
// was gone before its metric met its budget, and returns after it, counts as a new one.
//
// Memory: about 120 bytes for each series of the last batch, and the buckets of histograms of
// metrics beyond their budget. Of those metrics the series that went away last are remembered, so
// that they are not counted twice when they return: twice as many as the metric ever had at once,
// or kFewestRemembered; when they are more than the total limit in all, every one is forgotten.
// Agent thread only.
class SeriesLimit {
 public:
  static constexpr std::chrono::seconds kRankPeriod{60};
  static constexpr std::uint64_t kFewestRemembered = 1'000;

  // For destinations that are sent to at every `interval`: each has seen a series once before it
  // moves, and a Prometheus of its usual minute.
  static std::chrono::nanoseconds rank_period(std::chrono::nanoseconds interval) {
    return std::max<std::chrono::nanoseconds>(kRankPeriod, 2 * interval);
  }

  explicit SeriesLimit(LimitsConfig limits, std::chrono::nanoseconds rank_period = kRankPeriod);

  // Series that are known stay, also when a limit becomes lower. Another rank period begins with
  // the next tick of each metric.
  void set_limits(const LimitsConfig& limits, std::chrono::nanoseconds rank_period);

  // Takes points beyond the limit out of a tick of `collector` and adds the overflow series. The
  // name outlives this object. An empty batch lets go of all its series. Gives the metrics that met
  // the limit for the first time; valid until the next call.
  std::span<const MetricSpec* const> apply(std::string_view collector, Batch& batch);

  // The metrics that ever met the limit.
  std::vector<Overflow> overflows() const;

  // The metrics with the most series, at most `count` of them, and all that have series beyond
  // their budget. Looks at every series: not for every tick.
  std::vector<Loudness> loudest(std::size_t count) const;

  // Who the limit's offenders are, in a sentence: the attribute with the most values, and one of
  // them. Empty when the metric never met the limit. Looks at every series, too.
  std::string describe(const MetricSpec& metric) const;

  // Series that went away and are not forgotten.
  std::uint64_t remembered() const { return idle_; }

 private:
  struct Source;
  struct Member;
  struct Metric {
    Overflow counts;
    std::uint64_t budget = 0;
    std::uint64_t admitted = 0;  // series that keep their own name
    std::uint64_t living = 0;    // series with a point in the last tick
    std::uint64_t most = 0;      // of them at once, ever
    std::uint64_t idle = 0;      // members without a source
    SeriesRef overflow;          // null as long as the metric is within the limit
    SeriesRef sample;            // the last one that was folded
    Number total{};              // what the overflow series shows
    ExpHistogram histogram;
    std::optional<UnixNanos> ranked;  // when it last was
    bool begins_period = false;       // anew, for the period is another one now
    bool due = false;                 // to be ranked in this tick
    std::vector<Member*> contested;   // while it is being ranked: its series of this tick
  };
  enum class Place : std::uint8_t {
    kNative,    // its points pass as they are
    kEntering,  // shown, standing still: what it counts is folded
    kKept,      // shown with a start of its own
    kLeaving,   // as kEntering
    kFolded,
  };
  // What a monotonic series shows that was folded once, or is about to be.
  struct Own {
    SeriesRef series;
    Number value{};
    ExpHistogram histogram;
  };
  struct Member {
    SeriesRef series;          // null while it has no point: its hash is enough to know it again
    std::uint64_t tick = 0;    // of its source; without one: the release_ in which that ended
    Source* source = nullptr;  // null while it has no point
    Metric* metric = nullptr;
    std::unique_ptr<Own> own;                      // of one that is entering, kept or leaving
    Number last{};                                 // as it was measured; of counters in an overflow
    std::unique_ptr<ExpHistogram> last_histogram;  // the same of histograms
    Number measured{};                             // `last`, or the count, when it was last ranked
    float loudness = 0;                            // growth in a period, or size
    Place place = Place::kNative;
    std::uint8_t rankings = 0;  // it has seen, up to kRanked
  };
  struct Source {
    explicit Source(std::string_view collector) : order(collector) {}
    TickOrder<Member> order;
    std::size_t living = 0;            // members with a point in the last tick
    std::vector<Metric*> overflowing;  // its metrics that ever met the limit
  };

  // Before the second ranking it is not known what a series grows by.
  static constexpr std::uint8_t kRanked = 2;

  // The values of each attribute key.
  using Values = std::unordered_map<std::string_view, std::unordered_set<std::string_view>>;
  static std::vector<Loudness::Label> labels_of(const Values& values, const Series& sample);

  Source& source(std::string_view collector);
  Metric& metric_of(const MetricSpec& spec);
  Member* find(const SeriesRef& series);
  bool has_room(const Metric& metric) const;
  void admit(Member& member, Place place);
  void dismiss(Member& member, Place place);
  void take(Source& source, std::size_t position, Member& member);
  void place(Source& source, std::size_t position, const SeriesRef& series);
  void overflow(Source& source, Metric& metric, const SeriesRef& series);
  void release_missing(Source& source);
  void forget_idle();
  void forget_oldest(Metric& metric);
  void forget(const Member& member);
  void fold(Source& source, Batch& batch);
  void fold_point(Metric& metric, Member& member, Number value);
  void fold_counter(Metric& metric, Member& member, Number value);
  void fold_histogram(Metric& metric, Member& member, const HistogramView& value);
  void add_own(Batch& batch) const;
  static void add_overflow(const Metric& metric, Batch& batch);

  void rank(Source& source, const Batch& batch);
  bool is_due(Metric& metric, UnixNanos now) const;
  static void measure(Member& member, const Batch& batch, std::size_t position);
  void settle(Metric& metric);
  template <class Compare>
  static void keep_first(std::vector<Member*>& members, std::uint64_t count, Compare compare);
  void contest(Metric& metric, UnixNanos now);
  void enter(Member& member, UnixNanos now);
  void leave(Member& member);

  LimitsConfig limits_;
  std::chrono::nanoseconds rank_period_;
  std::unordered_multimap<std::size_t, Member> members_;  // by Series::hash()
  std::unordered_map<const MetricSpec*, Metric> metrics_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::vector<std::size_t> unknown_;      // positions in the batch; kept for its memory
  std::vector<const Member*> shown_;      // those of this tick that have an Own
  std::vector<const MetricSpec*> newly_;  // what apply() gives
  std::vector<std::uint64_t> scratch_;
  std::uint64_t admitted_ = 0;  // of all metrics
  std::uint64_t idle_ = 0;      // members without a source
  std::uint64_t release_ = 0;   // counts the ticks in which series were missing
};

}  // namespace plumbline
