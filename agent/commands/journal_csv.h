// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "agent/core/result.h"

namespace plumbline {

// The names of the columns, as the first line of the file.
std::string_view csv_head();

// Appends a line (RFC 4180, but ended by a newline alone) for each data point of an OTLP metrics
// request: time (RFC 3339 with all digits), metric, type, unit, attributes (a JSON object), value,
// and for histograms and summaries count, sum, min and max. What a point lacks is empty.
Result<> append_csv(std::string_view request, std::string& out);

}  // namespace plumbline
