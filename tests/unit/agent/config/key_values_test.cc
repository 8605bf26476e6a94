// SPDX-License-Identifier: Apache-2.0
#include "agent/config/key_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plumbline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

TEST(KeyValues, DecodesPercentAndTrimsBlanks) {
  EXPECT_THAT(*parse_key_values(" a = b%20c , d=e=f,,g="),
              ElementsAre(Pair("a", "b c"), Pair("d", "e=f"), Pair("g", "")));
  EXPECT_THAT(*parse_key_values(""), IsEmpty());
}

TEST(KeyValues, RefusesTheWholeTextWithoutRepeatingAValue) {
  for (const auto* text :
       {"a=hunter2%", "a=%2", "a=%2x", "hunter2", "=hunter2", "%zz=1", "a=%ff"}) {
    const auto values = parse_key_values(text);
    ASSERT_FALSE(values) << text;
    EXPECT_THAT(values.error().what, Not(HasSubstr("hunter2")));
  }
}

}  // namespace
}  // namespace plumbline
