// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/clock_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plumbline {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using testing::HasSubstr;

// Looks once a second, at clocks that the test moves.
class ClockWatchTest : public testing::Test {
 protected:
  ClockWatchTest() { tick(); }

  std::optional<ClockWatch::Jump> tick() {
    steady_ += seconds(1);
    wall_ += seconds(1);
    return watch_.look(static_cast<UnixNanos>(wall_.count()),
                       Clock::Steady(steady_),
                       static_cast<UnixNanos>(boot_.count()));
  }
  void set_clock(nanoseconds by) {
    wall_ += by;
    boot_ += by;
  }
  void sleep(nanoseconds time) { wall_ += time; }

  nanoseconds boot_{hours(400'000)};
  nanoseconds wall_ = boot_ + hours(10);
  nanoseconds steady_{hours(10)};
  ClockWatch watch_;
};

TEST_F(ClockWatchTest, IsSilentWhileTheClockIsSlewed) {
  for (int i = 0; i < 1'000; ++i) {
    set_clock(milliseconds(i % 2 == 0 ? 500 : -500));
    EXPECT_FALSE(tick());
  }
}

TEST_F(ClockWatchTest, TellsForwardBackAndSleepApart) {
  set_clock(hours(1));
  auto jump = tick();
  ASSERT_TRUE(jump);
  EXPECT_EQ(jump->set, hours(1));
  EXPECT_EQ(jump->slept.count(), 0);
  EXPECT_THAT(describe(*jump), HasSubstr("set forward by 3600.0 s"));

  set_clock(-hours(2));
  jump = tick();
  ASSERT_TRUE(jump);
  EXPECT_THAT(describe(*jump), HasSubstr("set back by 7200.0 s"));

  sleep(hours(8));
  jump = tick();
  ASSERT_TRUE(jump);
  EXPECT_EQ(jump->set.count(), 0) << "the counters of the kernel began when they began";
  EXPECT_EQ(jump->slept, hours(8));
  EXPECT_THAT(describe(*jump), HasSubstr("slept for 28800.0 s"));

  EXPECT_EQ(watch_.jumps().forward, 1U);
  EXPECT_EQ(watch_.jumps().back, 1U);
  EXPECT_EQ(watch_.jumps().suspends, 1U);
}

TEST_F(ClockWatchTest, SeesASleepAfterWhichTheClockIsSet) {
  sleep(hours(8));
  set_clock(seconds(-3));
  const auto jump = tick();
  ASSERT_TRUE(jump);
  EXPECT_EQ(jump->set, seconds(-3));
  EXPECT_EQ(jump->slept, hours(8));
}

TEST_F(ClockWatchTest, NoticesALeapSecondThatIsStepped) {
  set_clock(seconds(-1));
  EXPECT_TRUE(tick());
}

TEST_F(ClockWatchTest, CountsAClockThatIsSetAllTheTimeAndSaysSoOnceAMinute) {
  int lines = 0;
  for (int i = 0; i < 120; ++i) {
    set_clock(seconds(i % 2 == 0 ? 5 : -5));
    const auto jump = tick();
    ASSERT_TRUE(jump);
    if (jump->worth_a_line) ++lines;
  }
  EXPECT_EQ(watch_.jumps().forward + watch_.jumps().back, 120U);
  EXPECT_EQ(lines, 2);
}

}  // namespace
}  // namespace plumbline
