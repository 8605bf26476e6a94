// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>

namespace plumbline::kafka {

// How long an agent may say that its share is its own. The coordinator gives the share to another
// one when it has not heard of a member for the session's time; the last it has surely heard is the
// last question that it answered, counted from when that was asked. So the lease ends before the
// session does, and an agent that was stopped finds it ended, whatever it has missed.
//
// Times are those of a clock that goes on while the machine sleeps.
class Lease {
 public:
  using Time = std::chrono::nanoseconds;  // since the machine started

  // What clocks of two machines may differ by in one session.
  static constexpr std::chrono::milliseconds kMargin{500};

  explicit Lease(std::chrono::milliseconds session) : lasts_(session - kMargin) {}

  // The coordinator has answered as to a member what was asked at this time.
  void renew(Time asked) { until_ = std::max(until_, asked + lasts_); }
  // The coordinator says that this is no member any more.
  void end() { until_ = Time::zero(); }
  bool holds(Time now) const { return now < until_; }

 private:
  Time lasts_;
  Time until_ = Time::zero();
};

}  // namespace plumbline::kafka
