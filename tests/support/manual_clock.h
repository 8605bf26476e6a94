// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>

#include "agent/core/clock.h"

namespace plumbline {

// A clock that tests set. Both times move together unless the wall is stepped.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(UnixNanos wall = 1'700'000'000'000'000'000U) : wall_(wall) {}

  Steady steady() const override;
  UnixNanos wall() const override { return wall_.load(); }

  void advance(std::chrono::nanoseconds by);
  // An administrator sets the time: the wall jumps, the steady clock does not.
  void step_wall(std::chrono::nanoseconds by);

 private:
  std::atomic<std::int64_t> steady_{1'000'000'000};
  std::atomic<UnixNanos> wall_;
};

}  // namespace plumbline
