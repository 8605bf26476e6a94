// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/log_counts.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/clickhouse/signals.h"

namespace plumbline::clickhouse {
namespace {

constexpr std::array kColumns{
    label("view", "view"), value(kViewFailures, "count()", "view"), failure("any(text)", "text")};
constexpr std::array kBuckets{label("user", "user"),
                              bucket(kQueryDuration, "b", "b"),
                              bucket_count("count()", "b"),
                              bucket_sum("sum(s)", "b")};

Plan plan_of(std::span<const Column> columns) {
  Plan plan{.sql = "{since} {settled}", .state = SignalState::kAvailable};
  for (const auto& column : columns) plan.columns.push_back(&column);
  return plan;
}

Table table_of(std::vector<std::vector<Cell>> rows, std::size_t width = 5) {
  return {.names = std::vector<std::string>(width),
          .types = std::vector<std::string>(width),
          .rows = std::move(rows)};
}

double total(const LogCounts& log) {
  double sum = 0;
  for (const auto& [key, group] : log.groups()) sum += group.settled[1] + group.open[1];
  return sum;
}

TEST(LogCounts, BeginsAtItsFirstLookAndMovesBehindWhatIsSettled) {
  const auto plan = plan_of(kColumns);
  LogCounts log(plan, 10);
  EXPECT_EQ(log.query(1000), "1000 1000");
  ASSERT_TRUE(log.take(table_of({})));
  EXPECT_EQ(log.query(1030), "1000 1000");
  ASSERT_TRUE(log.take(table_of({})));
  EXPECT_EQ(log.query(1100), "1000 1040");
  ASSERT_TRUE(log.take(table_of({})));
  EXPECT_EQ(log.query(1110), "1040 1050");
}

TEST(LogCounts, AFailedLookChangesNothing) {
  const auto plan = plan_of(kColumns);
  LogCounts log(plan, 10);
  log.query(1000);
  ASSERT_TRUE(log.take(table_of({{"h", "0", "v", "3", ""}})));
  log.query(1200);
  EXPECT_FALSE(log.take(table_of({{"h", "1", "v", "4", ""}, {"h", "0", "v", "(1,2)", ""}})));
  EXPECT_EQ(total(log), 3);
  EXPECT_EQ(log.query(1210), "1000 1150");
}

TEST(LogCounts, CountsOpenRowsAnewAndSettledOnesOnce) {
  const auto plan = plan_of(kColumns);
  LogCounts log(plan, 10);
  log.query(1000);
  ASSERT_TRUE(log.take(table_of({{"h", "0", "v", "3", ""}})));
  EXPECT_EQ(total(log), 3);
  log.query(1010);
  ASSERT_TRUE(log.take(table_of({{"h", "0", "v", "5", ""}})));
  EXPECT_EQ(total(log), 5);
  log.query(1100);
  ASSERT_TRUE(log.take(table_of({{"h", "1", "v", "6", ""}, {"h", "0", "v", "1", ""}})));
  EXPECT_EQ(total(log), 7);
  log.query(1110);
  ASSERT_TRUE(log.take(table_of({{"h", "0", "v", "1", ""}})));
  EXPECT_EQ(total(log), 7);
}

// Rows are written at random times, appear up to a minute later, and looks fail at random: at the
// end each row has been counted once.
TEST(LogCounts, CountsEveryLateRowOnce) {
  std::mt19937 random(7);
  const auto below = [&](int limit) { return static_cast<std::int64_t>(random() % limit); };
  struct Row {
    std::int64_t event;
    std::int64_t visible;
  };
  std::vector<Row> rows;
  for (int i = 0; i < 5'000; ++i) {
    const auto event = 1000 + below(2'000);
    rows.push_back({event, event + below(55)});
  }
  const auto plan = plan_of(kColumns);
  LogCounts log(plan, 10);
  double last = 0;
  for (std::int64_t now = 1000; now < 3'200; now += 5 + below(20)) {
    std::int64_t since = 0;
    std::int64_t settled_before = 0;
    ASSERT_EQ(std::sscanf(log.query(now).c_str(), "%ld %ld", &since, &settled_before), 2);
    if (below(5) == 0) continue;  // the server did not answer
    std::int64_t settled = 0;
    std::int64_t open = 0;
    for (const auto& row : rows) {
      if (row.visible > now || row.event < since) continue;
      ++(row.event < settled_before ? settled : open);
    }
    ASSERT_TRUE(log.take(table_of({{"h", "1", "v", std::to_string(settled), ""},
                                   {"h", "0", "v", std::to_string(open), ""}})));
    EXPECT_GE(total(log), last);
    last = total(log);
  }
  EXPECT_EQ(total(log), 5'000);
}

TEST(LogCounts, SkipsWhatIsTooFarBehindAndSaysHowMuch) {
  const auto plan = plan_of(kColumns);
  LogCounts log(plan, 10);
  log.query(1000);
  ASSERT_TRUE(log.take(table_of({})));
  EXPECT_EQ(log.query(11'000), "10100 10940");
  EXPECT_EQ(log.skipped(), 9'100);
}

TEST(LogCounts, KeepsTheDearestGroupsWithinItsBudget) {
  const auto plan = plan_of(kColumns);
  LogCounts log(plan, 2);
  log.query(1000);
  ASSERT_TRUE(log.take(
      table_of({{"h", "0", "a", "10", ""}, {"h", "0", "b", "20", ""}, {"h", "0", "c", "5", ""}})));
  EXPECT_EQ(log.groups().size(), 2U);
  EXPECT_EQ(log.refused(), 1U);
  EXPECT_EQ(total(log), 30);
  log.query(1010);
  ASSERT_TRUE(log.take(table_of({{"h", "0", "c", "100", ""}})));
  EXPECT_EQ(log.groups().size(), 2U);
  EXPECT_EQ(total(log), 100) << "c in the place of a; b is open no more";
}

TEST(LogCounts, AddsUpHistogramsOfServers) {
  const auto plan = plan_of(kBuckets);
  LogCounts log(plan, 10);
  log.query(1000);
  ASSERT_TRUE(log.take(table_of({{"h", "0", "u", "-8", "3", "1.2"},
                                 {"h", "0", "u", "0", "1", "1.05"},
                                 {"h", "0", "u", std::nullopt, "2", "0"}},
                                6)));
  ASSERT_EQ(log.groups().size(), 1U);
  const auto view = log.groups().begin()->second.open_histogram.view();
  EXPECT_EQ(view.count, 6U);
  EXPECT_EQ(view.zero_count, 2U);
  EXPECT_DOUBLE_EQ(view.sum, 2.25);
}

TEST(LogCounts, RefusesABucketBeyondAllDurations) {
  const auto plan = plan_of(kBuckets);
  LogCounts log(plan, 10);
  log.query(1000);
  EXPECT_FALSE(log.take(table_of({{"h", "0", "u", "2000000000", "3", "1.2"}}, 6)));
}

TEST(LogCounts, HasTheFailuresOfTheLastAnswer) {
  const auto plan = plan_of(kColumns);
  LogCounts log(plan, 10);
  log.query(1000);
  ASSERT_TRUE(log.take(table_of({{"h", "0", "v", "1", "no such table"}})));
  ASSERT_EQ(log.failures().size(), 1U);
  EXPECT_EQ(log.failures()[0].text, "no such table");
  ASSERT_TRUE(log.take(table_of({})));
  EXPECT_TRUE(log.failures().empty());
}

}  // namespace
}  // namespace plumbline::clickhouse
