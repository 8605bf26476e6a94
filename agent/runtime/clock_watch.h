// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "agent/core/clock.h"

namespace plumbline {

// Notices that the wall clock was set, or that the machine slept, by looking at three clocks now
// and then: being set moves the time of boot, sleep moves wall time against the steady clock alone.
class ClockWatch {
 public:
  // What slewing never reaches between two looks, and a leap second does.
  static constexpr std::chrono::milliseconds kLeast{900};
  // A clock that two programs fight over must not fill the log; the counts tell.
  static constexpr std::chrono::minutes kQuiet{1};

  struct Jump {
    std::chrono::nanoseconds set{0};    // by so much, negative: back; 0: it was not
    std::chrono::nanoseconds slept{0};  // 0: it did not
    bool worth_a_line = true;
  };
  struct Jumps {
    std::uint64_t forward = 0;
    std::uint64_t back = 0;
    std::uint64_t suspends = 0;
  };

  // `boot`: boot_time() of that clock. Nothing: all is well, or this is the first look.
  std::optional<Jump> look(UnixNanos wall, Clock::Steady steady, UnixNanos boot);

  const Jumps& jumps() const { return jumps_; }

 private:
  struct Looked {
    UnixNanos wall;
    Clock::Steady steady;
    UnixNanos boot;
  };
  std::optional<Looked> before_;
  std::optional<Clock::Steady> told_at_;
  Jumps jumps_;
};

// One line for an operator.
std::string describe(const ClockWatch::Jump& jump);

}  // namespace plumbline
