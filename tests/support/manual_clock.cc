// SPDX-License-Identifier: Apache-2.0
#include "tests/support/manual_clock.h"

namespace plumbline {

Clock::Steady ManualClock::steady() const {
  return Steady(std::chrono::nanoseconds(steady_.load()));
}

void ManualClock::advance(std::chrono::nanoseconds by) {
  steady_ += by.count();
  step_wall(by);
}

void ManualClock::step_wall(std::chrono::nanoseconds by) {
  wall_ += static_cast<UnixNanos>(by.count());
}

}  // namespace plumbline
