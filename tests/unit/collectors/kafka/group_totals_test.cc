// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/group_totals.h"

#include <vector>

#include <gtest/gtest.h>

namespace plumbline::kafka {
namespace {

const ConsumerTrack kTrack;

LagRow row(std::uint32_t group, std::uint32_t topic, std::int32_t partition, std::int64_t lag) {
  return {.group = group,
          .topic = topic,
          .partition = partition,
          .committed = 10,
          .lag = lag,
          .track = &kTrack};
}

TEST(GroupTotals, AreOfRunsOfRows) {
  const std::vector rows{row(0, 1, 0, 5), row(0, 1, 1, 7), row(0, 2, 0, 1), row(3, 2, 0, 4)};
  const auto totals = total(rows);
  ASSERT_EQ(totals.groups.size(), 2U);
  EXPECT_EQ(totals.groups[0].lag, 13);
  EXPECT_EQ(totals.groups[0].worst_lag, 7);
  EXPECT_EQ(totals.groups[1].group, 3U);
  ASSERT_EQ(totals.topics.size(), 3U);
  EXPECT_EQ(totals.topics[0].lag, 12);
  EXPECT_EQ(totals.topics[0].rows.size(), 2U);
  EXPECT_EQ(totals.topics[2].rows.front().topic, 2U) << "the same topic, another group";
}

TEST(GroupTotals, TheWorstAreKeptInTheirOrderAndOfEqualOnesTheFirst) {
  const std::vector rows{row(0, 0, 0, 5), row(1, 0, 0, 9), row(2, 0, 0, 5), row(3, 0, 0, 8)};
  const auto kept = worst(rows, 3);
  ASSERT_EQ(kept.size(), 3U);
  EXPECT_EQ(kept[0], &rows[0]);
  EXPECT_EQ(kept[1], &rows[1]);
  EXPECT_EQ(kept[2], &rows[3]);
  EXPECT_EQ(worst(rows, 9).size(), 4U);
  EXPECT_TRUE(worst(rows, 0).empty());
}

TEST(GroupTotals, AGroupThatIsNotWellComesBeforeOneThatIsFurtherBehind) {
  std::vector rows{row(0, 0, 0, 1'000'000), row(1, 0, 0, 1)};
  rows[1].verdict = Verdict::kStopped;
  const auto totals = total(rows);
  const auto kept = worst(totals.groups, 1);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0]->group, 1U);
}

}  // namespace
}  // namespace plumbline::kafka
