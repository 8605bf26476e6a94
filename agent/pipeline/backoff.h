// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace plumbline {

// How long to wait before the next try: doubles with each failure, with full jitter, and never less
// than what the destination asked for. OTLP specification, "Failures", "OTLP/gRPC Throttling".
//
// A destination that gives no answer is asked again within kUnreachableMax: finding it back costs
// a connection attempt, not a request. One that answers "not now" is given more time.
class Backoff {
 public:
  using Duration = std::chrono::nanoseconds;

  static constexpr Duration kFirst = std::chrono::milliseconds(250);
  static constexpr Duration kUnreachableMax = std::chrono::milliseconds(1'500);
  static constexpr Duration kThrottledMax = std::chrono::seconds(30);
  // A wish for more than this is cut to it; the data stays.
  static constexpr Duration kAskedMax = std::chrono::minutes(5);

  // `random` in [0, 1) everywhere.
  Duration unreachable(double random) {
    asked_ = Duration(0);
    return draw(kUnreachableMax, random);
  }

  // `asked`: what the destination wants; zero is a wish too, for no more than our own wait.
  Duration throttled(std::optional<Duration> asked, double random) {
    const auto own = draw(std::max(kThrottledMax, asked_), random);
    if (!asked) return std::max(asked_, own);
    asked_ = std::clamp(*asked, Duration(0), kAskedMax);
    window_ = std::max(window_, asked_);  // later failures grow from here
    return std::max(asked_, own) + share(kFirst, random);
  }

  void succeed() {
    window_ = Duration(0);
    asked_ = Duration(0);
  }

 private:
  // Of (0, whole].
  static Duration share(Duration whole, double random) {
    return Duration(
        static_cast<Duration::rep>(static_cast<double>(whole.count()) * (1.0 - random)));
  }

  Duration draw(Duration most, double random) {
    window_ = window_ == Duration(0) ? kFirst : std::min(2 * window_, most);
    return share(window_, random);
  }

  Duration window_{0};
  Duration asked_{0};
};

}  // namespace plumbline
