// SPDX-License-Identifier: Apache-2.0
// What the cardinality limit costs a point of a known series, beside latest without any limit: all
// series within the budget; nine of ten beyond it and added up; the same and all of them ranked in
// each tick, which the agent does once a minute; newcomers in each tick, beyond it. Each item is a
// point: items_per_second is the figure to compare.
#include <chrono>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "agent/pipeline/latest.h"
#include "agent/pipeline/limit.h"

namespace plumbline {
namespace {

constexpr std::int64_t kPoints = 1'000;
constexpr std::uint64_t kRoom = 2 * kPoints;
constexpr std::uint64_t kTight = kPoints / 10;
constexpr UnixNanos kSecond = 1'000'000'000;
constexpr UnixNanos kNow = 1'790'000'000 * kSecond;

constexpr MetricSpec kServed{.name = "bench.requests",
                             .instrument = Instrument::kCounter,
                             .unit = Unit::kRequest,
                             .description = "",
                             .source = "",
                             .attributes = {"linux.cgroup.path", "direction"}};

// 1,000 counters, in ticks of a second.
class Ticks {
 public:
  Ticks() {
    for (std::int64_t i = 0; i < kPoints; ++i) add(i);
  }

  // Each grows by its own measure, and now and then another one by most.
  Batch& next() {
    ++tick_;
    table_.sweep();
    batch_.clear();
    batch_.time = kNow + static_cast<UnixNanos>(tick_) * kSecond;
    for (std::size_t i = 0; i < series_.size(); ++i) {
      values_[i] += static_cast<std::int64_t>((i * 7919 + static_cast<std::size_t>(tick_) / 60) %
                                              series_.size());
      batch_.add(series_[i], values_[i]);
    }
    return batch_;
  }

  // As many series as this are gone, and others are there.
  void replace(std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(made_ % kPoints);
      series_[at] = make(made_++);
      values_[at] = 0;
    }
  }

 private:
  SeriesRef make(std::int64_t number) {
    const auto group = "/kubepods.slice/pod" + std::to_string(10'000 + number);
    return table_.get(kServed, {group, "receive"});
  }
  void add(std::int64_t number) {
    series_.push_back(make(number));
    values_.push_back(0);
    ++made_;
  }

  SeriesTable table_{kNow - 1};
  Batch batch_;
  std::vector<SeriesRef> series_;
  std::vector<std::int64_t> values_;
  std::int64_t made_ = 0;
  std::int64_t tick_ = 0;
};

LimitsConfig budget(std::uint64_t series) {
  LimitsConfig config;
  config.series_per_metric = series;
  return config;
}

void without_a_limit(benchmark::State& state) {
  Ticks ticks;
  Latest latest;
  for (auto _ : state) {
    state.PauseTiming();
    auto& batch = ticks.next();
    state.ResumeTiming();
    latest.update("bench", batch);
  }
  state.SetItemsProcessed(state.iterations() * kPoints);
}
BENCHMARK(without_a_limit);

void run(benchmark::State& state,
         std::uint64_t series,
         std::chrono::nanoseconds rank_period,
         std::int64_t newcomers) {
  Ticks ticks;
  Latest latest;
  SeriesLimit limit(budget(series), rank_period);
  for (auto _ : state) {
    state.PauseTiming();
    ticks.replace(newcomers);
    auto& batch = ticks.next();
    state.ResumeTiming();
    limit.apply("bench", batch);
    latest.update("bench", batch);
  }
  state.SetItemsProcessed(state.iterations() * kPoints);
}

void kept(benchmark::State& state) {
  run(state, kRoom, SeriesLimit::kRankPeriod, 0);
}
BENCHMARK(kept);

void overflowed(benchmark::State& state) {
  run(state, kTight, SeriesLimit::kRankPeriod, 0);
}
BENCHMARK(overflowed);

void ranked(benchmark::State& state) {
  run(state, kTight, std::chrono::seconds(1), 0);
}
BENCHMARK(ranked);

void newcomers(benchmark::State& state) {
  run(state, kTight, SeriesLimit::kRankPeriod, kPoints / 10);
}
BENCHMARK(newcomers);

}  // namespace
}  // namespace plumbline
