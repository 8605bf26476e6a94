// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "agent/core/result.h"

namespace plumbline {

// "a=1,b=two%20words", as OTEL_RESOURCE_ATTRIBUTES and OTEL_EXPORTER_OTLP_HEADERS are written (W3C
// Baggage: percent-encoded, blanks around names and values do not count, the last of equal names
// wins). Error: kMalformed; it names the key at most, never a value.
Result<std::map<std::string, std::string>> parse_key_values(std::string_view text);

}  // namespace plumbline
