// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/lag/timeline.h"

#include <optional>

#include <gtest/gtest.h>

namespace plumbline::kafka {
namespace {

TEST(Timeline, ARecordLiesBetweenTheLooksThatSawTheEndBeforeAndBehindIt) {
  Timeline timeline(16);
  timeline.observe_end(100, 10'000);
  timeline.observe_end(200, 20'000);
  const auto bracket = timeline.bracket(150);
  EXPECT_EQ(bracket.not_before, 10'000 - Timeline::kArrivalDelay);
  EXPECT_EQ(bracket.not_after, 20'000);
  EXPECT_FALSE(bracket.from_broker);
  EXPECT_NEAR(static_cast<double>(timeline.guess(150).value()), 15'000, 100);
}

TEST(Timeline, SaysNothingOfRecordsOlderThanTheFirstLook) {
  Timeline timeline(16);
  timeline.observe_end(100, 10'000);
  EXPECT_FALSE(timeline.bracket(50).not_before);
  EXPECT_EQ(timeline.bracket(50).not_after, 10'000);
  EXPECT_FALSE(timeline.guess(50));
}

TEST(Timeline, AFoundRecordIsKnownExactly) {
  Timeline timeline(16);
  timeline.observe_end(100, 10'000);
  timeline.learn(5'000, 50, 6'000);
  EXPECT_EQ(timeline.bracket(50).not_before, 6'000);
  EXPECT_EQ(timeline.bracket(50).not_after, 6'000);
  EXPECT_TRUE(timeline.bracket(50).from_broker);
  EXPECT_EQ(timeline.bracket(49).not_after, 5'000) << "the broker would have found it else";
}

TEST(Timeline, NoRecordThatYoungMakesTheRestOlder) {
  Timeline timeline(16);
  timeline.observe_end(100, 10'000);
  timeline.observe_end(101, 20'000);
  timeline.learn_none(12'000, 101);
  EXPECT_EQ(timeline.bracket(100).not_after, 12'000);
}

TEST(Timeline, AnIdleLogCostsTwoPoints) {
  Timeline timeline(16);
  for (Millis now = 0; now < 1'000'000; now += 1'000) timeline.observe_end(100, now);
  EXPECT_EQ(timeline.size(), 2U);
  timeline.observe_end(101, 1'000'000);
  EXPECT_EQ(timeline.bracket(100).not_before, 999'000 - Timeline::kArrivalDelay);
}

TEST(Timeline, StaysWithinItsCapacityAndKeepsPointsWhereTheyMatter) {
  Timeline timeline(64);
  constexpr Millis kDay = 86'400'000;
  for (Millis now = 0; now <= kDay; now += 5'000) timeline.observe_end(now / 10, now);
  EXPECT_LE(timeline.size(), 64U);
  const auto width = [&](Millis age) {
    const auto bracket = timeline.bracket((kDay - age) / 10);
    return *bracket.not_after - *bracket.not_before;
  };
  EXPECT_LE(width(60'000), 15'000);
  EXPECT_LE(width(3'600'000), 3'600'000 / 2);
  EXPECT_LE(width(43'200'000), 43'200'000 / 2);
}

TEST(Timeline, ForgetsWhatATruncatedLogHad) {
  Timeline timeline(16);
  timeline.observe_end(100, 10'000);
  timeline.observe_end(200, 20'000);
  timeline.observe_end(150, 30'000);
  EXPECT_EQ(timeline.bracket(149).not_after, 30'000);
}

TEST(Timeline, DoesNotBelieveTimesThatAreOutOfOrder) {
  Timeline timeline(16);
  timeline.learn(0, 50, 6'000);
  timeline.learn(0, 60, 4'000);
  EXPECT_EQ(timeline.contradictions(), 1U);
  EXPECT_EQ(timeline.bracket(50).not_before, 6'000);
}

TEST(Timeline, WhatABrokerReadOutdoesWhatWasWatched) {
  Timeline timeline(16);
  timeline.observe_end(50, 10'000);
  timeline.learn(0, 50, 9'900);  // its producer held it back for 0.1 s
  EXPECT_EQ(timeline.bracket(50).not_before, 9'900);
  EXPECT_EQ(timeline.bracket(50).not_after, 9'900);
}

TEST(Timeline, AClockThatWasSetBackAddsNothing) {
  Timeline timeline(16);
  timeline.observe_end(100, 10'000);
  timeline.observe_end(200, 5'000);
  EXPECT_FALSE(timeline.bracket(150).not_after);
}

}  // namespace
}  // namespace plumbline::kafka
