// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "agent/core/result.h"

namespace plumbline {

// An ExportMetricsServiceRequest as lines for a person: the time, then "name{attributes} value
// unit" in the order of the request, histograms as count, mean, p50 and p99. Control characters in
// names and values are escaped. Error: kMalformed.
Result<std::string> readable_metrics(std::string_view request);

}  // namespace plumbline
