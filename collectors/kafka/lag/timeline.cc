// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/lag/timeline.h"

#include <algorithm>
#include <utility>

namespace plumbline::kafka {

std::size_t Timeline::first_after(std::int64_t offset) const {
  const auto found = std::upper_bound(
      points_.begin(), points_.end(), offset, [](std::int64_t wanted, const Point& point) {
        return wanted < point.offset;
      });
  return static_cast<std::size_t>(found - points_.begin());
}

void Timeline::observe_end(std::int64_t end, Millis now) {
  while (!points_.empty() && points_.back().offset > end) points_.pop_back();
  if (!points_.empty() && points_.back().time > now) return;  // the clock was set back
  insert({.offset = end, .from_broker = false, .time = now});
  if (points_.size() > capacity_) thin(now);
}

void Timeline::learn(Millis asked, std::int64_t offset, Millis time) {
  if (offset < 0 || time < asked) return;
  const Point first{.offset = offset, .from_broker = true, .time = time};
  const Point next{.offset = offset + 1, .from_broker = true, .time = time};
  if (contradicts(first) || contradicts(next)) {
    ++contradictions_;
    return;
  }
  // Nothing before it is as young as what was asked for.
  const Point before{.offset = offset, .from_broker = true, .time = asked};
  insert(next);
  insert(first);
  if (!contradicts(before)) insert(before);
  if (points_.size() > capacity_) thin(points_.back().time);
}

void Timeline::learn_none(Millis asked, std::int64_t end) {
  const Point point{.offset = end, .from_broker = true, .time = asked};
  if (contradicts(point)) {
    ++contradictions_;
  } else {
    insert(point);
  }
}

// Points that only watched the end give way to what a broker read from the log, see kArrivalDelay.
bool Timeline::contradicts(const Point& point) const {
  return std::any_of(points_.begin(), points_.end(), [&](const Point& known) {
    if (!known.from_broker) return false;
    return (known.offset < point.offset && known.time > point.time) ||
           (known.offset > point.offset && known.time < point.time);
  });
}

void Timeline::make_way(const Point& point) {
  std::erase_if(points_, [&](const Point& known) {
    return (known.offset < point.offset && known.time > point.time) ||
           (known.offset > point.offset && known.time < point.time);
  });
}

void Timeline::insert(Point point) {
  make_way(point);
  if (points_.size() == points_.capacity()) grow();
  const auto lower = std::lower_bound(
      points_.begin(), points_.end(), point.offset, [](const Point& known, std::int64_t wanted) {
        return known.offset < wanted;
      });
  const auto upper = points_.begin() + static_cast<std::ptrdiff_t>(first_after(point.offset));
  const auto same = upper - lower;
  if (same < 2) {
    const auto place = same == 1 && lower->time <= point.time ? upper : lower;
    if (same == 1 && lower->time == point.time) {
      lower->from_broker = lower->from_broker || point.from_broker;
    } else {
      points_.insert(place, point);
    }
  } else if (point.time < lower->time) {
    *lower = point;
  } else if (point.time > (upper - 1)->time) {
    *(upper - 1) = point;
  }
}

// Not twice as long each time: three more than are kept is the most there ever is.
void Timeline::grow() {
  points_.reserve(std::min(2 * points_.size() + 2, std::max(points_.size(), capacity_) + 3));
}

TimeBracket Timeline::bracket(std::int64_t offset) const {
  TimeBracket out;
  const auto after = first_after(offset);
  if (after > 0) {
    const auto& point = points_[after - 1];
    out.not_before = point.from_broker ? point.time : point.time - kArrivalDelay;
    out.from_broker = point.from_broker;
  }
  if (after < points_.size()) {
    out.not_after = points_[after].time;
    out.from_broker |= points_[after].from_broker;
  }
  return out;
}

std::optional<Millis> Timeline::guess(std::int64_t offset) const {
  const auto after = first_after(offset);
  if (after == 0 || after == points_.size()) return std::nullopt;
  const auto& low = points_[after - 1];
  const auto& high = points_[after];
  const auto share = (static_cast<double>(offset - low.offset) + 0.5) /
                     static_cast<double>(high.offset - low.offset);
  return low.time + static_cast<Millis>(share * static_cast<double>(high.time - low.time));
}

// The point whose absence widens its neighbours' distance least, as a share of its age. What a
// broker was asked for was asked for because somebody waits there: it goes last.
void Timeline::thin(Millis now) {
  const auto asked = static_cast<std::size_t>(
      std::count_if(points_.begin(), points_.end(), [](const Point& p) { return p.from_broker; }));
  const bool too_many_asked = asked > capacity_ / 2;
  while (points_.size() > capacity_) {
    std::size_t least = 0;
    double least_share = 0;
    for (std::size_t i = 1; i + 1 < points_.size(); ++i) {
      if (points_[i].from_broker && !too_many_asked) continue;
      const auto age = static_cast<double>(now - points_[i].time) + 1'000;
      const auto share = static_cast<double>(points_[i + 1].time - points_[i - 1].time) / age;
      if (least != 0 && share >= least_share) continue;
      least = i;
      least_share = share;
    }
    if (least == 0) break;  // all were asked for
    points_.erase(points_.begin() + static_cast<std::ptrdiff_t>(least));
  }
}

}  // namespace plumbline::kafka
