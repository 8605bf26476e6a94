// SPDX-License-Identifier: Apache-2.0
#include "collectors/bpf/latency.h"

#include <cmath>
#include <cstdint>
#include <random>

#include <gtest/gtest.h>

#include "agent/core/histogram.h"

namespace plumbline::bpf {
namespace {

constexpr std::uint64_t kLastBound = 128'000'000'000;

// The OTLP index the kernel half gives to a duration.
int kernel_index(const latency_tables& tables, std::uint64_t ns) {
  return LATENCY_FIRST_INDEX + static_cast<int>(latency_bucket(&tables, ns));
}

// The index by definition: the first i whose bound 2^((i+1)/8) s is not below ns, in exact enough
// arithmetic (64 bits of mantissa for at most 37 bits of value).
int true_index(std::uint64_t ns) {
  int index = bucket_index(static_cast<double>(ns) * 1e-9) - 2;
  const auto seconds = static_cast<long double>(ns) / 1e9L;
  while (std::exp2((index + 1) / 8.0L) < seconds) ++index;
  return index;
}

TEST(Latency, kernel_and_user_space_agree_on_every_boundary) {
  const auto tables = make_latency_tables();
  for (int i = 0; i < LATENCY_BUCKETS; ++i) {
    const std::uint64_t bound = tables.bound_ns[i];
    for (const auto ns : {bound - 1, bound, bound + 1}) {
      if (ns <= tables.zero_ns || ns > kLastBound) continue;
      EXPECT_EQ(kernel_index(tables, ns), true_index(ns)) << ns;
      EXPECT_EQ(kernel_index(tables, ns), bucket_index(static_cast<double>(ns) / 1e9)) << ns;
    }
  }
}

TEST(Latency, kernel_and_user_space_agree_on_random_durations) {
  const auto tables = make_latency_tables();
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> exponent(std::log2(954), std::log2(kLastBound));
  for (int i = 0; i < 1'000'000; ++i) {
    const auto ns = static_cast<std::uint64_t>(std::exp2(exponent(random)));
    if (ns <= tables.zero_ns) continue;
    ASSERT_EQ(kernel_index(tables, ns), bucket_index(static_cast<double>(ns) / 1e9)) << ns;
  }
}

TEST(Latency, the_longer_range_agrees_too) {
  const auto tables = make_latency_tables(LatencyRange::kMilliseconds);
  EXPECT_DOUBLE_EQ(zero_threshold(LatencyRange::kMilliseconds), 0x1p-10);
  for (int i = 0; i < LATENCY_BUCKETS; ++i) {
    const std::uint64_t bound = tables.bound_ns[i];
    for (const auto ns : {bound - 1, bound, bound + 1}) {
      if (ns <= tables.zero_ns || ns > tables.bound_ns[LATENCY_BUCKETS - 1]) continue;
      const int index = -80 + static_cast<int>(latency_bucket(&tables, ns));
      EXPECT_EQ(index, bucket_index(static_cast<double>(ns) / 1e9)) << ns;
    }
  }
}

TEST(Latency, powers_of_two_seconds_are_the_last_value_of_their_bucket) {
  const auto tables = make_latency_tables();
  EXPECT_EQ(kernel_index(tables, 1'000'000'000), -1);
  EXPECT_EQ(kernel_index(tables, 1'000'000'001), 0);
  EXPECT_EQ(kernel_index(tables, 500'000'000), -9);
}

TEST(Latency, short_durations_are_zero_and_long_ones_go_to_the_last_bucket) {
  const auto tables = make_latency_tables();
  latency_histogram kernel{};
  for (const std::uint64_t ns : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{953}}) {
    latency_record(&tables, &kernel, ns);
  }
  EXPECT_EQ(kernel.zero, 3U);
  latency_record(&tables, &kernel, 954);
  EXPECT_EQ(kernel.buckets[0], 1U);
  latency_record(&tables, &kernel, kLastBound + 1);
  latency_record(&tables, &kernel, ~std::uint64_t{0} >> 1U);
  EXPECT_EQ(kernel.buckets[LATENCY_BUCKETS - 1], 2U);
}

TEST(Latency, taking_moves_everything_and_leaves_nothing) {
  const auto tables = make_latency_tables();
  latency_histogram kernel{};
  ExpHistogram expected = make_latency_histogram();
  ExpHistogram taken = make_latency_histogram();
  for (std::uint64_t ns = 100; ns < kLastBound; ns = ns * 3 / 2) {
    latency_record(&tables, &kernel, ns);
    expected.record(static_cast<double>(ns) * 1e-9);
    if (ns % 2 == 0) take(kernel, taken);
  }
  take(kernel, taken);
  const auto want = expected.view();
  const auto got = taken.view();
  EXPECT_EQ(got.count, want.count);
  EXPECT_EQ(got.zero_count, want.zero_count);
  EXPECT_NEAR(got.sum, want.sum, 1e-6);
  for (const double q : {0.01, 0.25, 0.5, 0.9, 1.0}) {
    EXPECT_DOUBLE_EQ(quantile(got, q), quantile(want, q));
  }
  take(kernel, taken);
  EXPECT_EQ(taken.view().count, want.count);
}

}  // namespace
}  // namespace plumbline::bpf
