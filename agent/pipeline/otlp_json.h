// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "agent/core/result.h"
#include "exporters/exporter.h"

namespace plumbline {

// An OTLP request in the JSON encoding of the OTLP specification, on one line: lowerCamelCase keys,
// enumerations as numbers, 64-bit integers as strings, trace and span ids in hex, other bytes in
// base64. Fields this does not know are left out. Error: kMalformed.
Result<std::string> otlp_to_json(Signal signal, std::string_view request);

}  // namespace plumbline
