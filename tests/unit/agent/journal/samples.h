// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/core/clock.h"
#include "agent/journal/store.h"

namespace plumbline::samples {

inline constexpr UnixNanos kStart = 1'700'000'000'000'000'000U;
inline constexpr UnixNanos kSecondNanos = 1'000'000'000U;

// One data point of a sample.
struct Sample {
  std::string metric = "test.gauge";  // test.gauge, test.counter, test.histogram
  std::string host;                   // its only attribute
  UnixNanos time = kStart;
  double value = 0;
  UnixNanos start = 0;
};

// A request with these points, as the agent's encoder writes it.
std::string request(const std::vector<Sample>& points);

// A request of `series` points that change from second to second as those of a node do.
std::string node_second(std::uint64_t second, std::uint64_t series);

// The points of a request, as visit_points() tells them.
std::vector<Sample> parse(std::string_view request);

PendingBatch batch(Stream stream,
                   std::uint64_t sequence,
                   std::string bytes,
                   UnixNanos time = kStart,
                   std::uint64_t items = 1,
                   Signal signal = Signal::kMetrics);

}  // namespace plumbline::samples
