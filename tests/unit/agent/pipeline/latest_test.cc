// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/latest.h"

#include <array>

#include <gtest/gtest.h>

namespace plumbline {
namespace {

constexpr UnixNanos kBoot = 1'000'000;
constexpr UnixNanos kFirst = 5'000'000'000;
constexpr UnixNanos kSecond = 6'000'000'000;
constexpr UnixNanos kThird = 7'000'000'000;

constexpr MetricSpec kIo{.name = "t.io",
                         .instrument = Instrument::kCounter,
                         .unit = Unit::kBytes,
                         .description = "",
                         .source = "",
                         .attributes = {"device"}};
constexpr MetricSpec kCpuTime{.name = "t.cpu",
                              .instrument = Instrument::kCounter,
                              .unit = Unit::kSeconds,
                              .description = "",
                              .source = ""};
constexpr MetricSpec kUsage{.name = "t.usage",
                            .instrument = Instrument::kUpDownCounter,
                            .unit = Unit::kBytes,
                            .description = "",
                            .source = "",
                            .attributes = {"device"}};
constexpr MetricSpec kLoad{.name = "t.load",
                           .instrument = Instrument::kGauge,
                           .unit = Unit::kLoad,
                           .description = "",
                           .source = ""};
constexpr MetricSpec kLatency{.name = "t.latency",
                              .instrument = Instrument::kHistogram,
                              .unit = Unit::kSeconds,
                              .description = "",
                              .source = "",
                              .attributes = {"device"}};

class LatestTest : public testing::Test {
 protected:
  SeriesTable table_{kBoot};
  Latest latest_;
  Batch batch_;

  Batch& at(UnixNanos time) {
    batch_.clear();
    batch_.time = time;
    return batch_;
  }
  void io(UnixNanos time, std::int64_t bytes) {
    at(time).add(table_.get(kIo, {"sda"}), bytes);
    latest_.update("block", batch_);
  }
  template <std::size_t N>
  void latency(UnixNanos time,
               std::uint64_t count,
               int offset,
               const std::array<std::uint64_t, N>& buckets) {
    at(time).add(table_.get(kLatency, {"sda"}),
                 HistogramView{.count = count, .sum = 1, .offset = offset, .buckets = buckets});
    latest_.update("block", batch_);
  }
  const LatestEntry& only() { return *latest_.entries().at(0); }
};

TEST_F(LatestTest, KeepsTheNewestValueAndTheStartOfTheSeries) {
  io(kFirst, 10);
  io(kSecond, 30);
  ASSERT_EQ(latest_.size(), 1U);
  EXPECT_EQ(only().value.integer, 30);
  EXPECT_EQ(only().time, kSecond);
  EXPECT_EQ(only().start, kBoot);
}

TEST_F(LatestTest, GivesGaugesNoStart) {
  at(kFirst).add(table_.get(kLoad), 1.5);
  latest_.update("node", batch_);
  EXPECT_EQ(only().start, 0U);
}

TEST_F(LatestTest, MovesTheStartWhenACounterGoesDown) {
  io(kFirst, 10);
  io(kSecond, 3);
  EXPECT_EQ(only().start, kFirst);
  EXPECT_EQ(only().value.integer, 3);
  io(kThird, 4);
  EXPECT_EQ(only().start, kFirst);
}

TEST_F(LatestTest, SeesAResetOfARealCounter) {
  at(kFirst).add(table_.get(kCpuTime), 2.5);
  latest_.update("node", batch_);
  at(kSecond).add(table_.get(kCpuTime), 2.25);
  latest_.update("node", batch_);
  EXPECT_EQ(only().start, kFirst);
}

TEST_F(LatestTest, DoesNotTakeAShrinkingUpDownCounterForAReset) {
  at(kFirst).add(table_.get(kUsage, {"sda"}), 10);
  latest_.update("node", batch_);
  at(kSecond).add(table_.get(kUsage, {"sda"}), 3);
  latest_.update("node", batch_);
  EXPECT_EQ(only().start, kBoot);
}

TEST_F(LatestTest, MovesTheStartWhenAHistogramCountsLess) {
  latency(kFirst, 6, -3, std::array<std::uint64_t, 3>{1, 2, 3});
  latency(kSecond, 5, -3, std::array<std::uint64_t, 3>{1, 2, 2});
  EXPECT_EQ(only().start, kFirst);
}

TEST_F(LatestTest, MovesTheStartWhenOneBucketCountsLessThoughTheWholeCountsMore) {
  latency(kFirst, 6, -3, std::array<std::uint64_t, 3>{1, 2, 3});
  latency(kSecond, 20, -2, std::array<std::uint64_t, 2>{10, 10});
  EXPECT_EQ(only().start, kFirst);
}

TEST_F(LatestTest, LetsAHistogramGrowAtBothEnds) {
  latency(kFirst, 6, -3, std::array<std::uint64_t, 3>{1, 2, 3});
  latency(kSecond, 8, -4, std::array<std::uint64_t, 5>{1, 1, 2, 3, 1});
  EXPECT_EQ(only().start, kBoot);
  EXPECT_EQ(only().histogram->view().buckets.size(), 5U);
  EXPECT_EQ(only().histogram->view().offset, -4);
}

TEST_F(LatestTest, NeverGoesBackInTimeWhenTheClockDoes) {
  io(kSecond, 10);
  io(kFirst, 20);
  EXPECT_EQ(only().time, kSecond + 1);
  io(kThird, 30);
  EXPECT_EQ(only().time, kThird);
}

TEST_F(LatestTest, GoesOnWhereTheClockIsAfterItWasSetBack) {
  SeriesTable young(kSecond);
  const auto io_of_young = [&](UnixNanos time) {
    at(time).add(young.get(kIo, {"sda"}), 10);
    latest_.update("block", batch_);
  };
  io_of_young(kThird);
  latest_.clock_was_set(-std::chrono::nanoseconds(kThird - kSecond), kSecond);
  EXPECT_EQ(only().time, kSecond);
  EXPECT_EQ(only().start, kFirst) << "it counts since as long ago as before";
  io_of_young(kSecond + 7);
  EXPECT_EQ(only().time, kSecond + 7) << "and does not stand still until the old time is back";
  EXPECT_EQ(only().start, kFirst) << "the table that makes the series knows of no step";
}

TEST_F(LatestTest, AClockSetForwardTakesNoSeriesBeyondIt) {
  io(kFirst, 10);
  io(kThird, 20);  // seen before the step was
  latest_.clock_was_set(std::chrono::nanoseconds(kThird - kFirst), kThird + 1);
  EXPECT_EQ(only().time, kThird + 1);
  EXPECT_LE(only().start, only().time);
  io(kThird + 2, 30);
  EXPECT_EQ(only().time, kThird + 2);
}

TEST_F(LatestTest, TakesTheFirstSightForAnUnknownStart) {
  SeriesTable unknown(0);
  at(kFirst).add(unknown.get(kIo, {"sda"}), 10);
  latest_.update("block", batch_);
  EXPECT_EQ(only().start, kFirst);
  EXPECT_EQ(only().time, kFirst);
}

TEST_F(LatestTest, NeverStartsAfterThePoint) {
  SeriesTable future(kThird);
  at(kFirst).add(future.get(kIo, {"sda"}), 10);
  latest_.update("block", batch_);
  EXPECT_EQ(only().start, kFirst);
}

TEST_F(LatestTest, MarksWhatIsNoLongerReportedAndDropsItAfterTheExport) {
  at(kFirst).add(table_.get(kIo, {"sda"}), 1);
  batch_.add(table_.get(kIo, {"sdb"}), 1);
  latest_.update("block", batch_);
  latest_.drop_vanished();
  io(kSecond, 2);
  ASSERT_EQ(latest_.entries().size(), 2U);
  EXPECT_FALSE(latest_.entries()[0]->vanished);
  EXPECT_TRUE(latest_.entries()[1]->vanished);
  EXPECT_FALSE(latest_.entries()[1]->untold);
  EXPECT_EQ(latest_.entries()[1]->time, kSecond);
  latest_.drop_vanished();
  ASSERT_EQ(latest_.entries().size(), 1U);
  io(kThird, 3);
  EXPECT_EQ(only().value.integer, 3);
}

TEST_F(LatestTest, TellsTheLastValueBeforeTheEnd) {
  io(kFirst, 10);
  at(kSecond);
  latest_.update("block", batch_);
  ASSERT_EQ(latest_.size(), 1U);
  EXPECT_TRUE(only().vanished);
  EXPECT_TRUE(only().untold) << "no export has had the value";
  EXPECT_EQ(only().time, kFirst);
  EXPECT_EQ(only().value.integer, 10);
  latest_.drop_vanished();
  ASSERT_EQ(latest_.size(), 1U);
  EXPECT_TRUE(only().vanished);
  EXPECT_FALSE(only().untold);
  EXPECT_EQ(only().time, kSecond);
  latest_.drop_vanished();
  EXPECT_EQ(latest_.size(), 0U);
}

TEST_F(LatestTest, TakesBackAVanishedSeriesThatReturns) {
  io(kFirst, 10);
  at(kSecond);
  latest_.update("block", batch_);
  EXPECT_TRUE(only().vanished);
  io(kThird, 12);
  EXPECT_FALSE(only().vanished);
  EXPECT_FALSE(only().untold);
  EXPECT_EQ(only().start, kBoot);
  latest_.drop_vanished();
  EXPECT_EQ(latest_.size(), 1U);
}

TEST_F(LatestTest, LeavesOtherCollectorsAlone) {
  io(kFirst, 10);
  at(kSecond).add(table_.get(kLoad), 1.0);
  latest_.update("node", batch_);
  EXPECT_FALSE(latest_.entries()[0]->vanished);
  latest_.mark_unknown("node", kThird);
  EXPECT_FALSE(latest_.entries()[0]->vanished);
  EXPECT_TRUE(latest_.entries()[1]->vanished);
  latest_.drop_vanished();
  EXPECT_EQ(latest_.entries()[1]->time, kThird);
}

TEST_F(LatestTest, GoesOnWithASeriesThatWasMadeAnew) {
  io(kFirst, 10);
  SeriesTable reopened(kSecond);
  at(kThird).add(reopened.get(kIo, {"sda"}), 15);
  latest_.update("block", batch_);
  ASSERT_EQ(latest_.size(), 1U);
  EXPECT_FALSE(only().vanished);
  EXPECT_EQ(only().value.integer, 15);
  EXPECT_EQ(only().start, kSecond);
}

TEST_F(LatestTest, StandsByMetricInTheOrderOfFirstSight) {
  at(kFirst).add(table_.get(kIo, {"sdb"}), 1);
  batch_.add(table_.get(kLoad), 1.0);
  batch_.add(table_.get(kIo, {"sda"}), 1);
  latest_.update("block", batch_);
  ASSERT_EQ(latest_.entries().size(), 3U);
  EXPECT_EQ(latest_.entries()[0]->series->attributes()[0].second, "sdb");
  EXPECT_EQ(latest_.entries()[1]->series->attributes()[0].second, "sda");
  EXPECT_EQ(&latest_.entries()[2]->series->spec(), &kLoad);
}

TEST_F(LatestTest, SurvivesChurnOfSeriesInAnyOrder) {
  for (std::int64_t round = 1; round < 200; ++round) {
    at(kFirst + static_cast<UnixNanos>(round));
    for (std::int64_t i = 0; i < 20; ++i) {
      const auto device = std::to_string((i * 7 + round * round) % 31);
      if ((i + round) % 3 != 0) batch_.add(table_.get(kIo, {device}), round);
    }
    latest_.update(round % 5 == 0 ? "other" : "block", batch_);
    if (round % 4 == 0) latest_.drop_vanished();
    if (round % 11 == 0) latest_.mark_unknown("block", kFirst + static_cast<UnixNanos>(round));
  }
  at(kThird);
  latest_.update("block", batch_);
  latest_.update("other", batch_);
  latest_.drop_vanished();
  latest_.drop_vanished();
  EXPECT_EQ(latest_.size(), 0U);
}

}  // namespace
}  // namespace plumbline
