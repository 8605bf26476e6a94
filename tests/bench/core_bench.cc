// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdint>

#include <benchmark/benchmark.h>

#include "agent/core/batch.h"
#include "agent/core/histogram.h"
#include "agent/core/series.h"

namespace plumbline {
namespace {

constexpr MetricSpec kBytes{.name = "bench.bytes",
                            .instrument = Instrument::kCounter,
                            .unit = Unit::kBytes,
                            .description = "",
                            .source = "",
                            .attributes = {"device", "number"}};

// One value into a histogram that has seen its range.
void histogram_record(benchmark::State& state) {
  ExpHistogram histogram;
  double value = 1e-6;
  for (auto _ : state) {
    histogram.record(value);
    value = value < 1 ? value * 1.1 : 1e-6;
  }
  benchmark::DoNotOptimize(histogram.view().count);
}
BENCHMARK(histogram_record);

// Two histograms of 20 doublings each, as a tick merges cgroups.
void histogram_merge(benchmark::State& state) {
  ExpHistogram one;
  for (double value = 1e-6; value < 1; value *= 1.05) one.record(value);
  ExpHistogram sum = one;
  for (auto _ : state) sum.merge(one.view());
  benchmark::DoNotOptimize(sum.view().count);
}
BENCHMARK(histogram_merge);

// A tick of a collector: the argument is its number of series, all of them known.
void batch_of_known_series(benchmark::State& state) {
  SeriesTable table(0);
  Batch batch;
  for (auto _ : state) {
    batch.clear();
    for (std::int64_t i = 0; i < state.range(0); ++i) batch.add(table.get(kBytes, {"sda", i}), i);
    table.sweep();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(batch_of_known_series)->Arg(100)->Arg(10'000);

}  // namespace
}  // namespace plumbline
