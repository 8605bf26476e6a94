// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/record_log.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plumbline::clickhouse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kNow = 1'000'000;  // seconds

class RecordLogTest : public testing::Test {
 protected:
  RecordLogTest() {
    plan_.sql = "{after}/{after_id}/{since}";
    plan_.columns = {&kTime, &kId};
  }

  // One look at `now` whose answer has these rows, seconds before kNow and identities.
  std::vector<std::string> look(RecordLog& log,
                                std::int64_t now,
                                const std::vector<std::pair<std::int64_t, std::string>>& rows) {
    asked_ = log.query(now);
    Table table{.names = {"host", "t", "i"}, .types = {"", "", ""}, .rows = {}};
    for (const auto& [before, id] : rows) {
      table.rows.push_back({"h", fmt::to_string((kNow - before) * 1'000'000), id});
    }
    std::vector<std::string> out;
    const auto taken = log.take(table);
    EXPECT_TRUE(taken.has_value());
    for (const auto& record : taken.value()) out.emplace_back(record.text("id"));
    return out;
  }

  static constexpr Column kTime = field("time", "t", "");
  static constexpr Column kId = field("id", "i", "");
  Plan plan_;
  RecordLog log_{plan_};
  std::string asked_;
};

TEST_F(RecordLogTest, BeginsAtTheFirstLook) {
  look(log_, kNow, {});
  EXPECT_EQ(asked_, "1000000000000/''/1000000");
}

TEST_F(RecordLogTest, GivesARowOnceThoughItIsReadAgain) {
  look(log_, kNow, {});
  EXPECT_THAT(look(log_, kNow + 10, {{-5, "a"}}), ElementsAre("a"));
  EXPECT_THAT(look(log_, kNow + 20, {{-5, "a"}, {-5, "b"}}), ElementsAre("b")) << "a tie";
  EXPECT_THAT(look(log_, kNow + 30, {{-4, "late"}, {-5, "a"}}), ElementsAre("late"));
}

TEST_F(RecordLogTest, LeavesWhatIsSettledBehind) {
  look(log_, kNow, {});
  look(log_, kNow + 100, {});
  look(log_, kNow + 110, {});
  EXPECT_THAT(asked_, HasSubstr(fmt::format("{}/''/", (kNow + 40) * 1'000'000)));
}

TEST_F(RecordLogTest, GoesOnBehindTheLastRowOfAnAnswerThatWasCut) {
  look(log_, kNow, {});
  std::vector<std::pair<std::int64_t, std::string>> rows;
  for (std::size_t i = 0; i < kMaxRecordRows; ++i) rows.emplace_back(-7, fmt::format("i{:04}", i));
  EXPECT_EQ(look(log_, kNow + 10, rows).size(), kMaxRecordRows);
  EXPECT_THAT(look(log_, kNow + 20, {{-7, "i0500"}}), ElementsAre("i0500"));
  EXPECT_EQ(asked_, "1000007000000/'i0499'/1000007") << "within one microsecond";
}

TEST_F(RecordLogTest, GoesOnAfterARestartWhereItWas) {
  look(log_, kNow, {});
  look(log_, kNow + 10, {{-5, "a"}});
  RecordLog after(plan_);
  after.restore(log_.state());
  EXPECT_THAT(look(after, kNow + 20, {{-5, "a"}, {-15, "b"}}), ElementsAre("b"));
  for (const auto* bad : {"", "x", "5", "5 - a", "5 - a b", "-5 -"}) {
    RecordLog fresh(plan_);
    fresh.restore(bad);
    look(fresh, kNow, {});
    EXPECT_EQ(asked_, "1000000000000/''/1000000") << bad;
  }
}

TEST_F(RecordLogTest, SkipsWhatIsTooLongAgoAndSaysSo) {
  look(log_, kNow, {});
  look(log_, kNow + 3'600, {});
  EXPECT_EQ(log_.skipped(), 3'600 - 900);
  EXPECT_THAT(asked_, HasSubstr(fmt::format("{}/", (kNow + 2'700) * 1'000'000)));
}

TEST_F(RecordLogTest, SurvivesAServerWhoseClockWasSetBack) {
  look(log_, kNow, {});
  EXPECT_THAT(look(log_, kNow - 500, {{500, "a"}}), ElementsAre("a"));
  EXPECT_THAT(asked_, HasSubstr("999500000000/"));
}

TEST_F(RecordLogTest, RefusesARowWithoutTimeOrIdentity) {
  log_.query(kNow);
  EXPECT_FALSE(log_.take({.names = {"h", "t", "i"}, .types = {}, .rows = {{"h", "x", "a"}}}));
  EXPECT_FALSE(log_.take({.names = {"h", "t", "i"}, .types = {}, .rows = {{"h", "1", ""}}}));
  EXPECT_FALSE(log_.take({.names = {"h"}, .types = {}, .rows = {}}));
  EXPECT_THAT(look(log_, kNow + 1, {}), IsEmpty());
}

}  // namespace
}  // namespace plumbline::clickhouse
