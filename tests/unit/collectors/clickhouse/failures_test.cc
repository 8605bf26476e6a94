// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/failures.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"

namespace plumbline::clickhouse {
namespace {

class FailuresTest : public testing::Test {
 protected:
  bool add(const std::string& kind, std::uint64_t count = 1) {
    return failures_.add(kind, {.name = "f", .body = kind, .attributes = {}}, count);
  }

  static std::int64_t count_of(const Event& event) {
    for (const auto& [key, value] : event.attributes) {
      if (key == "plumbline.event.count") return std::get<std::int64_t>(value);
    }
    return -1;
  }

  ManualClock clock_;
  Failures failures_{clock_};
};

TEST_F(FailuresTest, TellsTheFirstAtOnceAndTheRestOnceAWindow) {
  EXPECT_TRUE(add("a"));
  EXPECT_EQ(failures_.take().size(), 1U);
  for (int i = 0; i < 7; ++i) EXPECT_FALSE(add("a"));
  EXPECT_TRUE(failures_.take().empty());
  clock_.advance(Failures::kWindow);
  const auto later = failures_.take();
  ASSERT_EQ(later.size(), 1U);
  EXPECT_EQ(count_of(later[0]), 7);
  EXPECT_TRUE(failures_.take().empty());
}

TEST_F(FailuresTest, CountsOnceWhatIsToldBeforeItIsCounted) {
  EXPECT_TRUE(add("a", 0));
  const auto first = failures_.take();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(count_of(first[0]), 1);
  add("a", 0);
  add("a", 1);
  clock_.advance(Failures::kWindow);
  EXPECT_TRUE(failures_.take().empty());
}

TEST_F(FailuresTest, ForgetsWhatHasEnded) {
  add("a");
  failures_.take();
  clock_.advance(Failures::kWindow);
  EXPECT_TRUE(failures_.take().empty());
  EXPECT_TRUE(add("a")) << "news again";
}

TEST_F(FailuresTest, KeepsKindsApart) {
  add("a");
  add("b");
  const auto events = failures_.take();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_NE(events[0].attributes, events[1].attributes) << "the fingerprints";
}

TEST_F(FailuresTest, LosesNoCountWhenThereAreTooMany) {
  std::int64_t told = 0;
  for (std::size_t i = 0; i < 2 * Failures::kMax; ++i) {
    add(fmt::format("{}", i));
    add(fmt::format("{}", i));
    for (const auto& event : failures_.take()) told += count_of(event);
  }
  clock_.advance(Failures::kWindow);
  for (const auto& event : failures_.take()) told += count_of(event);
  EXPECT_EQ(told, static_cast<std::int64_t>(4 * Failures::kMax));
}

}  // namespace
}  // namespace plumbline::clickhouse
