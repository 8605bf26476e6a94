// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace plumbline {

// The base-2 exponential histogram of OTLP at scale 3: bucket i counts values in
// (2^(i/8), 2^((i+1)/8)], eight buckets a doubling, so a value is known to within 4.4 %.
// The same boundaries are used in the kernel, so a bucket is never split or moved on the way.
// OpenTelemetry metrics data model, "ExponentialHistogram".
inline constexpr int kHistogramScale = 3;
inline constexpr int kBucketsPerDoubling = 1 << kHistogramScale;

// The bucket of a positive finite value, exact on boundaries (2^k is the last value of its bucket).
int bucket_index(double value);

// The upper, inclusive bound of a bucket: 2^((index+1)/8).
double bucket_upper_bound(int index);

// A histogram somebody else owns. Cumulative since the start of its series.
struct HistogramView {
  std::uint64_t count = 0;       // all values, zero_count included
  double sum = 0;                // of all values
  std::uint64_t zero_count = 0;  // values in [0, zero_threshold]
  double zero_threshold = 0;
  int offset = 0;  // index of the first bucket
  std::span<const std::uint64_t> buckets{};
};

// A histogram that records and merges. Grows to the buckets it has seen; values at or below
// `zero_threshold` are counted as zero, NaN and infinities are refused.
class ExpHistogram {
 public:
  ExpHistogram() = default;
  explicit ExpHistogram(double zero_threshold) : zero_threshold_(zero_threshold) {}

  // Returns false, and counts nothing, for NaN, infinite and negative values.
  bool record(double value, std::uint64_t times = 1);
  // Exact: both have the same boundaries. Zero thresholds must be equal.
  void merge(const HistogramView& other);
  // Becomes a copy of `other`; its memory is used again.
  void assign(const HistogramView& other);
  void clear();

  HistogramView view() const {
    return {.count = count_,
            .sum = sum_,
            .zero_count = zero_count_,
            .zero_threshold = zero_threshold_,
            .offset = offset_,
            .buckets = buckets_};
  }

 private:
  std::uint64_t& bucket(int index);

  std::uint64_t count_ = 0;
  double sum_ = 0;
  std::uint64_t zero_count_ = 0;
  double zero_threshold_ = 0;
  int offset_ = 0;
  std::vector<std::uint64_t> buckets_;
};

// The value below which the share `q` (0 to 1) of all values lies, interpolated inside its bucket
// on the logarithmic scale. NaN for an empty histogram.
double quantile(const HistogramView& histogram, double q);

}  // namespace plumbline
