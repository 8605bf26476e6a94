// SPDX-License-Identifier: Apache-2.0
// The tick path from a collector's batch to OTLP bytes allocates nothing once it has grown.
#include <malloc.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include <gtest/gtest.h>

#include "agent/pipeline/encode.h"
#include "agent/pipeline/latest.h"
#include "agent/pipeline/limit.h"

namespace {

std::atomic<std::uint64_t> allocations{0};
std::atomic<std::int64_t> live_bytes{0};

void release(void* memory) noexcept {
  if (memory == nullptr) return;
  live_bytes.fetch_sub(static_cast<std::int64_t>(malloc_usable_size(memory)));
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  allocations.fetch_add(1, std::memory_order_relaxed);
  live_bytes.fetch_add(static_cast<std::int64_t>(malloc_usable_size(memory)));
  return memory;
}
void operator delete(void* memory) noexcept {
  release(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
  release(memory);
}

namespace plumbline {
namespace {

constexpr MetricSpec kCpu{.name = "t.cpu",
                          .instrument = Instrument::kCounter,
                          .unit = Unit::kSeconds,
                          .description = "d",
                          .source = "",
                          .attributes = {"cpu", "mode"}};
constexpr MetricSpec kLatency{.name = "t.latency",
                              .instrument = Instrument::kHistogram,
                              .unit = Unit::kSeconds,
                              .description = "d",
                              .source = "",
                              .attributes = {"cgroup"}};

TEST(Pipeline, AllocatesNothingAfterWarmUp) {
  SeriesTable table(1);
  Batch batch;
  SeriesLimit limit(LimitsConfig{});
  Latest latest;
  MetricsEncoder encoder;
  const Resource resource({{"host.name", "h"}}, "1");
  std::string out;
  UnixNanos now = 1'000;
  std::array<std::uint64_t, 40> buckets{1, 2, 3};

  const auto tick = [&] {
    batch.clear();
    batch.time = ++now;
    ++buckets[2];
    for (std::int64_t cpu = 0; cpu < 64; ++cpu) {
      for (const auto* mode : {"user", "system", "idle"}) {
        batch.add(table.get(kCpu, {cpu, mode}), static_cast<double>(now));
      }
      batch.add(table.get(kLatency, {cpu}),
                HistogramView{.count = 6 + now, .sum = 1, .offset = -90, .buckets = buckets});
    }
    table.sweep();
    limit.apply("sched", batch);
    latest.update("sched", batch);
    out.clear();
    EXPECT_EQ(encoder.encode(resource, latest.entries(), out), 64U * 4);
    latest.drop_vanished();
  };

  tick();
  tick();
  out.reserve(2 * out.size());  // bucket counts need more digits with time
  const auto before = allocations.load();
  for (int i = 0; i < 100; ++i) tick();
  EXPECT_EQ(allocations.load() - before, 0U);
}

// 100,000 series a tick, and other ones each time: what the pipeline keeps is bounded by the limits
// and the size of one batch, and every point is either kept, folded or counted as dropped.
TEST(Pipeline, MeetsAFloodOfSeriesWithBoundedMemory) {
  constexpr std::int64_t kSeries = 100'000;
  constexpr std::int64_t kRounds = 2;
  constexpr MetricSpec kShare{.name = "t.share",
                              .instrument = Instrument::kGauge,
                              .unit = Unit::kOne,
                              .description = "",
                              .source = "",
                              .attributes = {"cgroup"}};
  constexpr MetricSpec kBytes{.name = "t.bytes",
                              .instrument = Instrument::kCounter,
                              .unit = Unit::kBytes,
                              .description = "",
                              .source = "",
                              .attributes = {"cgroup"}};
  const LimitsConfig limits;
  SeriesLimit limit(limits);
  Latest latest;
  for (std::int64_t round = 1; round <= kRounds; ++round) {
    SeriesTable table(1);
    Batch batch;
    batch.time = static_cast<UnixNanos>(round);
    for (std::int64_t i = 0; i < kSeries; ++i) {
      const auto cgroup = "/pods/" + std::to_string(round) + "/" + std::to_string(i);
      batch.add(table.get(kBytes, {cgroup}), 1);
      batch.add(table.get(kShare, {cgroup}), 0.5);
    }
    const auto before = live_bytes.load();
    limit.apply("flood", batch);
    latest.update("flood", batch);
    latest.drop_vanished();
    EXPECT_LT(live_bytes.load() - before, 2 * kSeries * 150);
    EXPECT_LE(latest.size(), 2 * limits.series_per_metric);
  }
  std::uint64_t folded = 0;
  std::uint64_t dropped = 0;
  for (const auto& overflow : limit.overflows()) {
    folded += overflow.folded;
    dropped += overflow.dropped;
  }
  const auto own = limits.series_per_metric - 1;
  EXPECT_EQ(folded, kRounds * (kSeries - own));
  EXPECT_EQ(dropped, kRounds * (kSeries - own));

  Batch nothing;
  nothing.time = 10;
  limit.apply("flood", nothing);
  latest.update("flood", nothing);
  for (const auto* entry : latest.entries()) {
    if (entry->vanished) continue;
    EXPECT_EQ(entry->value.integer, static_cast<std::int64_t>(folded));
  }
}

}  // namespace
}  // namespace plumbline
