// SPDX-License-Identifier: Apache-2.0
//
// What happens in the tests of an objective's rules, and when. It depends on nothing but the
// objective and on how its events are counted: thousands of manifests share a few plans.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "agent/generate/scenario.h"

namespace plumbline {

inline constexpr int kCalm = 60;  // minutes before something happens

struct TestPlan {
  // A minute at which it is certain which tiers fire.
  struct Seen {
    int minute = 0;
    TierSet tiers;
  };

  double pace = 0;  // events a minute
  int paged = 0;    // the first minute of an outage after kCalm at which the page fires
  int over = 0;     // ... at which that outage is over
  std::optional<Seen> recovered;
  std::vector<Stretch> leak;  // slower than the page of an hour would notice
  std::optional<Seen> leaked;
};

class TestPlans {
 public:
  enum class Events : std::uint8_t { kMany, kOneAMinute };

  const TestPlan& of(const Objective& objective, Events events);

 private:
  using Key = std::tuple<std::uint64_t, std::chrono::hours::rep, Events>;
  std::map<Key, TestPlan> plans_;
};

}  // namespace plumbline
