// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/clock.h"
#include "agent/core/result.h"
#include "exporters/exporter.h"

namespace plumbline {

// Which items of a request are wanted.
struct Selection {
  UnixNanos from = 0;
  UnixNanos to = ~UnixNanos{0} >> 1U;  // not included
  // Names of metrics, or patterns with * and ? and [a-z] as the shell has them; empty: all. Spans
  // and log records have no metric: with names, none of them is wanted.
  std::vector<std::string> metrics;
};

// What was selected of one request.
struct SelectedItems {
  std::uint64_t items = 0;
  UnixNanos first = 0;  // the time of the oldest
  std::uint64_t left_out = 0;
};

// Writes to `out` the request with the selected items alone: data points by their time, spans that
// touch the range, log records by their time or else when they were observed. Resource, scope and
// metric stay around them; envelopes without items are left out. Error: kMalformed.
Result<SelectedItems> select_items(Signal signal,
                                   std::string_view request,
                                   const Selection& selection,
                                   std::string& out);

}  // namespace plumbline
