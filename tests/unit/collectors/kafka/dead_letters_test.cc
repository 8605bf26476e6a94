// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/lag/dead_letters.h"

#include <gtest/gtest.h>

namespace plumbline::kafka {
namespace {

constexpr Millis kNow = 1'800'000'000'000;

TEST(DeadLetters, AreKnownByTheNamesOfTheirTopics) {
  for (const auto* name : {"orders.DLQ", "orders-dlt", "orders_dead_letter", "dlq.orders"}) {
    EXPECT_EQ(source_of_dead_letters(name), "orders") << name;
  }
  for (const auto* name : {"orders", "dlq", "ordersdlq", ".dlq", "dlq-", "", "orders.dlq.retry"}) {
    EXPECT_FALSE(source_of_dead_letters(name)) << name;
  }
}

class DeadLettersTest : public testing::Test {
 protected:
  DeadLettersTest() {
    snapshot_.topics.push_back(
        {.name = "orders", .id = {1}, .partitions = {{.index = 0, .start = 0, .end = 1'000}}});
    snapshot_.topics.push_back(
        {.name = "orders.dlq",
         .id = {2},
         .partitions = {{.index = 0, .start = 3, .end = 10}, {.index = 1, .start = 0, .end = 0}}});
  }

  DeadLetters letters_;
  Snapshot snapshot_;
};

TEST_F(DeadLettersTest, TellsHowManyTheAgeOfTheOldestAndTheGrowthBesideTheGoodOnes) {
  letters_.see(snapshot_, kNow);
  auto topics = letters_.topics();
  ASSERT_EQ(topics.size(), 1U);
  EXPECT_EQ(topics[0].depth, 7);
  EXPECT_FALSE(topics[0].growth) << "not before a second look";
  EXPECT_FALSE(topics[0].oldest);

  const auto questions = letters_.questions();
  ASSERT_EQ(questions.size(), 1U) << "an empty partition has no oldest record";
  letters_.learn(questions[0].topic, questions[0].partition, 3, kNow - 60'000);
  EXPECT_TRUE(letters_.questions().empty());
  EXPECT_EQ(letters_.topics()[0].oldest, kNow - 60'000);

  snapshot_.topics[0].partitions[0].end += 200;
  snapshot_.topics[1].partitions[1].end += 10;
  letters_.see(snapshot_, kNow + 10'000);
  topics = letters_.topics();
  EXPECT_DOUBLE_EQ(topics[0].growth.value_or(0), 1);
  EXPECT_DOUBLE_EQ(topics[0].share_of_source.value_or(0), 0.05);
  EXPECT_FALSE(topics[0].oldest) << "the second partition has records now, of unknown age";
}

TEST_F(DeadLettersTest, AsksAgainWhenTheOldestWereDeleted) {
  letters_.see(snapshot_, kNow);
  letters_.learn(1, 0, 2, kNow);
  EXPECT_EQ(letters_.questions().size(), 1U) << "that one is no longer there";
  letters_.learn(1, 0, 3, kNow);
  snapshot_.topics[1].partitions[0].start = 5;
  letters_.see(snapshot_, kNow + 1'000);
  EXPECT_EQ(letters_.questions().size(), 1U);
}

TEST_F(DeadLettersTest, WhatIsUnknownIsAbsent) {
  snapshot_.topics[1].partitions[1].end = kUnknown;
  letters_.see(snapshot_, kNow);
  EXPECT_TRUE(letters_.topics().empty());
  snapshot_.topics.pop_back();
  letters_.see(snapshot_, kNow + 1'000);
  EXPECT_TRUE(letters_.questions().empty());
}

}  // namespace
}  // namespace plumbline::kafka
