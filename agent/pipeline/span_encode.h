// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "agent/core/span.h"

namespace plumbline {

// Appends one ExportTraceServiceRequest with these spans to `out`, nothing for none; several behind
// one another are one request. `resource` and `scope` are encoded messages.
void encode_spans(std::string_view resource,
                  std::string_view scope,
                  std::span<const Span* const> spans,
                  std::string& out);

}  // namespace plumbline
