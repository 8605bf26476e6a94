// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/emit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/clickhouse/signals.h"
#include "tests/support/batch_values.h"

namespace plumbline::clickhouse {
namespace {

constexpr std::array kColumns{label("database", "database"),
                              label("table", "table"),
                              value(kReplicaDelay, "delay", "delay"),
                              failure("text", "text")};

class ReadRows : public testing::Test {
 protected:
  ReadRows() {
    for (const auto& column : kColumns) plan_.columns.push_back(&column);
  }

  Result<> read(std::vector<std::vector<Cell>> rows, const Speaker& speaker) {
    const Table table{.names = std::vector<std::string>(5),
                      .types = {"String", "String", "String", "Tuple(UInt8)", "String"},
                      .rows = std::move(rows)};
    return read_rows(
        plan_,
        table,
        speaker,
        {.value =
             [this](const Attributes& attributes, const MetricSpec& metric, double value) {
               batch_.add(attributes.series(series_, 0, metric), value);
             },
         .failure =
             [this](const Attributes& attributes, std::string_view text) {
               failures_.push_back(attributes.subject() + ": " + std::string(text));
             }});
  }

  std::optional<double> delay(const std::vector<std::string>& attributes) const {
    return value_of(batch_, kReplicaDelay.name, attributes);
  }

  Plan plan_;
  SeriesTable series_{1};
  Batch batch_;
  std::vector<std::string> failures_;
};

TEST_F(ReadRows, GivesValuesAndFailuresWithTheirLabels) {
  ASSERT_TRUE(read({{"h", "db", "t", "5", "no such part"}, {"h", "db", "u", "0", ""}},
                   {.address = "ch1", .port = 8123}));
  EXPECT_EQ(delay({"ch1", "8123", "db", "t"}), 5);
  EXPECT_EQ(delay({"ch1", "8123", "db", "u"}), 0);
  EXPECT_THAT(failures_, testing::ElementsAre("db.t: no such part"));
}

TEST_F(ReadRows, TellsTheReplicasOfAClusterApart) {
  ASSERT_TRUE(read({{"ch2", "db", "t", "5", ""}, {"ch3", "db", "t", "6", ""}},
                   {.address = "ch1", .port = 8123, .is_cluster = true}));
  EXPECT_EQ(delay({"ch2", "db", "t"}), 5);
  EXPECT_EQ(delay({"ch3", "db", "t"}), 6);
}

TEST_F(ReadRows, HasNoPointForNullAndNoNumber) {
  ASSERT_TRUE(read({{"h", "db", "t", std::nullopt, ""}, {"h", "db", "u", "nan", std::nullopt}},
                   {.address = "ch1", .port = 8123}));
  EXPECT_TRUE(batch_.empty());
  EXPECT_TRUE(failures_.empty());
}

TEST_F(ReadRows, NamesATypeThatIsNoNumberAndGivesTheOtherRows) {
  const auto result =
      read({{"h", "db", "t", "(1)", ""}, {"h", "db", "u", "7", ""}}, {.address = "a", .port = 1});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what, "delay has the type Tuple(UInt8), which is no number");
  EXPECT_EQ(delay({"a", "1", "db", "u"}), 7);
}

TEST_F(ReadRows, RefusesOtherColumnsThanItAskedFor) {
  plan_.columns.pop_back();
  EXPECT_FALSE(read({}, {.address = "a", .port = 1}));
}

TEST(AttributesTest, AreCutAndAlwaysValidText) {
  SeriesTable series(1);
  Attributes attributes("h", 1);
  attributes.add(std::string_view("a\xff"));
  attributes.add(Cell(std::string(1'000, 'x')));
  const auto& made = attributes.series(series, 0, kReplicaDelay);
  EXPECT_EQ(made->attributes()[2].second, "a\xEF\xBF\xBD");
  EXPECT_EQ(made->attributes()[3].second.size(), Attributes::kMaxBytes);
  EXPECT_EQ(&*attributes.series(series, 0, kReplicaDelay), &*made) << "the same series again";
}

TEST(AttributesTest, KeysTellLabelsApart) {
  Attributes one("h", 1);
  one.add(std::string_view("a.b"));
  one.add(std::string_view("c"));
  Attributes other("h", 1);
  other.add(std::string_view("a"));
  other.add(std::string_view("b.c"));
  EXPECT_EQ(one.subject(), other.subject());
  EXPECT_NE(one.key(), other.key());
}

}  // namespace
}  // namespace plumbline::clickhouse
