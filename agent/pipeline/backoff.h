// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace plumbline {

// How long to wait before the next try: grows with each failure, with jitter, and never less than
// what the destination asked for. OTLP specification, "Failures", "OTLP/gRPC Throttling".
//
// A destination that gives no answer is asked again within kUnreachableMax: finding it back costs
// a connection attempt, not a request. One that answers "not now" is given more time.
class Backoff {
 public:
  using Duration = std::chrono::nanoseconds;

  static constexpr Duration kFirst = std::chrono::milliseconds(250);
  static constexpr double kFactor = 1.6;
  static constexpr Duration kUnreachableMax = std::chrono::milliseconds(1'500);
  static constexpr Duration kThrottledMax = std::chrono::seconds(30);
  // A wish for more than this is cut to it; the data stays.
  static constexpr Duration kAskedMax = std::chrono::minutes(5);

  // `random` in [0, 1). Jitter takes up to half of the wait away, never of what was asked for.
  Duration unreachable(double random) { return next(kUnreachableMax, random); }
  Duration throttled(std::optional<Duration> asked, double random) {
    if (!asked) return next(kThrottledMax, random);
    const auto wanted = std::clamp(*asked, Duration(0), kAskedMax);
    current_ = std::max({wanted, current_, kFirst});  // later failures grow from here
    return wanted + scaled(kFirst, random);
  }
  void succeed() { current_ = Duration(0); }

 private:
  static Duration scaled(Duration duration, double factor) {
    return Duration(static_cast<Duration::rep>(static_cast<double>(duration.count()) * factor));
  }

  Duration next(Duration most, double random) {
    current_ = current_ == Duration(0) ? kFirst : std::min(scaled(current_, kFactor), most);
    return scaled(current_, 1 - random / 2);
  }

  Duration current_{0};
};

}  // namespace plumbline
