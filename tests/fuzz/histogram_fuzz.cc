// SPDX-License-Identifier: Apache-2.0
//
// Input: doubles, eight bytes each. Every one lies within the bounds of its bucket, and two merged
// halves are the whole.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <numeric>

#include "agent/core/histogram.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  plumbline::ExpHistogram whole;
  plumbline::ExpHistogram left;
  plumbline::ExpHistogram right;
  const std::size_t values = size / sizeof(double);
  std::uint64_t accepted = 0;
  for (std::size_t i = 0; i < values; ++i) {
    double value = 0;
    std::memcpy(&value, data + i * sizeof(double), sizeof(double));
    const bool recorded = whole.record(value);
    require(recorded == (std::isfinite(value) && value >= 0));
    (i % 2 == 0 ? left : right).record(value);
    if (!recorded) continue;
    ++accepted;
    if (value == 0) continue;
    const int index = plumbline::bucket_index(value);
    require(value <= plumbline::bucket_upper_bound(index));
    // Below the smallest normal number neighbouring bounds round to the same value.
    const double lower = plumbline::bucket_upper_bound(index - 1);
    require(value >= std::numeric_limits<double>::min() ? lower < value : lower <= value);
  }
  left.merge(right.view());

  const auto expected = whole.view();
  const auto merged = left.view();
  require(expected.count == accepted && merged.count == accepted);
  require(merged.zero_count == expected.zero_count);
  const auto in_buckets =
      std::accumulate(merged.buckets.begin(), merged.buckets.end(), std::uint64_t{0});
  require(merged.zero_count + in_buckets == accepted);
  require(std::equal(merged.buckets.begin(),
                     merged.buckets.end(),
                     expected.buckets.begin(),
                     expected.buckets.end()));
  require(expected.buckets.empty() || merged.offset == expected.offset);
  const double median = plumbline::quantile(expected, 0.5);
  require(accepted == 0 ? std::isnan(median) : median >= 0);
  return 0;
}
