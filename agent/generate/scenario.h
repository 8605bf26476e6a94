// SPDX-License-Identifier: Apache-2.0
//
// A made-up course of events, and what the arithmetic of agent/slo says of it: what the generated
// rules are held to.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <vector>

#include "agent/slo/burn.h"

namespace plumbline {

// So many minutes that are alike.
struct Stretch {
  enum class Data : std::uint8_t {
    kThere,
    kNoBadSeries,  // the counter of bad events does not exist yet
    kGone,         // nothing is measured
    kRestart,      // counters begin at zero again
  };
  int minutes = 0;
  double all = 0;  // events a minute
  double bad = 0;
  Data data = Data::kThere;
};

// Those of kBurnTiers in their order, and the trickle.
using TierSet = std::bitset<kBurnTiers.size() + 1>;
inline constexpr std::size_t kFastTier = 0;
inline constexpr std::size_t kTrickleTier = kBurnTiers.size();

class Scenario {
 public:
  explicit Scenario(const std::vector<Stretch>& stretches);

  const std::vector<Stretch>& stretches() const { return stretches_; }
  int minutes() const { return static_cast<int>(until_.size()) - 1; }
  void extend(const Stretch& stretch);

  // The tiers whose alerts fire at that minute, when the data were there all the time.
  TierSet firing(int minute, const Objective& objective) const;

  // The same of every minute from the first on.
  std::vector<TierSet> course(const Objective& objective) const;

 private:
  // Of the `length` minutes up to `minute`.
  EventCounts window(int minute, std::chrono::minutes length) const;

  std::vector<Stretch> stretches_;
  std::vector<EventCounts> until_{EventCounts{}};  // the sums of all minutes before each
};

// The first minute from `from` on about which the tiers that fire have not changed for so long
// that neither evaluation, windows that are added up by fives nor an alert that lingers matter.
// Absent when there is none.
std::optional<int> settled(const std::vector<TierSet>& course, int from);

}  // namespace plumbline
