// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "agent/core/clock.h"

namespace plumbline {

// What of a trouble that comes and goes is worth a line of the log: that it is there, that its
// reason is another one than was said, that it is over. One that comes and goes all day, or stays
// for a week, must not fill the log: three in a row are told, then one in kRefill; those between
// are counted and told with the next.
class Trouble {
 public:
  static constexpr std::uint64_t kInARow = 3;
  static constexpr std::chrono::minutes kRefill{5};
  // Reasons may alternate from try to try; another one is told when it is there for good.
  static constexpr std::chrono::minutes kOtherReason{1};

  // The trouble is there, each time it is met. Nothing: say nothing. Else say it, and how many
  // troubles were not told since the last line.
  std::optional<std::uint64_t> meet(Clock::Steady now, std::string_view reason) {
    if (!std::exchange(there_, true)) ++untold_;
    if (told_ && (reason == said_ || now < said_at_ + kOtherReason)) return {};
    if (!spend(now)) return {};
    const auto before = untold_ - (told_ ? 0 : 1);
    untold_ = 0;
    told_ = true;
    said_ = reason;
    said_at_ = now;
    return before;
  }

  // It is over, or was not there at all. True: worth a line, for it was told.
  bool settle() {
    there_ = false;
    return std::exchange(told_, false);
  }

 private:
  bool spend(Clock::Steady now) {
    const auto refilled = static_cast<std::uint64_t>((now - refilled_at_) / kRefill);
    if (refilled != 0) {
      left_ = std::min(kInARow, left_ + refilled);
      refilled_at_ = now;
    }
    if (left_ == 0) return false;
    --left_;
    return true;
  }

  bool there_ = false;
  bool told_ = false;  // of the one that is there
  std::uint64_t untold_ = 0;
  std::string said_;
  Clock::Steady said_at_{};
  std::uint64_t left_ = kInARow;
  Clock::Steady refilled_at_{};
};

}  // namespace plumbline
