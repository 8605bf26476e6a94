// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "agent/core/result.h"
#include "exporters/stdout/readable.h"

namespace plumbline {

// An ExportTraceServiceRequest as a line for each span: start, duration, kind, name, status, trace,
// span and parent, attributes. Error: kMalformed.
Result<std::string> readable_spans(std::string_view request, const TableStyle& style);

// An ExportLogsServiceRequest as a line for each record: time, severity, event name, body,
// attributes. Error: kMalformed.
Result<std::string> readable_logs(std::string_view request, const TableStyle& style);

}  // namespace plumbline
