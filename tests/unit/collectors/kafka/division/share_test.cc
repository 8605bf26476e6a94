// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/division/share.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "collectors/kafka/division/needed_topics.h"

namespace plumbline::kafka {
namespace {

// As FNV-1a has them, worked out by hand.
constexpr std::int32_t kClusterPlace = 14;
constexpr std::int32_t kGroupPlace = 1;
constexpr std::int32_t kTopicPlace = 11;

Share share_of(std::vector<std::int32_t> held, std::size_t partitions) {
  Share share("division", std::move(held));
  share.set_partitions(partitions);
  return share;
}

TEST(ShareTest, WithoutDivisionEverythingIsThisAgents) {
  const Share share;
  EXPECT_TRUE(share.has_cluster());
  EXPECT_TRUE(share.has_group("g"));
  EXPECT_TRUE(share.has_topic("t"));
  EXPECT_EQ(share.size(), 1);
}

TEST(ShareTest, NothingIsBeforeThePartitionsOfTheTopicAreCounted) {
  const Share share("division", {0, 1, 2});
  EXPECT_FALSE(share.has_cluster());
  EXPECT_FALSE(share.has_group("g"));
  EXPECT_EQ(share.size(), 0);
}

TEST(ShareTest, EachThingBelongsToExactlyOneOfThoseThatHoldAll) {
  const std::vector<Share> shares{
      share_of({5, 0}, 7), share_of({1, 2, 6}, 7), share_of({3}, 7), share_of({4}, 7)};
  const auto holders = [&](auto has) { return std::count_if(shares.begin(), shares.end(), has); };
  EXPECT_EQ(holders([](const Share& share) { return share.has_cluster(); }), 1);
  for (int i = 0; i < 2'000; ++i) {
    const auto name = fmt::format("thing-{}", i);
    EXPECT_EQ(holders([&](const Share& share) { return share.has_group(name); }), 1);
    EXPECT_EQ(holders([&](const Share& share) { return share.has_topic(name); }), 1);
  }
}

TEST(ShareTest, PartitionsGetAboutTheSameNumberOfThings) {
  constexpr std::size_t kPartitions = 24;
  for (std::int32_t partition = 0; partition < 24; ++partition) {
    const auto share = share_of({partition}, kPartitions);
    int groups = 0;
    for (int i = 0; i < 24'000; ++i) groups += share.has_group(fmt::format("group-{}", i)) ? 1 : 0;
    EXPECT_GT(groups, 800);
    EXPECT_LT(groups, 1'200);
  }
}

// Agents of two versions work together while a fleet is updated: these places are for ever.
TEST(ShareTest, ThePlaceOfAThingNeverChanges) {
  const auto place = [](auto has) {
    for (std::int32_t i = 0; i < 24; ++i) {
      if (has(share_of({i}, 24))) return i;
    }
    return -1;
  };
  EXPECT_EQ(place([](const Share& share) { return share.has_cluster(); }), kClusterPlace);
  EXPECT_EQ(place([](const Share& share) { return share.has_group("billing"); }), kGroupPlace);
  EXPECT_EQ(place([](const Share& share) { return share.has_topic("orders"); }), kTopicPlace);
}

TEST(ShareTest, DeadLettersGoWithTheirTopic) {
  for (std::int32_t i = 0; i < 24; ++i) {
    const auto share = share_of({i}, 24);
    EXPECT_EQ(share.has_topic("orders.dlq"), share.has_topic("orders"));
  }
}

TEST(ShareTest, CoversWhatItStillHolds) {
  EXPECT_TRUE(share_of({1, 2, 3}, 4).covers(share_of({3, 1}, 4)));
  EXPECT_FALSE(share_of({1, 2}, 4).covers(share_of({3, 1}, 4)));
  EXPECT_TRUE(Share().covers(Share()));
}

TEST(ShareTest, OffsetsAreWantedOfOwnTopicsAndOfThoseThatOwnGroupsHaveRead) {
  Snapshot snapshot;
  snapshot.share = share_of({kTopicPlace}, 24);
  for (const auto* name : {"orders", "read", "other"}) snapshot.topics.push_back({.name = name});
  snapshot.groups.push_back({.id = "g", .commits = {{.topic = 1}}});
  EXPECT_EQ(needed_topics(snapshot), (std::vector<bool>{true, true, false}));
}

}  // namespace
}  // namespace plumbline::kafka
