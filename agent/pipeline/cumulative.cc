// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/cumulative.h"

#include <cmath>
#include <limits>

namespace plumbline {

double as_real(const MetricSpec& spec, Number value) {
  return is_integral(spec.unit) ? static_cast<double>(value.integer) : value.real;
}

bool was_reset(const MetricSpec& spec, Number before, Number now) {
  if (!spec.monotonic()) return false;
  return is_integral(spec.unit) ? now.integer < before.integer : now.real < before.real;
}

bool was_reset(const HistogramView& before, const HistogramView& now) {
  if (now.count < before.count || now.zero_count < before.zero_count) return true;
  const auto shift = static_cast<std::int64_t>(before.offset) - now.offset;
  for (std::size_t i = 0; i < before.buckets.size(); ++i) {
    if (before.buckets[i] == 0) continue;
    const auto at = static_cast<std::int64_t>(i) + shift;
    if (at < 0 || at >= static_cast<std::int64_t>(now.buckets.size())) return true;
    if (now.buckets[static_cast<std::size_t>(at)] < before.buckets[i]) return true;
  }
  return false;
}

Number sum(const MetricSpec& spec, Number a, Number b) {
  if (!is_integral(spec.unit)) return {.real = a.real + b.real};
  Number result{};
  if (__builtin_add_overflow(a.integer, b.integer, &result.integer)) {
    using Limits = std::numeric_limits<std::int64_t>;
    result.integer = a.integer < 0 ? Limits::min() : Limits::max();
  }
  return result;
}

Number growth(const MetricSpec& spec, Number before, Number now) {
  if (was_reset(spec, before, now)) return now;
  Number result{};
  if (is_integral(spec.unit)) {
    if (__builtin_sub_overflow(now.integer, before.integer, &result.integer)) return now;
    return result;
  }
  result.real = now.real - before.real;
  return std::isfinite(result.real) ? result : Number{.real = 0};
}

void add_growth(const HistogramView& before,
                const HistogramView& now,
                ExpHistogram& total,
                std::vector<std::uint64_t>& scratch) {
  if (was_reset(before, now)) {
    total.merge(now);
    return;
  }
  scratch.assign(now.buckets.begin(), now.buckets.end());
  for (std::size_t i = 0; i < before.buckets.size(); ++i) {
    if (before.buckets[i] == 0) continue;
    const auto at = static_cast<std::int64_t>(i) + before.offset - now.offset;
    scratch[static_cast<std::size_t>(at)] -= before.buckets[i];
  }
  total.merge({.count = now.count - before.count,
               .sum = now.sum - before.sum,
               .zero_count = now.zero_count - before.zero_count,
               .zero_threshold = now.zero_threshold,
               .offset = now.offset,
               .buckets = scratch});
}

}  // namespace plumbline
