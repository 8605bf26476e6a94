// SPDX-License-Identifier: Apache-2.0
#include "agent/http/retry_after.h"

#include <gtest/gtest.h>

namespace plumbline {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr UnixNanos kNow = 784'111'777'000'000'000U;  // Sun, 06 Nov 1994 08:49:37 GMT

TEST(RetryAfter, ReadsSeconds) {
  EXPECT_EQ(parse_retry_after("0", kNow), seconds(0));
  EXPECT_EQ(parse_retry_after(" 120 ", kNow), seconds(120));
  EXPECT_EQ(parse_retry_after("99999999999999999999999", kNow), hours(24 * 365));
}

TEST(RetryAfter, ReadsADate) {
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", kNow), seconds(0));
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:50:07 GMT", kNow), seconds(30));
  EXPECT_EQ(parse_retry_after("Mon, 07 Nov 1994 08:49:37 GMT", kNow), hours(24));
  EXPECT_EQ(parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", kNow), hours(24 * 365));
}

TEST(RetryAfter, WaitsNoLongerForADateInThePast) {
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:36 GMT", kNow), seconds(0));
  EXPECT_EQ(parse_retry_after("Thu, 01 Jan 1970 00:00:00 GMT", kNow), seconds(0));
}

TEST(RetryAfter, IgnoresWhatIsNeither) {
  for (const auto* text : {"",
                           "-1",
                           "1.5",
                           "soon",
                           "Sun, 06 Nov 1994 08:49:37 CET",
                           "Sun, 31 Feb 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 24:49:37 GMT",
                           "Son, 06 Nov 1994 08:49:37 GMT",
                           "Sunday, 06-Nov-94 08:49:37 GMT"}) {
    EXPECT_FALSE(parse_retry_after(text, kNow)) << text;
  }
}

}  // namespace
}  // namespace plumbline
