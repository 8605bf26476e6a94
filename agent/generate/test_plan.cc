// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/test_plan.h"

#include <algorithm>
#include <cmath>

namespace plumbline {
namespace {

constexpr double kRush = 1e6;  // events a minute: luck plays no part
constexpr int kLongestLeak = 1'500;
constexpr std::size_t kMostPlans = 1'000;  // a megabyte or two

class Planner {
 public:
  Planner(const Objective& objective, TestPlans::Events events)
      : objective_(objective), slices_(events == TestPlans::Events::kOneAMinute) {
    plan_.pace = slices_ ? 1 : kRush;
  }

  TestPlan plan() {
    plan_outage();
    plan_leak();
    return std::move(plan_);
  }

 private:
  Stretch good(int minutes) const { return {.minutes = minutes, .all = plan_.pace}; }
  Stretch outage_of(int minutes) const {
    return {.minutes = minutes, .all = plan_.pace, .bad = plan_.pace};
  }

  void plan_outage() {
    const Scenario endless({good(kCalm), outage_of(kLongestLeak)});
    plan_.paged = kCalm;
    while (plan_.paged < endless.minutes() &&
           !endless.firing(plan_.paged, objective_).test(kFastTier)) {
      ++plan_.paged;
    }
    plan_.over = plan_.paged + 10;
    const auto course =
        Scenario({good(kCalm), outage_of(plan_.over - kCalm), good(kCalm * 3)}).course(objective_);
    // The page resolves with the short window; what is spent stays spent.
    auto resolved = static_cast<std::size_t>(plan_.over);
    while (resolved + 1 < course.size() && course[resolved].test(kFastTier)) ++resolved;
    plan_.recovered = seen(course, static_cast<int>(resolved) + 1);
  }

  void plan_leak() {
    Scenario scenario({});
    if (slices_) {
      constexpr double kFaster = 10;
      const int every = std::max(2, static_cast<int>(1 / (kFaster * objective_.budget())));
      while (scenario.minutes() < kLongestLeak) {
        scenario.extend(good(every - 1));
        scenario.extend(outage_of(1));
      }
    } else {
      const double faster = std::sqrt(burn_factor(kBurnTiers[1], objective_) *
                                      burn_factor(kBurnTiers[2], objective_));
      scenario.extend({.minutes = kCalm * 3,
                       .all = plan_.pace,
                       .bad = std::ceil(faster * objective_.budget() * plan_.pace)});
    }
    plan_.leak = scenario.stretches();
    const auto course = scenario.course(objective_);
    for (int from = kCalm; from < scenario.minutes(); from += kCalm / 4) {
      const auto found = seen(course, from);
      if (!found) return;
      if (found->tiers.none() || found->tiers.test(kFastTier)) continue;
      plan_.leaked = found;
      return;
    }
  }

  static std::optional<TestPlan::Seen> seen(const std::vector<TierSet>& course, int from) {
    const auto minute = settled(course, from);
    if (!minute) return std::nullopt;
    return TestPlan::Seen{.minute = *minute, .tiers = course[static_cast<std::size_t>(*minute)]};
  }

  const Objective& objective_;
  bool slices_;
  TestPlan plan_;
};

}  // namespace

const TestPlan& TestPlans::of(const Objective& objective, Events events) {
  const Key key(objective.target_ppm, objective.period.count(), events);
  const auto found = plans_.find(key);
  if (found != plans_.end()) return found->second;
  if (plans_.size() >= kMostPlans) plans_.clear();
  return plans_.emplace(key, Planner(objective, events).plan()).first->second;
}

}  // namespace plumbline
