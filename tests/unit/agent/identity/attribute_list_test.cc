// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/attribute_list.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plumbline {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(AttributeList, GivesWhatItGotInThatOrder) {
  AttributeList list{{"k8s.pod.name", "web"}, {"empty", ""}};
  list.add("long", std::string(100'000, 'x'));
  EXPECT_THAT(
      list,
      ElementsAre(
          Pair("k8s.pod.name", "web"), Pair("empty", ""), Pair("long", std::string(100'000, 'x'))));
  EXPECT_EQ(list.copy().size(), 3U);
}

TEST(AttributeList, FindsAValueByItsWholeKey) {
  const AttributeList list{{"k8s.pod.name", "web"}, {"k8s.pod", "x"}};
  EXPECT_EQ(list.value("k8s.pod"), "x");
  EXPECT_EQ(list.value("k8s"), "");
  EXPECT_TRUE(list.contains("k8s.pod.name"));
  EXPECT_FALSE(list.contains("web"));
}

TEST(AttributeList, EqualsOnlyTheSame) {
  const AttributeList one{{"ab", "c"}};
  EXPECT_EQ(one, (AttributeList{{"ab", "c"}}));
  EXPECT_NE(one, (AttributeList{{"a", "bc"}}));
  EXPECT_NE(one, AttributeList());
  const AttributeList none;
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.begin(), none.end());
}

}  // namespace
}  // namespace plumbline
