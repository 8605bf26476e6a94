// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/cluster_series.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "collectors/kafka/group_totals.h"

namespace plumbline::kafka {
namespace {

// The metrics of group "g" after one look at a cluster where `group` is the only one.
std::set<std::string> metrics_of(const GroupState& group) {
  constexpr Millis kNow = 1'700'000'000'000;
  Snapshot snapshot;
  snapshot.offsets_time = kNow * 1'000'000;
  snapshot.topics.push_back(
      {.name = "t", .partitions = {{.index = 0, .leader = 1, .start = 0, .stable = 9, .end = 9}}});
  snapshot.groups.push_back(group);
  LagModel model;
  model.see(snapshot, kNow);
  ClusterSeries series("main", {.groups = 10, .partitions = 10, .rows = 10}, {}, 1);
  Batch batch;
  series.add(snapshot, model, total(model.rows()), Health{}, batch);
  std::set<std::string> names;
  for (const auto& point : batch.points()) {
    for (const auto& [key, value] : point.series->attributes()) {
      if (key == "group" && value == "g") names.emplace(point.series->spec().name);
    }
  }
  return names;
}

TEST(ClusterSeries, AGroupThatNobodyIsInHasLagButNoIdleMembersAndNoRebalances) {
  GroupState group{.id = "g", .members = 0, .idle_members = 0};
  group.commits = {{.topic = 0, .partition = 0, .offset = 4}};
  const auto names = metrics_of(group);
  EXPECT_TRUE(names.contains("kafka.consumer_group.members"));
  EXPECT_TRUE(names.contains("kafka.consumer_group.lag_sum"));
  EXPECT_FALSE(names.contains("plumbline.kafka.consumer_group.members.idle"));
  EXPECT_FALSE(names.contains("plumbline.kafka.consumer_group.rebalances"));
}

TEST(ClusterSeries, AGroupWithMembersHasBoth) {
  const auto names = metrics_of({.id = "g", .members = 2, .idle_members = 1});
  EXPECT_TRUE(names.contains("plumbline.kafka.consumer_group.members.idle"));
  EXPECT_TRUE(names.contains("plumbline.kafka.consumer_group.rebalances"));
}

}  // namespace
}  // namespace plumbline::kafka
