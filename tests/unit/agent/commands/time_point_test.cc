// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/time_point.h"

#include <cstdlib>
#include <ctime>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plumbline {
namespace {

constexpr UnixNanos kSecond = 1'000'000'000ULL;
constexpr UnixNanos kNow = 1'795'269'907ULL * kSecond;  // 2026-11-21T14:05:07Z

// Every case in a time zone of its own: "CET-1CEST,..." is one hour and in summer two hours east.
class TimePoint : public testing::Test {
 protected:
  TimePoint() { set_zone("CET-1CEST,M3.5.0,M10.5.0/3"); }
  ~TimePoint() override {
    ::unsetenv("TZ");
    ::tzset();
  }
  static void set_zone(const char* zone) {
    ::setenv("TZ", zone, 1);
    ::tzset();
  }
  // "wrong" when it is refused.
  static std::string read(std::string_view text) {
    const auto time = parse_time(text, kNow);
    return time ? format_exact_time(*time) : "wrong";
  }
};

TEST_F(TimePoint, IsSoLongBeforeNow) {
  EXPECT_EQ(read("now"), "2026-11-21T14:05:07Z");
  EXPECT_EQ(read("3m ago"), "2026-11-21T14:02:07Z");
  EXPECT_EQ(read("-1h30m"), "2026-11-21T12:35:07Z");
  EXPECT_EQ(read("500ms"), "2026-11-21T14:05:06.5Z");
  EXPECT_EQ(read("2d ago"), "2026-11-19T14:05:07Z");
}

TEST_F(TimePoint, IsALocalTimeOfTodayOrYesterday) {
  EXPECT_EQ(read("14:05"), "2026-11-21T13:05:00Z");
  EXPECT_EQ(read("14:05:30.25"), "2026-11-21T13:05:30.25Z");
  EXPECT_EQ(read("yesterday 23:59"), "2026-11-20T22:59:00Z");
}

TEST_F(TimePoint, IsALocalDateWhenItSaysNoZone) {
  EXPECT_EQ(read("2026-11-21"), "2026-11-20T23:00:00Z");
  EXPECT_EQ(read("2026-11-21 14:05"), "2026-11-21T13:05:00Z");
  EXPECT_EQ(read("2026-07-01T14:05:06"), "2026-07-01T12:05:06Z");  // in summer
}

TEST_F(TimePoint, IsRfc3339) {
  EXPECT_EQ(read("2026-11-21T14:05:30Z"), "2026-11-21T14:05:30Z");
  EXPECT_EQ(read("2026-11-21t14:05:30z"), "2026-11-21T14:05:30Z");
  EXPECT_EQ(read("2026-11-21T14:05:30.123456789Z"), "2026-11-21T14:05:30.123456789Z");
  EXPECT_EQ(read("2026-11-21T14:05:30+05:30"), "2026-11-21T08:35:30Z");
  EXPECT_EQ(read("2026-11-21T14:05:30-01:00"), "2026-11-21T15:05:30Z");
  EXPECT_EQ(read("2016-12-31T23:59:60Z"), "2017-01-01T00:00:00Z");  // a leap second
  EXPECT_EQ(read("2024-02-29T00:00:00Z"), "2024-02-29T00:00:00Z");
}

TEST_F(TimePoint, IsANumberSince1970InTheUnitOfItsLength) {
  EXPECT_EQ(read("1795269907"), "2026-11-21T14:05:07Z");
  EXPECT_EQ(read("1795269907.25"), "2026-11-21T14:05:07.25Z");
  EXPECT_EQ(read("1795269907250"), "2026-11-21T14:05:07.25Z");
  EXPECT_EQ(read("1795269907250000"), "2026-11-21T14:05:07.25Z");
  EXPECT_EQ(read("1795269907250000001"), "2026-11-21T14:05:07.250000001Z");
  EXPECT_EQ(read("0"), "1970-01-01T00:00:00Z");
}

TEST_F(TimePoint, RefusesWhatIsNoTime) {
  for (const auto* text : {"",
                           " ",
                           "soon",
                           "3 m ago",
                           "ago",
                           "-",
                           "14",
                           "24:00",
                           "14:60",
                           "14:05:61",
                           "14:5",
                           "+4:05",
                           "14:05:30.",
                           "2026-02-29",
                           "2026-13-01",
                           "2026-11-00",
                           "1969-12-31T23:59:59Z",
                           "2026-11-21T14:05:30+0530",
                           "2026-11-21T14:05:30Z and more",
                           "2026-11-21T",
                           "1795269907.",
                           "1795269907250.5",
                           "99999999999999999999",
                           "9999999999999999999",
                           "9999d ago99",
                           "99999999d ago"}) {
    EXPECT_EQ(read(text), "wrong") << text;
  }
}

TEST_F(TimePoint, TheErrorSaysWhatWasExpected) {
  const auto time = parse_time("tomorrow", kNow);
  ASSERT_TRUE(time.has_error());
  EXPECT_EQ(time.error().code, Errc::kMalformed);
  EXPECT_THAT(time.error().what,
              testing::StartsWith("\"tomorrow\" is no time; expected \"3m ago\""));
}

}  // namespace
}  // namespace plumbline
