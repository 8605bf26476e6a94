// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace plumbline::kafka {

// When something was measured. Milliseconds since 1970, as Kafka has them.
using Millis = std::int64_t;

// What is known of the time of one record.
struct TimeBracket {
  std::optional<Millis> not_before;
  std::optional<Millis> not_after;
  bool from_broker = false;  // a broker looked a record up; else only ends of the log were watched
};

// How the records of one partition lie in time. A point (offset, time) says: every record before
// `offset` is at most as young as `time`, every one from there on at least. Each look at the end of
// the log makes one, and so does each record that a broker found by its time. So the time of any
// record lies between its two neighbours, and any subset of the points is true as well: when there
// are too many the ones that say least go, which leaves points at distances that grow with age.
class Timeline {
 public:
  // A producer may hold a record back (linger.ms, a retry) after it was given its time: it may be
  // this much older than its arrival tells.
  static constexpr Millis kArrivalDelay = 500;

  explicit Timeline(std::size_t capacity) : capacity_(capacity < kMin ? kMin : capacity) {}

  // At `now` the log ended at `end`. An end before the last one is a truncated log: what was known
  // beyond it is forgotten.
  void observe_end(std::int64_t end, Millis now);
  // Asked for the first record at or after `asked`, the broker found this one; nullopt offset:
  // none, while the log ended at `end`. A record that contradicts an earlier one is not taken:
  // times of this partition are not in order.
  void learn(Millis asked, std::int64_t offset, Millis time);
  void learn_none(Millis asked, std::int64_t end);

  TimeBracket bracket(std::int64_t offset) const;
  // The best guess inside the bracket, by the neighbours' distance in offsets; nullopt when one
  // side is open.
  std::optional<Millis> guess(std::int64_t offset) const;

  std::size_t size() const { return points_.size(); }
  std::uint64_t contradictions() const { return contradictions_; }
  void set_capacity(std::size_t capacity) { capacity_ = capacity < kMin ? kMin : capacity; }

 private:
  static constexpr std::size_t kMin = 8;

  // 16 bytes: a cluster may have hundreds of thousands.
  struct Point {
    std::int64_t offset : 63;  // plausible ones have 50 bits
    bool from_broker : 1;
    Millis time;
  };

  // Keeps the order of both; of points with one offset the first and the last.
  void insert(Point point);
  void grow();
  void make_way(const Point& point);
  bool contradicts(const Point& point) const;
  void thin(Millis now);
  std::size_t first_after(std::int64_t offset) const;

  std::vector<Point> points_;  // by offset, then time; both only grow
  std::size_t capacity_;
  std::uint64_t contradictions_ = 0;
};

}  // namespace plumbline::kafka
