// SPDX-License-Identifier: Apache-2.0
#include "collectors/bpf/latency.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>

#include "collectors/bpf/mapped_array.h"

namespace plumbline::bpf {
namespace {

// The largest whole ns that is not above 2^(eighths/8) seconds.
__u64 floor_ns(int eighths) {
  return static_cast<__u64>(
      std::floor(1e9L * std::exp2(static_cast<long double>(eighths) / kBucketsPerDoubling)));
}

}  // namespace

double zero_threshold(LatencyRange range) {
  return bucket_upper_bound(static_cast<int>(range) - 1);
}

latency_tables make_latency_tables(LatencyRange range) {
  const auto first_index = static_cast<int>(range);
  latency_tables tables{};
  tables.zero_ns = floor_ns(first_index);
  std::ranges::fill(tables.bound_ns, std::numeric_limits<__u64>::max());
  for (int i = 0; i < LATENCY_BUCKETS; ++i) {
    tables.bound_ns[i] = floor_ns(first_index + i + 1);
  }
  for (unsigned at = 0; at < std::size(tables.first); ++at) {
    const auto bit = at >> 3U;
    const auto after = at & 7U;
    auto smallest = __u64{1} << bit;
    if (bit >= 3) smallest += static_cast<__u64>(after) << (bit - 3);
    const auto* found = std::ranges::lower_bound(tables.bound_ns, smallest);
    tables.first[at] = static_cast<__u8>(
        std::min<std::ptrdiff_t>(found - std::begin(tables.bound_ns), LATENCY_BUCKETS));
  }
  return tables;
}

std::uint64_t take(latency_histogram& from, ExpHistogram& into, LatencyRange range) {
  const auto sum_ns = take(from.sum_ns);
  const std::uint64_t zero = take(from.zero);
  // Anything outside the zero bucket has a sum, which the kernel adds last: without one there is
  // nothing to look for.
  std::array<std::uint64_t, LATENCY_BUCKETS> buckets{};
  std::uint64_t count = zero;
  if (sum_ns > 0) {
    for (std::size_t i = 0; i < buckets.size(); ++i) count += buckets[i] = take(from.buckets[i]);
  }
  if (count == 0 && sum_ns == 0) return 0;
  into.merge({.count = count,
              .sum = static_cast<double>(sum_ns) * 1e-9,
              .zero_count = zero,
              .zero_threshold = zero_threshold(range),
              .offset = static_cast<int>(range),
              .buckets = buckets});
  return count;
}

std::uint64_t advance(const latency_histogram& now,
                      latency_histogram& before,
                      ExpHistogram& into,
                      LatencyRange range) {
  if (now.sum_ns == before.sum_ns && now.zero == before.zero) return 0;
  latency_histogram gained{};
  gained.sum_ns = now.sum_ns - before.sum_ns;
  gained.zero = now.zero - before.zero;
  for (std::size_t i = 0; i < LATENCY_BUCKETS; ++i) {
    gained.buckets[i] = now.buckets[i] - before.buckets[i];  // right across a wrap
  }
  before = now;
  return take(gained, into, range);
}

}  // namespace plumbline::bpf
