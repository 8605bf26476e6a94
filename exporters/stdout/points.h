// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "agent/core/clock.h"
#include "agent/core/histogram.h"
#include "agent/core/result.h"

namespace plumbline {

// A data point as a person wants to see it. Text is as it came, not escaped; views are into the
// request.
struct ReadPoint {
  struct Histogram {
    HistogramView head;                  // its buckets are below
    std::vector<std::uint64_t> buckets;  // none when they are not of kHistogramScale
  };
  // monostate: no recorded value
  using Value = std::variant<std::monostate, std::int64_t, double, Histogram>;

  std::string_view metric;
  std::string_view unit;
  std::vector<std::pair<std::string_view, std::string>> attributes;
  UnixNanos time = 0;
  Value value;
};

// More points than any request of ours has.
inline constexpr std::size_t kReadPointsMax = 500'000;

// The number and exponential histogram points of an ExportMetricsServiceRequest, in its order;
// what else is in it is skipped. Errors: kMalformed; kExhausted beyond kReadPointsMax points.
Result<std::vector<ReadPoint>> read_points(std::string_view request);

}  // namespace plumbline
