// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/scenario.h"

#include <algorithm>

namespace plumbline {
namespace {

constexpr int kBefore = 12;  // a step of five minutes, five of lingering, and two
constexpr int kAfter = 6;

}  // namespace

int Scenario::minutes() const {
  int sum = 0;
  for (const auto& stretch : stretches_) sum += stretch.minutes;
  return sum;
}

EventCounts Scenario::window(int minute, std::chrono::minutes length) const {
  const int from = std::max(0, minute - static_cast<int>(length.count()));
  EventCounts counts;
  int begin = 0;
  for (const auto& stretch : stretches_) {
    const int end = begin + stretch.minutes;
    const int inside = std::max(0, std::min(end, minute) - std::max(begin, from));
    counts.bad += stretch.bad * inside;
    counts.all += stretch.all * inside;
    begin = end;
  }
  return counts;
}

std::set<std::string> Scenario::firing(int minute, const Objective& objective) const {
  std::set<std::string> tiers;
  for (const auto& tier : kBurnTiers) {
    if (burns(
            tier, window(minute, tier.long_window), window(minute, tier.short_window), objective)) {
      tiers.emplace(tier.name);
    }
  }
  const double covered =
      std::min(1.0, minute / (static_cast<double>(objective.period.count()) * 60));
  if (trickles(
          window(minute, kTrickleWindow), window(minute, objective.period), covered, objective)) {
    tiers.emplace("trickle");
  }
  return tiers;
}

std::optional<int> Scenario::settled(int from, const Objective& objective) const {
  int alike = 0;
  std::set<std::string> before;
  const int end = minutes();
  for (int minute = std::max(1, from - kBefore); minute <= end; ++minute) {
    auto now = firing(minute, objective);
    alike = now == before ? alike + 1 : 0;
    before = std::move(now);
    if (minute - kAfter >= from && alike >= kBefore + kAfter) return minute - kAfter;
  }
  return std::nullopt;
}

}  // namespace plumbline
