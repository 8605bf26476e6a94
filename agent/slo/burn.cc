// SPDX-License-Identifier: Apache-2.0
#include "agent/slo/burn.h"

#include <algorithm>
#include <cmath>

namespace plumbline {
namespace {

constexpr double kZ95 = 1.645;  // of the normal distribution, one-sided 95 %

double ratio(std::chrono::seconds a, std::chrono::seconds b) {
  return static_cast<double>(a.count()) / static_cast<double>(b.count());
}

std::chrono::seconds rounded_up(double seconds) {
  return std::chrono::seconds(static_cast<std::chrono::seconds::rep>(std::ceil(seconds - 1e-6)));
}

}  // namespace

double burn_factor(const BurnTier& tier, const Objective& objective) {
  return tier.budget_share * ratio(objective.period, tier.long_window);
}

double burn_threshold(const BurnTier& tier, const Objective& objective) {
  return burn_factor(tier, objective) * objective.budget();
}

bool is_reachable(const BurnTier& tier, const Objective& objective) {
  return burn_threshold(tier, objective) < 1;
}

std::optional<double> burn_rate(const EventCounts& counts, const Objective& objective) {
  if (counts.all <= 0) return std::nullopt;
  return counts.bad / counts.all / objective.budget();
}

std::optional<double> budget_remaining(const EventCounts& period, const Objective& objective) {
  const auto spent = burn_rate(period, objective);
  if (!spent) return std::nullopt;
  return 1 - *spent;
}

std::optional<std::chrono::seconds> time_to_exhaustion(double remaining,
                                                       double rate,
                                                       const Objective& objective) {
  if (remaining <= 0) return std::chrono::seconds(0);
  if (rate <= 0) return std::nullopt;
  const auto period = std::chrono::duration_cast<std::chrono::seconds>(objective.period);
  return rounded_up(remaining / rate * static_cast<double>(period.count()));
}

// Written as in the rules that are generated.
std::optional<double> lower_bound_95(const EventCounts& counts) {
  if (counts.all <= 0) return std::nullopt;
  constexpr double kZ2 = kZ95 * kZ95;
  const double good_share = std::max(0.0, 1 - counts.bad / counts.all);
  const double spread = std::sqrt(counts.bad * good_share + kZ2 / 4);
  return (counts.bad + kZ2 / 2 - kZ95 * spread) / (counts.all + kZ2);
}

bool burns(const BurnTier& tier,
           const EventCounts& long_window,
           const EventCounts& short_window,
           const Objective& objective) {
  const auto threshold = burn_threshold(tier, objective);
  const auto sure = lower_bound_95(long_window);
  if (!sure || short_window.all <= 0 || long_window.bad < kMinBadEvents) return false;
  return *sure > threshold && short_window.bad / short_window.all > threshold;
}

bool trickles(const EventCounts& three_days,
              const EventCounts& period,
              double covered,
              const Objective& objective) {
  if (three_days.bad < kMinBadEvents) return false;
  return three_days.bad * covered >= kTrickleShare * objective.budget() * period.all;
}

std::optional<std::chrono::seconds> time_to_detect(const BurnTier& tier,
                                                   double bad_share,
                                                   const Objective& objective) {
  const auto threshold = burn_threshold(tier, objective);
  if (bad_share <= threshold) return std::nullopt;
  const auto window = std::chrono::duration_cast<std::chrono::seconds>(tier.long_window);
  return rounded_up(static_cast<double>(window.count()) * threshold / bad_share);
}

}  // namespace plumbline
