// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/core/result.h"
#include "exporters/exporter.h"

namespace plumbline {

// How many items (data points, spans, log records) a request holds. Error: kMalformed.
Result<std::uint64_t> count_items(Signal signal, std::string_view request);

// The items [first, last) of a request as a request of their own, with their resource, scope and
// metric around them; envelopes without items are left out. What a receiver found too large is cut
// in two this way. Error: kMalformed.
Result<std::string> slice_items(Signal signal,
                                std::string_view request,
                                std::uint64_t first,
                                std::uint64_t last);

// The name of the first metric, span or log event in a request, for messages; may be empty.
std::string first_name(Signal signal, std::string_view request);

}  // namespace plumbline
