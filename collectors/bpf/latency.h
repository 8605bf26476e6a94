// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/core/histogram.h"
#include "collectors/bpf/histogram.bpf.h"

namespace plumbline::bpf {

// 2^-20 s, the lower end of the first bucket: durations at or below it count as zero.
inline constexpr double kLatencyZeroThreshold = 0x1p-20;

// The tables that a program finds buckets with; assign them to its rodata before the load.
latency_tables make_latency_tables();

// A user-space histogram of the same shape.
inline ExpHistogram make_latency_histogram() {
  return ExpHistogram(kLatencyZeroThreshold);
}

// Moves what the kernel has counted into `into`.
void take(latency_histogram& from, ExpHistogram& into);

// For histograms in a hash map, where nothing can be taken out: adds to `into` what `now` has
// gained on `before`, and makes `before` the same. Returns whether there was any. At most 2^32
// events of a bucket may pass between two calls.
bool advance(const latency_histogram& now, latency_histogram& before, ExpHistogram& into);

}  // namespace plumbline::bpf
