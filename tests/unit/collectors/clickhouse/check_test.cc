// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/check.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/clickhouse/client.h"
#include "collectors/clickhouse/signals.h"

namespace plumbline::clickhouse {
namespace {

using testing::HasSubstr;

constexpr std::array kColumns{label("database", "database"),
                              label("owner", "owner", "''"),
                              value(kReplicaDelay, "max(delay)", "delay"),
                              value(kReplicaQueue, "sum(queue)", "queue")};
constexpr Check kCheck{.signal = "clickhouse.sample",
                       .table = "sample",
                       .shape = Shape::kGroups,
                       .columns = kColumns,
                       .where = "alive",
                       .needs = "alive",
                       .order = "max(delay) DESC",
                       .advice = "turn it on"};

TEST(PlanCheck, AsksForEverythingAServerHas) {
  const Schema schema{{"sample", {"database", "owner", "delay", "queue", "alive"}}};
  const auto plan = plan_check(kCheck, schema, {});
  EXPECT_EQ(plan.state, SignalState::kAvailable);
  EXPECT_EQ(plan.reason, "");
  EXPECT_EQ(
      plan.sql,
      "SELECT hostName() AS host, database AS c0, owner AS c1, max(delay) AS c2, sum(queue) AS "
      "c3, 1 AS whole FROM `system`.`sample` WHERE alive GROUP BY c0, c1 ORDER BY max(delay) "
      "DESC LIMIT 1000");
}

TEST(PlanCheck, LeavesOutWhatAServerLacksAndSaysSo) {
  const Schema schema{{"sample", {"database", "delay", "alive"}}};
  const auto plan = plan_check(kCheck, schema, {});
  EXPECT_EQ(plan.state, SignalState::kDegraded);
  EXPECT_EQ(plan.reason, "system.sample has no owner, queue here");
  EXPECT_THAT(plan.sql, testing::Not(HasSubstr("sum(queue)")));
  EXPECT_THAT(plan.sql, HasSubstr("'' AS c1"));
}

TEST(PlanCheck, IsUnavailableWithoutItsTableItsNeedsOrAnyValue) {
  auto plan = plan_check(kCheck, {}, {});
  EXPECT_EQ(plan.state, SignalState::kUnavailable);
  EXPECT_EQ(plan.reason, "there is no system.sample, or the user may not see it: turn it on");
  EXPECT_EQ(plan.sql, "");
  plan = plan_check(kCheck, {{"sample", {"database", "delay"}}}, {});
  EXPECT_EQ(plan.reason, "system.sample has no alive here");
  EXPECT_EQ(plan.sql, "");
  plan = plan_check(kCheck, {{"sample", {"database", "alive", "owner"}}}, {});
  EXPECT_EQ(plan.reason, "system.sample has no delay, queue here");
  EXPECT_EQ(plan.sql, "");
}

TEST(PlanCheck, QuotesWhateverTheConfigurationSays) {
  const Schema schema{{"sample", {"database", "owner", "delay", "queue", "alive"}}};
  const auto plan =
      plan_check(kCheck, schema, {.database = "a`b; DROP", .cluster = "c') --", .teams = {}});
  EXPECT_THAT(plan.sql, HasSubstr("FROM clusterAllReplicas('c\\') --', `a\\`b; DROP`.`sample`)"));
  EXPECT_THAT(plan.sql, HasSubstr("GROUP BY host, c0, c1"));
}

TEST(PlanCheck, GivesUsersTheirTeam) {
  static constexpr std::array kTeam{label("{teams}", "user"),
                                    value(kReplicaDelay, "delay", "delay")};
  constexpr Check kWithTeam{.signal = "clickhouse.x", .table = "x", .columns = kTeam};
  const Schema schema{{"x", {"user", "delay"}}};
  EXPECT_THAT(plan_check(kWithTeam, schema, {}).sql, HasSubstr("'' AS c0"));
  EXPECT_THAT(plan_check(kWithTeam, schema, {.teams = {{"e'tl", "data"}}}).sql,
              HasSubstr("transform(user, ['e\\'tl'], ['data'], '') AS c0"));
}

// What a table of checks must hold, so that read_rows() can rely on it.
TEST(AllChecks, AreWellFormed) {
  std::set<std::string_view> signals;
  for (const auto* check : all_checks()) {
    SCOPED_TRACE(check->signal);
    EXPECT_TRUE(signals.insert(check->signal).second);
    EXPECT_TRUE(check->signal.starts_with("clickhouse."));
    std::size_t labels = 0;
    for (const auto& column : check->columns) labels += column.role == Column::Role::kLabel ? 1 : 0;
    for (const auto& column : check->columns) {
      if (column.metric == nullptr) continue;
      // The host and the port, then the labels.
      EXPECT_EQ(column.metric->attributes.size(), labels + 2) << column.metric->name;
      const bool is_listed =
          std::any_of(kAllMetrics.begin(), kAllMetrics.end(), [&](const MetricSpec& metric) {
            return metric.name == column.metric->name;
          });
      EXPECT_TRUE(is_listed) << column.metric->name;
      if (check->shape == Shape::kLog) {
        EXPECT_TRUE(column.metric->monotonic()) << column.metric->name;
      }
    }
  }
}

TEST(SqlText, CannotBeLeft) {
  EXPECT_EQ(sql_text("a'b\\c"), "'a\\'b\\\\c'");
  EXPECT_EQ(sql_name("a`b\\"), "`a\\`b\\\\`");
}

}  // namespace
}  // namespace plumbline::clickhouse
