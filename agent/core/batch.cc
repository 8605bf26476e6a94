// SPDX-License-Identifier: Apache-2.0
#include "agent/core/batch.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace plumbline {

void Batch::add(const SeriesRef& series, double value) {
  constexpr double kLimit = 0x1p63;  // the first double that std::int64_t cannot hold
  if (std::isnan(value)) return;
  Number number{.real = value};
  if (is_integral(series->spec().unit)) {
    if (value >= kLimit || value < -kLimit) return;
    number.integer = std::llround(value);
  }
  points_.push_back({.series = series, .value = number});
}

void Batch::add(const SeriesRef& series, std::int64_t value) {
  const Number number = is_integral(series->spec().unit)
                            ? Number{.integer = value}
                            : Number{.real = static_cast<double>(value)};
  points_.push_back({.series = series, .value = number});
}

void Batch::add(const SeriesRef& series, const HistogramView& value) {
  auto used = value.buckets;
  auto head = value;
  while (!used.empty() && used.back() == 0) used = used.first(used.size() - 1);
  while (!used.empty() && used.front() == 0) {
    used = used.subspan(1);
    ++head.offset;
  }
  head.buckets = {};
  histograms_.push_back(
      {.series = series, .head = head, .first = buckets_.size(), .length = used.size()});
  buckets_.insert(buckets_.end(), used.begin(), used.end());
}

HistogramView Batch::histogram(std::size_t i) const {
  const auto& point = histograms_[i];
  auto view = point.head;
  view.buckets = std::span(buckets_).subspan(point.first, point.length);
  return view;
}

bool Batch::has_room(std::size_t bytes) {
  if (record_bytes_ + bytes > kMaxRecordBytes) return false;
  record_bytes_ += bytes;
  return true;
}

void Batch::add(Span span) {
  if (has_room(footprint(span))) {
    spans_.push_back(std::move(span));
  } else {
    ++dropped_spans_;
  }
}

void Batch::add(Event event) {
  if (has_room(footprint(event))) {
    events_.push_back(std::move(event));
  } else {
    ++dropped_events_;
  }
}

void Batch::move_records(Batch& other) {
  for (auto& span : other.spans_) add(std::move(span));
  for (auto& event : other.events_) add(std::move(event));
  dropped_spans_ += other.dropped_spans_;
  dropped_events_ += other.dropped_events_;
  other.clear_records();
}

void Batch::clear_records() {
  spans_.clear();
  events_.clear();
  record_bytes_ = 0;
  dropped_spans_ = 0;
  dropped_events_ = 0;
}

void Batch::clear() {
  clear_records();
  time = 0;
  points_.clear();
  histograms_.clear();
  buckets_.clear();
}

}  // namespace plumbline
