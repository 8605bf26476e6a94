// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/scenario.h"

#include <algorithm>

namespace plumbline {
namespace {

constexpr int kBefore = 12;  // a step of five minutes, five of lingering, and two
constexpr int kAfter = 6;

}  // namespace

Scenario::Scenario(const std::vector<Stretch>& stretches) {
  for (const auto& stretch : stretches) extend(stretch);
}

void Scenario::extend(const Stretch& stretch) {
  stretches_.push_back(stretch);
  const auto before = until_.back();
  for (int minute = 1; minute <= stretch.minutes; ++minute) {
    until_.push_back(
        {.bad = before.bad + stretch.bad * minute, .all = before.all + stretch.all * minute});
  }
}

EventCounts Scenario::window(int minute, std::chrono::minutes length) const {
  const auto& from = until_[std::max<std::ptrdiff_t>(0, minute - length.count())];
  const auto& to = until_[static_cast<std::size_t>(minute)];
  return {.bad = to.bad - from.bad, .all = to.all - from.all};
}

TierSet Scenario::firing(int minute, const Objective& objective) const {
  TierSet tiers;
  for (std::size_t i = 0; i < kBurnTiers.size(); ++i) {
    const auto& tier = kBurnTiers.at(i);
    tiers[i] =
        burns(tier, window(minute, tier.long_window), window(minute, tier.short_window), objective);
  }
  const double covered =
      std::min(1.0, minute / (static_cast<double>(objective.period.count()) * 60));
  tiers[kTrickleTier] = trickles(
      window(minute, kTrickleWindow), window(minute, objective.period), covered, objective);
  return tiers;
}

std::vector<TierSet> Scenario::course(const Objective& objective) const {
  std::vector<TierSet> tiers;
  tiers.reserve(until_.size());
  for (int minute = 0; minute <= minutes(); ++minute) tiers.push_back(firing(minute, objective));
  return tiers;
}

std::optional<int> settled(const std::vector<TierSet>& course, int from) {
  int alike = 0;
  TierSet before;
  for (int minute = std::max(1, from - kBefore); minute < std::ssize(course); ++minute) {
    const auto now = course[static_cast<std::size_t>(minute)];
    alike = now == before ? alike + 1 : 0;
    before = now;
    if (minute - kAfter >= from && alike >= kBefore + kAfter) return minute - kAfter;
  }
  return std::nullopt;
}

}  // namespace plumbline
