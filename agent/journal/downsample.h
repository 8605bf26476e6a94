// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "agent/core/result.h"

namespace plumbline {

// Makes one request out of the requests of a window, by choosing points, never by making new ones:
// - gauges and sums that can fall: the least, the greatest and the last point, each at the time it
//   was measured, so that a spike keeps its second;
// - cumulative counters and histograms: the last point, which holds all that was counted, and the
//   last before each reset;
// - delta points and summaries: all of them; points that say "no recorded value": all.
// Points of one series stay in order of time. Reading the result needs nothing but OTLP.
class Downsampler {
 public:
  Downsampler();
  Downsampler(const Downsampler&) = delete;
  Downsampler& operator=(const Downsampler&) = delete;
  Downsampler(Downsampler&&) = delete;
  Downsampler& operator=(Downsampler&&) = delete;
  ~Downsampler();

  // Requests come in order. kMalformed: the request adds what stood before its damage.
  Result<> add(std::string_view request);

  struct Window {
    std::string request;      // empty when there was no point
    std::uint64_t items = 0;  // data points in it
  };
  // What was added since the last call; forgets it.
  Window finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plumbline
