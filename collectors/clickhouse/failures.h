// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "agent/core/clock.h"

namespace plumbline::clickhouse {

// Which failure texts were told already. The same text of the same thing is told once an hour, so
// that a mutation that fails every second is one event and not a flood.
class Failures {
 public:
  static constexpr std::chrono::hours kRepeat{1};
  // What fails in more ways at once is one failure of another kind; the oldest is forgotten.
  static constexpr std::size_t kMax = 1'000;

  explicit Failures(const Clock& clock) : clock_(clock) {}

  // Whether this one is to be told now. `text` as normalized() has it.
  bool is_news(std::string_view check, std::string_view subject, std::string_view text);

 private:
  const Clock& clock_;
  std::map<std::string, Clock::Steady, std::less<>> told_;
};

}  // namespace plumbline::clickhouse
