// SPDX-License-Identifier: Apache-2.0
// A tick must not allocate once the batch and the series table have grown to their size.
#include <array>

#include <gtest/gtest.h>

#include "agent/core/batch.h"
#include "tests/support/allocations.h"

namespace plumbline {
namespace {

constexpr MetricSpec kCpu{.name = "t.cpu",
                          .instrument = Instrument::kCounter,
                          .unit = Unit::kSeconds,
                          .description = "",
                          .source = "",
                          .attributes = {"cpu", "mode"}};
constexpr MetricSpec kLatency{.name = "t.latency",
                              .instrument = Instrument::kHistogram,
                              .unit = Unit::kSeconds,
                              .description = "",
                              .source = "",
                              .attributes = {"cgroup"}};

void tick(SeriesTable& table, Batch& batch) {
  static constexpr std::array<std::uint64_t, 40> kBuckets{1, 2, 3};
  batch.clear();
  for (std::int64_t cpu = 0; cpu < 64; ++cpu) {
    for (const auto* mode : {"user", "system", "idle"}) {
      batch.add(table.get(kCpu, {cpu, mode}), 1.5);
    }
    batch.add(table.get(kLatency, {cpu}),
              HistogramView{.count = 6, .sum = 1, .offset = -90, .buckets = kBuckets});
  }
  table.sweep();
}

TEST(Batch, AllocatesNothingAfterWarmUp) {
  SeriesTable table(0);
  Batch batch;
  tick(table, batch);
  tick(table, batch);
  const auto before = allocation_count();
  for (int i = 0; i < 100; ++i) tick(table, batch);
  EXPECT_EQ(allocation_count() - before, 0U);
}

}  // namespace
}  // namespace plumbline
