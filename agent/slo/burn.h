// SPDX-License-Identifier: Apache-2.0
//
// The arithmetic of objectives: what is spent of an error budget, how fast, and when somebody must
// know. Pure functions on counts; a ratio is only ever the ratio of two sums.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace plumbline {

// Of a window. Not whole numbers: Prometheus' increase() is none.
struct EventCounts {
  double bad = 0;
  double all = 0;
};

struct Objective {
  std::uint64_t target_ppm = 0;  // good events per million; below a million
  std::chrono::hours period{};   // the budget is that of any such stretch of time

  // The share of events that may be bad.
  double budget() const { return static_cast<double>(1'000'000 - target_ppm) / 1e6; }
};

// One alert of the four: it fires when `budget_share` of the period's budget is spent within the
// long window, and resolves once the short one is clean.
struct BurnTier {
  std::string_view name;
  std::chrono::minutes long_window;
  std::chrono::minutes short_window;
  double budget_share;
};

// The Site Reliability Workbook, chapter 5, table 5-8, and its fourth pair: 14.4, 6, 3 and 1 times
// the budget at 30 days.
inline constexpr std::array<BurnTier, 4> kBurnTiers{
    {{"fast", std::chrono::hours(1), std::chrono::minutes(5), 0.02},
     {"medium", std::chrono::hours(6), std::chrono::minutes(30), 0.05},
     {"slow", std::chrono::hours(24), std::chrono::hours(2), 0.10},
     {"creeping", std::chrono::hours(72), std::chrono::hours(6), 0.10}}};

// A page or a ticket needs so many bad events, whatever their share is.
inline constexpr double kMinBadEvents = 4;

// The share of the budget within three days that is told even when no window burns fast enough.
inline constexpr double kTrickleShare = 0.10;
inline constexpr std::chrono::hours kTrickleWindow{72};

// How many times faster than allowed the budget burns when the tier fires: 14.4.
double burn_factor(const BurnTier& tier, const Objective& objective);

// The share of bad events from which the tier fires: 14.4 × 0.001.
double burn_threshold(const BurnTier& tier, const Objective& objective);

// Whether a complete outage would fire it; not when the target is 1 − 1/factor or less.
bool is_reachable(const BurnTier& tier, const Objective& objective);

// 1: the budget is gone exactly at the end of the period. Absent without events.
std::optional<double> burn_rate(const EventCounts& counts, const Objective& objective);

// The share of the budget that is left, negative when more was spent. Absent without events.
std::optional<double> budget_remaining(const EventCounts& period, const Objective& objective);

// When the rest of the budget is gone at this rate. Absent when it never is.
std::optional<std::chrono::seconds> time_to_exhaustion(double remaining,
                                                       double rate,
                                                       const Objective& objective);

// Wilson's lower bound of the share of bad events, 95 % one-sided: what is bad at least, whatever
// luck did. Absent without events.
std::optional<double> lower_bound_95(const EventCounts& counts);

// Whether the tier fires on what its windows hold.
bool burns(const BurnTier& tier,
           const EventCounts& long_window,
           const EventCounts& short_window,
           const Objective& objective);

// Whether the trickle ticket fires: so much of the budget was spent within three days. `covered` is
// the share of the period that was measured; the rest is taken to have been alike.
bool trickles(const EventCounts& three_days,
              const EventCounts& period,
              double covered,
              const Objective& objective);

// From the first bad event to the alert, when from then on `bad_share` of a steady traffic is bad
// and none was before. Absent when it never fires.
std::optional<std::chrono::seconds> time_to_detect(const BurnTier& tier,
                                                   double bad_share,
                                                   const Objective& objective);

}  // namespace plumbline
