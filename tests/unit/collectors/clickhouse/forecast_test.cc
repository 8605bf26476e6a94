// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/forecast.h"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"

namespace plumbline::clickhouse {
namespace {

using std::chrono::seconds;

class Forecast : public testing::Test {
 protected:
  void grow(double from, double to, int values) {
    for (int i = 0; i < values; ++i) {
      forecast_.add("t", clock_.steady(), from + (to - from) * i / (values - 1));
      clock_.advance(seconds(15));
    }
  }

  ManualClock clock_;
  PartsForecast forecast_;
};

TEST_F(Forecast, SaysWhenGrowingPartsMeetTheThreshold) {
  forecast_.set_limits("t", {.delay = 150, .refuse = 300});
  grow(10, 50, 5);  // 10 parts each 15 s
  EXPECT_NEAR(forecast_.seconds_to_delay("t").value(), 150, 0.1);
}

TEST_F(Forecast, IsZeroBeyondTheThreshold) {
  forecast_.set_limits("t", {.delay = 40, .refuse = 300});
  grow(50, 50, 2);
  EXPECT_EQ(forecast_.seconds_to_delay("t"), 0);
}

TEST_F(Forecast, IsUnknownWithoutGrowthLimitsOrValues) {
  grow(10, 50, 5);
  EXPECT_EQ(forecast_.seconds_to_delay("t"), std::nullopt) << "no limits";
  forecast_.set_limits("t", {.delay = 150, .refuse = 300});
  forecast_.set_limits("u", {.delay = 150, .refuse = 300});
  EXPECT_EQ(forecast_.seconds_to_delay("u"), std::nullopt) << "no values";
  grow(50, 10, 20);
  EXPECT_EQ(forecast_.seconds_to_delay("t"), std::nullopt) << "parts are merged";
}

TEST_F(Forecast, IsUnknownBeyondADay) {
  forecast_.set_limits("t", {.delay = 1e6, .refuse = 2e6});
  grow(10, 11, 5);
  EXPECT_EQ(forecast_.seconds_to_delay("t"), std::nullopt);
}

TEST_F(Forecast, ForgetsTablesThatWentAway) {
  forecast_.set_limits("t", {.delay = 5, .refuse = 10});
  grow(10, 10, 3);
  clock_.advance(PartsForecast::kWindow);
  forecast_.forget_idle(clock_.steady());
  EXPECT_EQ(forecast_.seconds_to_delay("t"), std::nullopt);
}

}  // namespace
}  // namespace plumbline::clickhouse
