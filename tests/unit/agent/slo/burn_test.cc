// SPDX-License-Identifier: Apache-2.0
#include "agent/slo/burn.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace plumbline {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Objective kThreeNines{.target_ppm = 999'000, .period = hours(30 * 24)};

const BurnTier& fast() {
  return kBurnTiers[0];
}

TEST(Burn, HasTheFactorsOfTheWorkbook) {
  const std::vector<double> workbook{14.4, 6, 3, 1};
  for (std::size_t i = 0; i < workbook.size(); ++i) {
    EXPECT_NEAR(burn_factor(kBurnTiers.at(i), kThreeNines), workbook[i], 1e-12);
    EXPECT_EQ(kBurnTiers.at(i).long_window / kBurnTiers.at(i).short_window, 12);
  }
  EXPECT_NEAR(burn_threshold(fast(), kThreeNines), 0.0144, 1e-12);
}

TEST(Burn, ComputesFactorsFromTheShareAndThePeriod) {
  const Objective four_weeks{.target_ppm = 999'000, .period = hours(28 * 24)};
  EXPECT_NEAR(burn_factor(fast(), four_weeks), 13.44, 1e-12);
  EXPECT_NEAR(burn_factor(kBurnTiers[1], four_weeks), 5.6, 1e-12);
  const Objective quarter{.target_ppm = 999'000, .period = hours(90 * 24)};
  EXPECT_NEAR(burn_factor(fast(), quarter), 43.2, 1e-12);
  EXPECT_NEAR(burn_factor(kBurnTiers[3], quarter), 3, 1e-12);
}

TEST(Burn, KnowsWhichTiersATargetCanNeverReach) {
  const auto reachable = [](std::size_t tier, std::uint64_t target_ppm) {
    return is_reachable(kBurnTiers.at(tier), {.target_ppm = target_ppm, .period = hours(30 * 24)});
  };
  EXPECT_FALSE(reachable(0, 930'000));  // 14.4 × 0.07 > 1: no outage is that bad
  EXPECT_TRUE(reachable(0, 931'000));
  EXPECT_FALSE(reachable(1, 833'000));
  EXPECT_TRUE(reachable(1, 834'000));
  EXPECT_FALSE(reachable(2, 666'000));
  EXPECT_TRUE(reachable(2, 667'000));
}

// The workbook: "10 requests an hour, one failure in a month of 99.9 % is 13.9 % of the budget".
TEST(Burn, TellsWhatOneFailureCostsAtLowTraffic) {
  const auto left = budget_remaining({.bad = 1, .all = 10 * 24 * 30}, kThreeNines);
  ASSERT_TRUE(left);
  EXPECT_NEAR(1 - *left, 0.1389, 1e-4);
}

TEST(Burn, NoticesAnOutageAsFastAsTheWorkbookSays) {
  EXPECT_EQ(time_to_detect(fast(), 1, kThreeNines), seconds(52));
  EXPECT_EQ(time_to_detect(fast(), 0.1, kThreeNines), seconds(519));
  EXPECT_EQ(time_to_detect(fast(), 0.01, kThreeNines), std::nullopt);
  EXPECT_EQ(time_to_detect(kBurnTiers[1], 0.01, kThreeNines), seconds(12'960));  // 3.6 h
  EXPECT_EQ(time_to_detect(fast(), 1, {.target_ppm = 990'000, .period = hours(720)}), seconds(519));
}

TEST(Burn, TellsWhenTheBudgetIsGone) {
  EXPECT_EQ(time_to_exhaustion(1, 1, kThreeNines), hours(720));
  EXPECT_EQ(time_to_exhaustion(1, 14.4, kThreeNines), hours(50));
  EXPECT_EQ(time_to_exhaustion(0.5, 1000, kThreeNines), seconds(1296));
  EXPECT_EQ(time_to_exhaustion(-0.1, 0, kThreeNines), seconds(0));
  EXPECT_EQ(time_to_exhaustion(0.5, 0, kThreeNines), std::nullopt);
}

TEST(Burn, HasNoNumberWithoutEvents) {
  EXPECT_EQ(burn_rate({}, kThreeNines), std::nullopt);
  EXPECT_EQ(budget_remaining({}, kThreeNines), std::nullopt);
  EXPECT_EQ(lower_bound_95({}), std::nullopt);
  EXPECT_FALSE(burns(fast(), {}, {}, kThreeNines));
}

// How many of `all` must fail within the hour for a page.
double failures_to_page(double all) {
  double bad = 0;
  while (bad <= all && !burns(fast(), {bad, all}, {bad, all}, kThreeNines)) ++bad;
  return bad;
}

TEST(Burn, PagesNobodyForASingleFailure) {
  EXPECT_EQ(failures_to_page(10), kMinBadEvents);
  EXPECT_EQ(failures_to_page(60), kMinBadEvents);
  EXPECT_EQ(failures_to_page(100), kMinBadEvents);
  // Naively 145 of 10,000; certainty costs little where there is traffic.
  EXPECT_GE(failures_to_page(10'000), 160);
  EXPECT_LE(failures_to_page(10'000), 166);
}

TEST(Burn, ResolvesOnceTheShortWindowIsClean) {
  EXPECT_TRUE(burns(fast(), {600, 6000}, {500, 500}, kThreeNines));
  EXPECT_FALSE(burns(fast(), {600, 6000}, {0, 500}, kThreeNines));
  EXPECT_FALSE(burns(fast(), {600, 6000}, {0, 0}, kThreeNines));
}

TEST(Burn, StaysANumberWhenMoreIsBadThanThereIs) {
  // Two extrapolated increases do not always fit one another.
  const auto bound = lower_bound_95({.bad = 10'050, .all = 10'000});
  ASSERT_TRUE(bound);
  EXPECT_GT(*bound, 0.99);
}

TEST(Burn, TellsATrickleThatNoRateWouldTell) {
  // A request an hour, three of four bad for three days: the windows never hold enough.
  EXPECT_TRUE(trickles({.bad = 54, .all = 72}, {.bad = 54, .all = 720}, 1, kThreeNines));
  EXPECT_FALSE(trickles({.bad = 3, .all = 72}, {.bad = 3, .all = 720}, 1, kThreeNines));
  EXPECT_FALSE(trickles({.bad = 4, .all = 72'000}, {.bad = 4, .all = 720'000}, 1, kThreeNines));
  // The first three hours of a service say little about its month.
  EXPECT_FALSE(
      trickles({.bad = 9, .all = 18'000}, {.bad = 9, .all = 18'000}, 3. / 720, kThreeNines));
}

// Sums of windows are the events themselves: whatever the traffic, the budget that is left equals
// that of counting every event again.
TEST(BurnProperty, BudgetEqualsARecountOfEveryEvent) {
  std::mt19937 random(20261121);
  for (int round = 0; round < 200; ++round) {
    const double bad_share = std::exponential_distribution<>(50)(random);
    EventCounts summed;
    std::uint64_t recounted_bad = 0;
    std::uint64_t recounted = 0;
    for (int window = 0; window < 100; ++window) {
      // Nights without an event, rushes with thousands.
      const int events = window % 7 == 0 ? 0 : std::geometric_distribution<>(0.01)(random);
      EventCounts counts;
      for (int event = 0; event < events; ++event) {
        const bool bad = std::bernoulli_distribution(std::min(1.0, bad_share))(random);
        counts.bad += bad ? 1 : 0;
        counts.all += 1;
        recounted_bad += bad ? 1U : 0U;
        ++recounted;
      }
      summed.bad += counts.bad;
      summed.all += counts.all;
    }
    const auto left = budget_remaining(summed, kThreeNines);
    ASSERT_TRUE(left);
    const auto truth =
        1 - static_cast<double>(recounted_bad * 1'000) / static_cast<double>(recounted);
    EXPECT_NEAR(*left, truth, 1e-9 * std::max(1.0, std::abs(truth)));
  }
}

TEST(BurnProperty, TheLowerBoundLiesBelowTheShareAndNarrows) {
  std::mt19937 random(7);
  for (int round = 0; round < 2'000; ++round) {
    const double all = 1 + std::floor(std::uniform_real_distribution<>(0, 1e6)(random));
    const double bad = std::floor(std::uniform_real_distribution<>(0, all)(random));
    const auto bound = lower_bound_95({bad, all});
    const auto closer = lower_bound_95({bad * 10, all * 10});
    ASSERT_TRUE(bound && closer);
    EXPECT_GE(*bound, -1e-12);
    EXPECT_LE(*bound, bad / all + 1e-12);
    EXPECT_GE(*closer + 1e-12, *bound);
  }
}

// Steady traffic, a minute at a time: the tier fires when time_to_detect says, not before.
TEST(BurnProperty, DetectionTimeEqualsAReplayOfTheWindows) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    const double share = std::uniform_real_distribution<>(0.02, 1)(random);
    const auto told = time_to_detect(fast(), share, kThreeNines);
    ASSERT_TRUE(told);
    constexpr double kPerSecond = 1e6;  // so many that chance plays no part
    seconds after{0};
    for (;;) {
      ++after;
      const auto bad = share * kPerSecond * static_cast<double>(after.count());
      const auto in_short =
          std::min<double>(static_cast<double>(after.count()), 300) * share * kPerSecond;
      if (burns(fast(), {bad, 3600 * kPerSecond}, {in_short, 300 * kPerSecond}, kThreeNines)) break;
    }
    EXPECT_NEAR(static_cast<double>(after.count()), static_cast<double>(told->count()), 2);
  }
}

}  // namespace
}  // namespace plumbline
