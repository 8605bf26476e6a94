// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/canary/flights.h"

#include <gtest/gtest.h>

namespace plumbline::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The consumer has seen message 1, at offset 100, so that what follows counts.
Flights begun() {
  Flights flights;
  flights.sent(1, seconds(0));
  flights.written(1, 100, milliseconds(10));
  flights.seen(1, 100, milliseconds(20));
  return flights;
}

TEST(FlightsTest, AMessageThatComesBackIsInTime) {
  const auto flights = begun();
  EXPECT_EQ(flights.counts().in_time, 1U);
  EXPECT_EQ(flights.under_way(), 0U);
  EXPECT_EQ(flights.produce().view().count, 1U);
  EXPECT_DOUBLE_EQ(flights.produce().view().sum, 0.010);
  EXPECT_DOUBLE_EQ(flights.consume().view().sum, 0.020);
}

TEST(FlightsTest, LateIsNotLostHoweverLateItIs) {
  auto flights = begun();
  flights.sent(2, seconds(10));
  flights.written(2, 101, seconds(1));
  EXPECT_EQ(flights.under_way(), 1U);
  EXPECT_EQ(flights.counts().lost, 0U);
  flights.seen(2, 101, seconds(4'000));
  EXPECT_EQ(flights.counts().late, 1U);
  EXPECT_EQ(flights.counts().lost, 0U);
}

TEST(FlightsTest, WhatTheConsumerHasPassedIsLost) {
  auto flights = begun();
  for (std::uint64_t number = 2; number <= 4; ++number) {
    flights.sent(number, seconds(10));
    flights.written(number, 99 + static_cast<std::int64_t>(number), milliseconds(1));
  }
  flights.seen(4, 103, seconds(11));
  EXPECT_EQ(flights.counts().lost, 2U);
  EXPECT_EQ(flights.counts().in_time, 2U);
  EXPECT_EQ(flights.under_way(), 0U);
}

TEST(FlightsTest, WhatWasNotWrittenIsRefusedAndNotLost) {
  auto flights = begun();
  flights.sent(2, seconds(10));
  flights.sent(3, seconds(11));
  flights.refused(2);
  flights.written(3, 101, milliseconds(1));
  flights.seen(3, 101, seconds(11));
  EXPECT_EQ(flights.counts().refused, 1U);
  EXPECT_EQ(flights.counts().lost, 0U);
}

TEST(FlightsTest, AMessageGivenUpThatComesBackIsCountedOnce) {
  auto flights = begun();
  flights.sent(2, seconds(10));
  flights.refused(2);
  flights.seen(2, 101, seconds(40));
  EXPECT_EQ(flights.counts().refused, 1U);
  EXPECT_EQ(flights.counts().late, 0U);
}

TEST(FlightsTest, BeforeTheConsumerHasBegunNothingIsLost) {
  Flights flights;
  flights.sent(1, seconds(0));
  flights.written(1, 100, milliseconds(1));
  flights.sent(2, seconds(1));
  flights.written(2, 101, milliseconds(1));
  flights.seen(2, 101, seconds(1));  // it began to read between them
  EXPECT_EQ(flights.counts().lost, 0U);
  EXPECT_EQ(flights.under_way(), 0U);
}

TEST(FlightsTest, SoManyAreUnderWayAndNoMore) {
  auto flights = begun();
  std::uint64_t number = 1;
  while (flights.has_room()) flights.sent(++number, seconds(10));
  EXPECT_EQ(flights.under_way(), Flights::kMost);
}

}  // namespace
}  // namespace plumbline::kafka
