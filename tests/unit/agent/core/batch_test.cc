// SPDX-License-Identifier: Apache-2.0
#include "agent/core/batch.h"

#include <array>
#include <limits>

#include <gtest/gtest.h>

namespace plumbline {
namespace {

constexpr MetricSpec kSeconds{.name = "a.time",
                              .instrument = Instrument::kCounter,
                              .unit = Unit::kSeconds,
                              .description = "",
                              .source = ""};
constexpr MetricSpec kBytes{.name = "a.bytes",
                            .instrument = Instrument::kGauge,
                            .unit = Unit::kBytes,
                            .description = "",
                            .source = ""};
constexpr MetricSpec kLatency{.name = "a.latency",
                              .instrument = Instrument::kHistogram,
                              .unit = Unit::kSeconds,
                              .description = "",
                              .source = ""};

TEST(Batch, StoresWholeNumbersWhereTheUnitCounts) {
  SeriesTable table(0);
  Batch batch;
  batch.add(table.get(kBytes), 41.6);
  batch.add(table.get(kSeconds), 3);
  EXPECT_EQ(batch.points()[0].value.integer, 42);
  EXPECT_EQ(batch.points()[1].value.real, 3.0);
}

TEST(Batch, HasNoPointForWhatIsNotANumber) {
  SeriesTable table(0);
  Batch batch;
  batch.add(table.get(kSeconds), std::numeric_limits<double>::quiet_NaN());
  EXPECT_TRUE(batch.empty());
}

TEST(Batch, HasNoPointForWhatAWholeNumberCannotHold) {
  SeriesTable table(0);
  Batch batch;
  batch.add(table.get(kBytes), std::numeric_limits<double>::infinity());
  batch.add(table.get(kBytes), 0x1p63);
  EXPECT_TRUE(batch.empty());
  batch.add(table.get(kBytes), -0x1p63);
  EXPECT_EQ(batch.points()[0].value.integer, std::numeric_limits<std::int64_t>::min());
}

TEST(Batch, TrimsEmptyBucketsAndKeepsTheirPlace) {
  SeriesTable table(0);
  Batch batch;
  const std::array<std::uint64_t, 6> buckets{0, 0, 5, 0, 7, 0};
  batch.add(table.get(kLatency),
            HistogramView{.count = 12, .sum = 1, .offset = -10, .buckets = buckets});
  const auto view = batch.histogram(0);
  EXPECT_EQ(view.offset, -8);
  EXPECT_EQ(view.count, 12U);
  ASSERT_EQ(view.buckets.size(), 3U);
  EXPECT_EQ(view.buckets[0], 5U);
  EXPECT_EQ(view.buckets[2], 7U);
}

TEST(Batch, FiltersPointsAndHistogramsByPlace) {
  SeriesTable table(0);
  Batch batch;
  const std::array<std::uint64_t, 1> buckets{5};
  batch.add(table.get(kBytes), 1);
  batch.add(table.get(kBytes), 2);
  batch.add(table.get(kLatency), HistogramView{.count = 1, .buckets = buckets});
  batch.add(table.get(kLatency), HistogramView{.count = 5, .buckets = buckets});
  batch.filter([](std::size_t i) { return i % 2 == 1; });
  ASSERT_EQ(batch.size(), 2U);
  EXPECT_EQ(batch.points()[0].value.integer, 2);
  EXPECT_EQ(batch.histogram(0).count, 5U);
  EXPECT_EQ(batch.histogram(0).buckets[0], 5U);
  EXPECT_EQ(batch.series(1)->spec().name, "a.latency");
}

}  // namespace
}  // namespace plumbline
