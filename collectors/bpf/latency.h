// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "agent/core/histogram.h"
#include "collectors/bpf/histogram.bpf.h"

namespace plumbline::bpf {

// Where a histogram begins, as the OTLP index of its first bucket; it spans 27 doublings from
// there.
enum class LatencyRange : int {
  kMicroseconds = LATENCY_FIRST_INDEX,  // 2^-20 s (954 ns) to 2^7 s (128 s)
  kMilliseconds = -80,                  // 2^-10 s (977 µs) to 2^17 s (36 h)
};

// The lower end of the first bucket in seconds: durations at or below it count as zero.
double zero_threshold(LatencyRange range);

// The tables that a program finds buckets with; assign them to its rodata before the load.
latency_tables make_latency_tables(LatencyRange range = LatencyRange::kMicroseconds);

// A user-space histogram of the same shape.
inline ExpHistogram make_latency_histogram(LatencyRange range = LatencyRange::kMicroseconds) {
  return ExpHistogram(zero_threshold(range));
}

// Moves what the kernel has counted into `into`; both have this range. Returns how many events.
std::uint64_t take(latency_histogram& from,
                   ExpHistogram& into,
                   LatencyRange range = LatencyRange::kMicroseconds);

// For histograms in a hash map, where nothing can be taken out: adds to `into` what `now` has
// gained on `before`, and makes `before` the same. Returns how many events that were. At most 2^32
// events of a bucket may pass between two calls.
std::uint64_t advance(const latency_histogram& now,
                      latency_histogram& before,
                      ExpHistogram& into,
                      LatencyRange range = LatencyRange::kMicroseconds);

}  // namespace plumbline::bpf
