// SPDX-License-Identifier: Apache-2.0
#include "agent/core/histogram.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace plumbline {
namespace {

// 2^(k/8) for k = 1..7, correctly rounded: what a mantissa in (1, 2) is compared with.
constexpr std::array kMantissaBounds{1.0905077326652577,
                                     1.189207115002721,
                                     1.2968395546510096,
                                     1.4142135623730951,
                                     1.5422108254079407,
                                     1.681792830507429,
                                     1.8340080864093424};

}  // namespace

int bucket_index(double value) {
  int exponent = 0;
  const double mantissa = 2 * std::frexp(value, &exponent);  // value = mantissa * 2^(exponent-1)
  const int doubling = exponent - 1;
  if (mantissa == 1.0) return doubling * kBucketsPerDoubling - 1;
  const auto at = std::lower_bound(kMantissaBounds.begin(), kMantissaBounds.end(), mantissa);
  return doubling * kBucketsPerDoubling + static_cast<int>(at - kMantissaBounds.begin());
}

double bucket_upper_bound(int index) {
  const int next = index + 1;
  const int doubling = next >> kHistogramScale;  // floor division, also below zero
  const int within = next & (kBucketsPerDoubling - 1);
  const double mantissa = within == 0 ? 1.0 : kMantissaBounds[static_cast<std::size_t>(within) - 1];
  return std::ldexp(mantissa, doubling);
}

std::uint64_t& ExpHistogram::bucket(int index) {
  if (buckets_.empty()) {
    offset_ = index;
    buckets_.push_back(0);
  }
  if (index < offset_) {
    buckets_.insert(buckets_.begin(), static_cast<std::size_t>(offset_ - index), 0);
    offset_ = index;
  }
  const auto at = static_cast<std::size_t>(index - offset_);
  if (at >= buckets_.size()) buckets_.resize(at + 1, 0);
  return buckets_[at];
}

bool ExpHistogram::record(double value, std::uint64_t times) {
  if (!std::isfinite(value) || value < 0) return false;
  count_ += times;
  sum_ += value * static_cast<double>(times);
  if (value == 0 || value <= zero_threshold_) {
    zero_count_ += times;
  } else {
    bucket(bucket_index(value)) += times;
  }
  return true;
}

void ExpHistogram::merge(const HistogramView& other) {
  count_ += other.count;
  sum_ += other.sum;
  zero_count_ += other.zero_count;
  for (std::size_t i = 0; i < other.buckets.size(); ++i) {
    if (other.buckets[i] == 0) continue;
    bucket(other.offset + static_cast<int>(i)) += other.buckets[i];
  }
}

void ExpHistogram::assign(const HistogramView& other) {
  count_ = other.count;
  sum_ = other.sum;
  zero_count_ = other.zero_count;
  zero_threshold_ = other.zero_threshold;
  offset_ = other.offset;
  buckets_.assign(other.buckets.begin(), other.buckets.end());
}

void ExpHistogram::clear() {
  count_ = 0;
  sum_ = 0;
  zero_count_ = 0;
  std::fill(buckets_.begin(), buckets_.end(), 0);
}

double quantile(const HistogramView& histogram, double q) {
  if (histogram.count == 0) return std::numeric_limits<double>::quiet_NaN();
  const double rank = std::clamp(q, 0.0, 1.0) * static_cast<double>(histogram.count);
  auto seen = static_cast<double>(histogram.zero_count);
  if (rank <= seen && histogram.zero_count > 0) return 0;
  double upper = 0;
  for (std::size_t i = 0; i < histogram.buckets.size(); ++i) {
    if (histogram.buckets[i] == 0) continue;
    const auto inside = static_cast<double>(histogram.buckets[i]);
    upper = bucket_upper_bound(histogram.offset + static_cast<int>(i));
    if (seen + inside >= rank) {
      const double share = std::max(0.0, (rank - seen) / inside);
      return upper * std::exp2((share - 1) / kBucketsPerDoubling);
    }
    seen += inside;
  }
  return upper;
}

}  // namespace plumbline
