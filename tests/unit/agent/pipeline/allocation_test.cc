// SPDX-License-Identifier: Apache-2.0
// The tick path from a collector's batch to OTLP bytes allocates nothing once it has grown.
#include <array>
#include <atomic>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "agent/pipeline/encode.h"
#include "agent/pipeline/latest.h"

namespace {

std::atomic<std::uint64_t> allocations{0};

}  // namespace

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
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

}  // namespace
}  // namespace plumbline
