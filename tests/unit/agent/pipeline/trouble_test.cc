// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/trouble.h"

#include <gtest/gtest.h>

namespace plumbline {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Trouble, IsMadeOnceAndItsEndToldOnce) {
  Trouble trouble;
  Clock::Steady now{hours(1)};
  EXPECT_FALSE(trouble.settle());
  EXPECT_EQ(trouble.meet(now, "refused"), 0U);
  for (int i = 0; i < 10'000; ++i) EXPECT_FALSE(trouble.meet(now += seconds(1), "refused"));
  EXPECT_TRUE(trouble.settle());
  EXPECT_FALSE(trouble.settle());
}

TEST(Trouble, SaysAnotherReasonOnceItStays) {
  Trouble trouble;
  Clock::Steady now{hours(1)};
  trouble.meet(now, "refused");
  EXPECT_FALSE(trouble.meet(now + seconds(5), "the certificate has expired"));
  EXPECT_EQ(trouble.meet(now + minutes(2), "the certificate has expired"), 0U);
  EXPECT_FALSE(trouble.meet(now + minutes(4), "the certificate has expired"));
}

TEST(Trouble, OfWhatComesAndGoesIsMadeRarelyAndTheRestIsCounted) {
  Trouble trouble;
  Clock::Steady now{hours(1)};
  std::uint64_t told = 0;
  std::uint64_t counted = 0;
  std::uint64_t ends = 0;
  for (int i = 0; i < 3'600; ++i) {  // two hours, up and down each second
    const auto untold = trouble.meet(now += seconds(1), "busy");
    if (untold) {
      ++told;
      counted += *untold + 1;
    }
    if (trouble.settle()) ++ends;
    now += seconds(1);
  }
  EXPECT_EQ(ends, told);
  EXPECT_LE(told, Trouble::kInARow + hours(2) / Trouble::kRefill);
  EXPECT_GE(told, hours(2) / Trouble::kRefill);
  EXPECT_GE(counted, 3'600U - 160U) << "all but those since the last line";
}

}  // namespace
}  // namespace plumbline
