// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/division/lease.h"

#include <gtest/gtest.h>

namespace plumbline::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kSession(6);

TEST(LeaseTest, HoldsNothingBeforeTheFirstAnswer) {
  const Lease lease(kSession);
  EXPECT_FALSE(lease.holds(seconds(0)));
  EXPECT_FALSE(lease.holds(seconds(100)));
}

TEST(LeaseTest, EndsBeforeTheSessionCountedFromTheQuestion) {
  Lease lease(kSession);
  lease.renew(seconds(100));
  EXPECT_TRUE(lease.holds(seconds(105)));
  EXPECT_FALSE(lease.holds(seconds(106) - Lease::kMargin));
  EXPECT_FALSE(lease.holds(seconds(106)));
}

TEST(LeaseTest, AnAnswerThatComesLateDoesNotShortenIt) {
  Lease lease(kSession);
  lease.renew(seconds(100));
  lease.renew(seconds(98));
  EXPECT_TRUE(lease.holds(seconds(105)));
}

TEST(LeaseTest, IsOverAtOnceWhenTheCoordinatorSaysSo) {
  Lease lease(kSession);
  lease.renew(seconds(100));
  lease.end();
  EXPECT_FALSE(lease.holds(seconds(100)));
  lease.renew(seconds(101));
  EXPECT_TRUE(lease.holds(seconds(101)));
}

}  // namespace
}  // namespace plumbline::kafka
