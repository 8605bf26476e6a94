// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic of the values of metrics, most of all of those that count up since a start.
#pragma once

#include <cstdint>
#include <vector>

#include "agent/core/batch.h"
#include "agent/core/histogram.h"
#include "agent/core/metric.h"

namespace plumbline {

// The value of a metric that is no histogram, whole or not.
double as_real(const MetricSpec& spec, Number value);

// Whether a cumulative value was set back between two points: a monotonic one that went down.
bool was_reset(const MetricSpec& spec, Number before, Number now);

// Any count that went down tells a reset, not only the whole: after a reset it can have counted
// more than before, but not in every bucket.
bool was_reset(const HistogramView& before, const HistogramView& now);

// a + b of one metric; whole numbers stop at their largest value.
Number sum(const MetricSpec& spec, Number a, Number b);

// What a monotonic value grew by: all of it when it was reset. 0 when that is not finite.
Number growth(const MetricSpec& spec, Number before, Number now);

// Adds to `total` what a histogram grew by. `scratch` is memory to be used again.
void add_growth(const HistogramView& before,
                const HistogramView& now,
                ExpHistogram& total,
                std::vector<std::uint64_t>& scratch);

}  // namespace plumbline
