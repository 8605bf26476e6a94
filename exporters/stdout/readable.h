// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "agent/config/problem.h"
#include "agent/core/result.h"

namespace plumbline {

struct TableStyle {
  std::size_t width = 0;  // characters a line may have; 0: as many as it needs
  Colour colour = Colour::kOff;
};

// An ExportMetricsServiceRequest as a table for a person, sorted by metric and attributes: metric,
// attributes, value with unit; histograms as count, mean, p50 and p99. Control characters in names
// and values are escaped; attributes that do not fit end in "…". Error: kMalformed.
Result<std::string> readable_metrics(std::string_view request, const TableStyle& style);

}  // namespace plumbline
