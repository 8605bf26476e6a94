// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include "agent/core/clock.h"
#include "agent/core/metric.h"

namespace plumbline {

// The value of one attribute. monostate: this series does not have that attribute.
using AttributeValue = std::variant<std::monostate, std::string_view, std::int64_t>;

class Series;

// The attributes of one series, read from what is encoded of them as one walks along.
class SeriesAttributes {
 public:
  using Attribute = std::pair<std::string_view, std::string_view>;  // key, value as text

  class Iterator {
   public:
    using value_type = Attribute;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    // `text`: the next number among the attributes as text.
    Iterator(const char* at, const char* end, const char* text)
        : next_(at), end_(end), text_(text) {
      ++*this;
    }

    Attribute operator*() const { return current_; }
    const Attribute* operator->() const { return &current_; }
    Iterator& operator++();
    Iterator operator++(int) {
      auto before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    friend boost::intrusive_ptr<const Series> with_start(const Series& series, UnixNanos start);

    const char* at_ = nullptr;  // of the current one; the end when there is none
    const char* next_ = nullptr;
    const char* end_ = nullptr;
    const char* text_ = nullptr;
    Attribute current_;
  };

  SeriesAttributes(std::string_view otlp, const char* texts) : otlp_(otlp), texts_(texts) {}

  Iterator begin() const { return {otlp_.data(), otlp_.data() + otlp_.size(), texts_}; }
  Iterator end() const {
    const char* end = otlp_.data() + otlp_.size();
    return {end, end, texts_};
  }
  std::size_t size() const { return static_cast<std::size_t>(std::distance(begin(), end())); }
  Attribute operator[](std::size_t i) const {
    return *std::next(begin(), static_cast<std::ptrdiff_t>(i));
  }

 private:
  std::string_view otlp_;
  const char* texts_;
};

// One metric with one set of attribute values: immutable, shared by count between the collector
// that feeds it and whatever holds its points. Everything that can be computed once is here, in one
// piece of memory: a node has tens of thousands of them.
class Series {
 public:
  // `values` stand in the order of spec.attributes; missing ones at the end are absent.
  // `start`: since when a cumulative value counts; 0 for gauges.
  static boost::intrusive_ptr<const Series> make(const MetricSpec& spec,
                                                 std::span<const AttributeValue> values,
                                                 UnixNanos start);

  Series(const Series&) = delete;
  Series& operator=(const Series&) = delete;
  Series(Series&&) = delete;
  Series& operator=(Series&&) = delete;

  const MetricSpec& spec() const { return *spec_; }
  UnixNanos start() const { return start_; }

  // Attribute keys with their values as text, in the order of the spec, absent ones left out.
  // Text is valid UTF-8: what was not has U+FFFD in its place.
  SeriesAttributes attributes() const { return {otlp_attributes(), bytes() + otlp_size_}; }

  // The attributes as OTLP data-point fields, tags included, ready to be copied into a
  // NumberDataPoint (field 7) or an ExponentialHistogramDataPoint (field 1), by the instrument.
  std::string_view otlp_attributes() const { return {bytes(), otlp_size_}; }

  // Of metric and attributes: what makes two series the same wherever they were made.
  std::size_t hash() const { return hash_; }
  bool same_as(const Series& other) const {
    return this == &other || (hash_ == other.hash_ && spec_ == other.spec_ &&
                              otlp_attributes() == other.otlp_attributes());
  }

 private:
  friend boost::intrusive_ptr<const Series> make_overflow_series(const MetricSpec& spec,
                                                                 UnixNanos start,
                                                                 std::string_view others);
  friend boost::intrusive_ptr<const Series> with_start(const Series& series, UnixNanos start);

  Series(const MetricSpec& spec, UnixNanos start, std::string_view otlp);
  ~Series() = default;
  // `otlp`: the attributes; `texts`: of the numbers among them, each with a zero behind it.
  static boost::intrusive_ptr<const Series> place(const MetricSpec& spec,
                                                  UnixNanos start,
                                                  std::string_view otlp,
                                                  std::string_view texts);
  static void remove(const Series* series);

  // What stands behind this object.
  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }

  friend void intrusive_ptr_add_ref(const Series* series) {
    series->references_.fetch_add(1, std::memory_order_relaxed);
  }
  friend void intrusive_ptr_release(const Series* series) {
    if (series->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) remove(series);
  }

  const MetricSpec* spec_;
  UnixNanos start_;
  std::size_t hash_;
  mutable std::atomic<std::uint32_t> references_{0};
  std::uint32_t otlp_size_;
};

using SeriesRef = boost::intrusive_ptr<const Series>;

// The value that stands for many.
inline constexpr std::string_view kOthers = "_other";

// The series that stands for those of a metric beyond the cardinality limit; it has the attribute
// otel.metric.overflow=true (OpenTelemetry metrics SDK, "Cardinality limits"), and kOthers for the
// attribute of the key `others`, if there is one.
SeriesRef make_overflow_series(const MetricSpec& spec,
                               UnixNanos start,
                               std::string_view others = {});

// The same series, counting since another time.
SeriesRef with_start(const Series& series, UnixNanos start);

// A collector's own series, found by metric and attribute values. Not thread-safe: it lives and is
// used where its collector runs. A hit neither allocates nor counts references.
class SeriesTable {
 public:
  // Series not asked for during this many sweeps are forgotten: a disk or a cgroup that went away.
  static constexpr std::uint32_t kIdleSweeps = 60;

  // `start`: since when the counters of this collector count (boot, load of the probe).
  explicit SeriesTable(UnixNanos start) : start_(start) {}

  const SeriesRef& get(const MetricSpec& spec, std::initializer_list<AttributeValue> values = {}) {
    return get_since(start_, spec, values);
  }
  // The same for a thing younger than the collector; `start` counts only when the series is made.
  const SeriesRef& get_since(UnixNanos start,
                             const MetricSpec& spec,
                             std::initializer_list<AttributeValue> values);

  // Once at the end of each collect().
  void sweep();

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    SeriesRef series;
    std::uint32_t last_used = 0;
  };

  std::unordered_multimap<std::uint64_t, Entry> entries_;  // by hash of metric and values
  UnixNanos start_;
  std::uint32_t now_ = 0;
};

// `text` with every byte that is not part of valid UTF-8 replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

}  // namespace plumbline
