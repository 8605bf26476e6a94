// SPDX-License-Identifier: Apache-2.0
//
// Lag in seconds against the truth, in situations that exporters get wrong. The truth is the age of
// the first record that was not read; the broker answers as a real one does, from the whole log.
#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "collectors/kafka/lag/lag_model.h"

namespace plumbline::kafka {
namespace {

constexpr Millis kNow = 1'800'000'000'000;
constexpr Millis kSecond = 1'000;
constexpr Millis kMinute = 60 * kSecond;
constexpr Millis kHour = 60 * kMinute;

// The times of all records of one partition, oldest first.
using Log = std::vector<Millis>;

// `rate(age)`: records a second that were written so long ago.
Log write_log(Millis length, Millis step, const std::function<double(Millis age)>& rate) {
  Log log;
  double due = 0;
  for (Millis age = length; age > 0; age -= step) {
    due += rate(age) * static_cast<double>(step) / 1'000;
    const auto whole = static_cast<std::int64_t>(due);
    for (std::int64_t i = 0; i < whole; ++i) log.push_back(kNow - age + step * i / whole);
    due -= static_cast<double>(whole);
  }
  return log;
}

std::int64_t end_at(const Log& log, Millis time) {
  return std::upper_bound(log.begin(), log.end(), time) - log.begin();
}

struct Scenario {
  std::string name;
  Log log;
  // What the group had committed at a time.
  std::function<std::int64_t(const Log&, Millis)> committed;
  Millis watched;  // how long the agent had been looking
  Millis period = 30 * kSecond;
};

std::ostream& operator<<(std::ostream& out, const Scenario& scenario) {
  return out << scenario.name;
}

std::function<std::int64_t(const Log&, Millis)> behind(Millis age) {
  return [age](const Log& log, Millis now) { return end_at(log, now - age); };
}

std::function<std::int64_t(const Log&, Millis)> stuck_since(Millis age) {
  return [age](const Log& log, Millis now) { return end_at(log, std::min(now, kNow - age)); };
}

std::vector<Scenario> scenarios() {
  const auto steady = [](Millis /*age*/) { return 1000.0; };
  const auto bursts = [](Millis age) { return (age / kMinute) % 5 == 0 ? 500.0 : 0.0; };
  const auto day = [](Millis age) {
    const auto hour = static_cast<double>(age) / static_cast<double>(kHour);
    return 1.0 + 4.0 * (0.5 + 0.5 * std::cos(hour / 24 * 2 * 3.14159265));
  };
  Log sparse =
      write_log(2 * kHour, kSecond, [](Millis age) { return age % kMinute == 0 ? 1.0 : 0; });
  sparse.push_back(kNow - 100);
  const auto unread = [](std::int64_t records) {
    return [records](const Log& log, Millis now) {
      return std::max(end_at(log, now) - records, std::int64_t{0});
    };
  };
  const auto stopped =
      write_log(2 * kHour, kSecond, [](Millis age) { return age > 20 * kMinute ? 10.0 : 0.0; });
  return {
      {"steady, 5 s behind", write_log(kHour, 100, steady), behind(5 * kSecond), 30 * kMinute},
      {"steady, 5 s behind, short period",
       write_log(kHour, 100, steady),
       behind(5 * kSecond),
       5 * kMinute,
       kSecond},
      {"sparse, one unread", sparse, unread(1), 30 * kMinute},
      {"bursts, 90 s behind", write_log(2 * kHour, kSecond, bursts), behind(90 * kSecond), kHour},
      {"just into a burst, 40 s behind",
       write_log(2 * kHour, kSecond, bursts),
       behind(40 * kSecond),
       kHour},
      {"producer stopped 20 min ago, 100 unread", stopped, unread(100), kHour},
      {"day curve, stalled 2 h",
       write_log(30 * kHour, 10 * kSecond, day),
       stuck_since(2 * kHour),
       3 * kHour},
      {"day curve, stalled 2 h, watched one look",
       write_log(30 * kHour, 10 * kSecond, day),
       stuck_since(2 * kHour),
       0},
      {"reprocessing from 40 h back",
       write_log(48 * kHour, 10 * kSecond, day),
       stuck_since(40 * kHour),
       10 * kMinute},
      {"agent just started, steady", write_log(kHour, 100, steady), behind(5 * kSecond), 0},
      {"the whole log unread",
       write_log(3 * kHour, kSecond, bursts),
       stuck_since(4 * kHour),
       kMinute},
  };
}

class LagScenario : public testing::TestWithParam<Scenario> {};

// One look: what a snapshot of that moment says, and then questions until the model is content.
int look(LagModel& model, Snapshot& snapshot, const Scenario& scenario, Millis now) {
  auto& partition = snapshot.topics[0].partitions[0];
  partition.start = 0;
  partition.end = partition.stable = end_at(scenario.log, now);
  snapshot.groups[0].commits = {
      {.topic = 0, .partition = 0, .offset = scenario.committed(scenario.log, now)}};
  model.see(snapshot, now);
  int asked = 0;
  for (unsigned round = 0; round < 40; ++round) {
    const auto questions = model.questions(round);
    if (questions.empty()) break;
    ++asked;
    const auto wanted = questions.at(0).time;
    const auto found = std::lower_bound(scenario.log.begin(), scenario.log.end(), wanted);
    const auto offset = found - scenario.log.begin();
    const bool none = offset >= partition.end;
    model.learn(0, 0, wanted, none ? -1 : offset, none ? -1 : *found);
  }
  model.date_rows();
  return asked;
}

TEST_P(LagScenario, IsWithinASecondOrAPercentAndInsideItsBounds) {
  const auto& scenario = GetParam();
  LagModel model;
  Snapshot snapshot;
  snapshot.topics.push_back({.name = "t", .partitions = {{.index = 0, .leader = 1}}});
  snapshot.groups.push_back({.id = "g", .members = 1});
  Millis now = kNow - scenario.watched;
  for (; now < kNow; now += scenario.period) look(model, snapshot, scenario, now);
  const int asked = look(model, snapshot, scenario, kNow);

  ASSERT_EQ(model.rows().size(), 1U);
  const auto& row = model.rows()[0];
  ASSERT_TRUE(row.time);
  ASSERT_LT(row.committed, std::ssize(scenario.log)) << "the scenario has no lag";
  const auto truth = kNow - scenario.log[static_cast<std::size_t>(row.committed)];
  const auto allowed = std::max(kSecond, truth / 100);
  EXPECT_NEAR(static_cast<double>(row.time->value),
              static_cast<double>(truth),
              static_cast<double>(allowed));
  EXPECT_LE(row.time->lower, truth);
  EXPECT_GE(row.time->upper, truth);
  EXPECT_LE(asked, 20) << "questions of the last look";
}

INSTANTIATE_TEST_SUITE_P(Table, LagScenario, testing::ValuesIn(scenarios()));

TEST(LagModel, AStalledGroupCostsNoMoreQuestionsOnceItsRecordIsKnown) {
  const Scenario scenario{"stalled",
                          write_log(10 * kHour, kSecond, [](Millis /*age*/) { return 5.0; }),
                          stuck_since(5 * kHour),
                          0};
  LagModel model;
  Snapshot snapshot;
  snapshot.topics.push_back({.name = "t", .partitions = {{.index = 0, .leader = 1}}});
  snapshot.groups.push_back({.id = "g", .members = 1});
  EXPECT_GT(look(model, snapshot, scenario, kNow - kHour), 0);
  int asked = 0;
  for (Millis now = kNow - kHour; now < kNow; now += 5 * kSecond) {
    asked += look(model, snapshot, scenario, now);
  }
  EXPECT_EQ(asked, 0);
}

TEST(LagModel, AmongVeryManyPartitionsAStalledGroupCostsNoMoreQuestionsEither) {
  const Scenario scenario{"stalled",
                          write_log(10 * kHour, kSecond, [](Millis /*age*/) { return 5.0; }),
                          stuck_since(5 * kHour),
                          0};
  constexpr std::uint32_t kOthers = 30'000;  // leave eight points to each timeline
  LagModel model;
  Snapshot snapshot;
  snapshot.topics.push_back({.name = "t", .partitions = {{.index = 0, .leader = 1}}});
  snapshot.topics.push_back({.name = "wide", .partitions = {}});
  snapshot.groups.push_back({.id = "g", .members = 1});
  snapshot.groups.push_back({.id = "others", .members = 1});
  for (std::int32_t i = 0; i < std::int32_t{kOthers}; ++i) {
    snapshot.topics[1].partitions.push_back(
        {.index = i, .leader = 1, .start = 0, .stable = 5, .end = 5});
    snapshot.groups[1].commits.push_back({.topic = 1, .partition = i, .offset = 5});
  }
  EXPECT_GT(look(model, snapshot, scenario, kNow - kMinute), 0);
  int asked = 0;
  for (Millis now = kNow - kMinute; now < kNow; now += 5 * kSecond) {
    asked += look(model, snapshot, scenario, now);
  }
  EXPECT_EQ(asked, 0);
}

TEST(LagModel, VeryManyLaggingRowsAreDatedInAFewLooksAndAskedForNoMore) {
  constexpr std::int32_t kRows = 30'000;  // leave eight points to each timeline
  constexpr std::int64_t kEnd = 100'000;  // a record each second
  constexpr Millis kBegun = kNow - kEnd * kSecond;
  LagModel model;
  Snapshot snapshot;
  snapshot.topics.push_back({.name = "wide"});
  snapshot.groups.push_back({.id = "g", .members = 1});
  for (std::int32_t i = 0; i < kRows; ++i) {
    snapshot.topics[0].partitions.push_back(
        {.index = i, .leader = 1, .start = 0, .stable = kEnd, .end = kEnd});
    snapshot.groups[0].commits.push_back({.topic = 0, .partition = i, .offset = kEnd - 60});
  }
  unsigned round = 0;
  std::size_t asked = 1;
  int looks = 0;
  for (Millis now = kNow; asked > 0 && looks < 20; now += 10 * kSecond, ++looks) {
    model.see(snapshot, now);
    asked = 0;
    for (int i = 0; i < 8; ++i) {
      const auto questions = model.questions(round++);
      asked += questions.size();
      for (const auto& wanted : questions) {
        const auto offset = std::max((wanted.time - kBegun + kSecond - 1) / kSecond, Millis{0});
        const bool none = offset >= kEnd;
        model.learn(wanted.topic,
                    wanted.partition,
                    wanted.time,
                    none ? -1 : offset,
                    none ? -1 : kBegun + offset * kSecond);
      }
    }
  }
  EXPECT_LT(looks, 10);
  for (const auto& row : model.rows()) {
    const auto truth = static_cast<double>((looks - 1) * 10 + 60) * kSecond;
    ASSERT_TRUE(row.time);
    ASSERT_NEAR(static_cast<double>(row.time->value), truth, kSecond);
    ASSERT_LE(static_cast<double>(row.time->lower), truth);
    ASSERT_GE(static_cast<double>(row.time->upper), truth);
  }
}

TEST(LagModel, ARecordWhereALogWasCutIsDatedAnew) {
  LagModel model;
  Snapshot snapshot;
  snapshot.topics.push_back({.name = "t", .partitions = {{.index = 0, .leader = 1}}});
  snapshot.groups.push_back({.id = "g", .commits = {{.topic = 0, .partition = 0, .offset = 3}}});
  const auto age_at = [&](std::int64_t end, Millis now) {
    auto& partition = snapshot.topics[0].partitions[0];
    partition.start = 0;
    partition.end = partition.stable = end;
    model.see(snapshot, now);
    return model.rows()[0].time->value;
  };
  EXPECT_EQ(age_at(3, kNow), 0);
  EXPECT_LE(age_at(10, kNow + 400), kSecond);
  EXPECT_NEAR(static_cast<double>(age_at(10, kNow + kMinute)), kMinute, kSecond);
  EXPECT_EQ(age_at(3, kNow + 2 * kMinute), 0);
  EXPECT_LE(age_at(10, kNow + 2 * kMinute + 400), kSecond);
}

TEST(LagModel, OfAShareGroupTheBrokerKnowsWhatIsDoneBehindTheFirstThatIsNot) {
  LagModel model;
  Snapshot snapshot;
  snapshot.topics.push_back(
      {.name = "t", .partitions = {{.index = 0, .leader = 1, .start = 0, .stable = 9, .end = 9}}});
  snapshot.groups.push_back({.id = "g", .kind = GroupKind::kShare});
  snapshot.groups[0].commits = {{.topic = 0, .partition = 0, .offset = 4, .lag = 2}};
  model.see(snapshot, kNow);
  EXPECT_EQ(model.rows()[0].lag, 2);
  EXPECT_EQ(model.rows()[0].stable_lag, 5);
}

TEST(LagModel, CaughtUpIsZeroAndUnknownIsAbsent) {
  LagModel model;
  Snapshot snapshot;
  snapshot.topics.push_back(
      {.name = "t", .partitions = {{.index = 0, .start = 0, .stable = 7, .end = 8}, {.index = 1}}});
  snapshot.groups.push_back({.id = "g",
                             .commits = {{.topic = 0, .partition = 0, .offset = 7},
                                         {.topic = 0, .partition = 1, .offset = 3}}});
  model.see(snapshot, kNow);
  ASSERT_EQ(model.rows().size(), 2U);
  EXPECT_EQ(model.rows()[0].lag, 1) << "as Kafka's own tool counts, to the high watermark";
  EXPECT_EQ(model.rows()[0].stable_lag, 0) << "nothing that could be read";
  ASSERT_TRUE(model.rows()[0].time);
  EXPECT_EQ(model.rows()[0].time->upper, 0);
  EXPECT_FALSE(model.rows()[1].lag);
  EXPECT_FALSE(model.rows()[1].time);
}

TEST(LagModel, ATopicThatWasMadeAgainIsAnotherOne) {
  LagModel model;
  Snapshot snapshot;
  snapshot.topics.push_back({.name = "t",
                             .id = {1},
                             .partitions = {{.index = 0, .start = 0, .stable = 100, .end = 100}}});
  snapshot.groups.push_back({.id = "g", .commits = {{.topic = 0, .partition = 0, .offset = 90}}});
  model.see(snapshot, kNow);
  snapshot.topics[0].id = {2};
  snapshot.topics[0].partitions[0].stable = snapshot.topics[0].partitions[0].end = 5;
  snapshot.groups[0].commits[0].offset = 2;
  model.see(snapshot, kNow + kSecond);
  EXPECT_EQ(model.recreated_topics(), 1U);
  EXPECT_TRUE(model.events().empty()) << "no rewind: these are other records";
  EXPECT_EQ(model.rows()[0].lag, 3);
}

TEST(LagModel, CountsRebalancesByEpochAndByWhoHasWhat) {
  LagModel model;
  Snapshot snapshot;
  snapshot.groups.push_back({.id = "modern", .members = 2, .epoch = 4});
  snapshot.groups.push_back({.id = "classic", .members = 2, .assignment_hash = 7});
  model.see(snapshot, kNow);
  snapshot.groups[0].epoch = 7;
  snapshot.groups[1].assignment_hash = 8;
  model.see(snapshot, kNow + kSecond);
  model.see(snapshot, kNow + 2 * kSecond);
  EXPECT_EQ(model.rebalances("modern"), 3U);
  EXPECT_EQ(model.rebalances("classic"), 1U);
}

}  // namespace
}  // namespace plumbline::kafka
