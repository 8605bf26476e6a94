// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "agent/core/clock.h"
#include "agent/core/event.h"
#include "agent/core/histogram.h"
#include "agent/core/series.h"
#include "agent/core/span.h"

namespace plumbline {

// A whole or a real number; which one is told by the unit of the metric (is_integral).
union Number {
  std::int64_t integer;
  double real;
};

struct Point {
  SeriesRef series;
  Number value;
};

// What one collect() saw: points with one timestamp, and the spans and events that ended meanwhile.
// A value: built by a collector, moved onward, and handed back empty to be filled again. After the
// first ticks it has grown to its size, and adding points allocates nothing.
class Batch {
 public:
  // Of the spans and events of one batch together; what comes when it is full is dropped, and
  // counted. A request of this size is split where it is sent.
  static constexpr std::size_t kMaxRecordBytes = 4U << 20U;

  UnixNanos time = 0;  // when collect() began; set by the runner

  // A value that could not be read is not added: absent is not zero. Converts to what the unit of
  // the metric wants; a NaN, and what a whole number cannot hold, is dropped.
  void add(const SeriesRef& series, double value);
  void add(const SeriesRef& series, std::int64_t value);
  void add(const SeriesRef& series, std::uint64_t value) {
    add(series, static_cast<std::int64_t>(value));
  }
  void add(const SeriesRef& series, int value) { add(series, static_cast<std::int64_t>(value)); }
  // Copies the buckets; empty ones at both ends are left out.
  void add(const SeriesRef& series, const HistogramView& value);

  void add(Span span);
  void add(Event event);

  std::span<const Span> spans() const { return spans_; }
  std::span<const Event> events() const { return events_; }
  std::uint64_t dropped_spans() const { return dropped_spans_; }
  std::uint64_t dropped_events() const { return dropped_events_; }
  // Spans and events of `other`, and what was dropped of them, go behind those that are here.
  void move_records(Batch& other);

  std::span<const Point> points() const { return points_; }

  std::size_t histogram_count() const { return histograms_.size(); }
  const SeriesRef& histogram_series(std::size_t i) const { return histograms_[i].series; }
  HistogramView histogram(std::size_t i) const;

  // The series of all points, then of all histograms.
  const SeriesRef& series(std::size_t i) const {
    return i < points_.size() ? points_[i].series : histograms_[i - points_.size()].series;
  }

  // Takes out what `keep(i)`, with i as for series(), is false for. The rest keeps its order.
  template <class Keep>
  void filter(Keep keep) {
    const auto points = points_.size();
    std::size_t i = 0;
    std::erase_if(points_, [&](const Point& /*point*/) { return !keep(i++); });
    i = points;
    std::erase_if(histograms_, [&](const HistogramPoint& /*point*/) { return !keep(i++); });
  }

  // Of points and histograms.
  std::size_t size() const { return points_.size() + histograms_.size(); }
  bool empty() const { return size() == 0; }

  // Keeps the memory.
  void clear();

 private:
  struct HistogramPoint {
    SeriesRef series;
    HistogramView head;  // without buckets
    std::size_t first = 0;
    std::size_t length = 0;
  };

  void clear_records();
  bool has_room(std::size_t bytes);

  std::vector<Point> points_;
  std::vector<HistogramPoint> histograms_;
  std::vector<std::uint64_t> buckets_;
  std::vector<Span> spans_;
  std::vector<Event> events_;
  std::size_t record_bytes_ = 0;
  std::uint64_t dropped_spans_ = 0;
  std::uint64_t dropped_events_ = 0;
};

}  // namespace plumbline
