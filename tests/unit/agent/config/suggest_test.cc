// SPDX-License-Identifier: Apache-2.0
#include "agent/config/suggest.h"

#include <gtest/gtest.h>

namespace plumbline {
namespace {

TEST(Suggest, CountsSlipsOfTheFinger) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("listen", "listen"), 0U);
  EXPECT_EQ(edit_distance("lisen", "listen"), 1U);
  EXPECT_EQ(edit_distance("gprc", "grpc"), 1U);  // two neighbours swapped
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(Suggest, FindsTheNearestName) {
  const std::vector<std::string> names{"run", "check", "doctor", "catalog", "completion"};
  EXPECT_EQ(closest("chekc", names), "check");
  EXPECT_EQ(closest("docter", names), "doctor");
  EXPECT_EQ(closest("CATALOG", names), "catalog");
  EXPECT_EQ(closest("comp", names), "completion");
  EXPECT_EQ(closest("rnu", names), "run");
}

TEST(Suggest, IsSilentWhenNothingIsNear) {
  const std::vector<std::string> names{"run", "check", "doctor", "ab"};
  EXPECT_EQ(closest("frobnicate", names), "");
  EXPECT_EQ(closest("", names), "");
  EXPECT_EQ(closest("xy", names), "");
  EXPECT_EQ(closest(std::string(1000, 'x'), names), "");
}

}  // namespace
}  // namespace plumbline
