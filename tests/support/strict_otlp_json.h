// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

namespace plumbline {

// Reads OTLP JSON as the specification words it, where real receivers are lenient: keys in
// lowerCamelCase, each known and given once; enumerations as numbers; 64-bit integers as text of
// digits; trace and span ids in hexadecimal; other bytes in base64. Returns what is wrong, with its
// place; empty when nothing is and `message` holds what was read.
std::string read_strict_otlp_json(std::string_view json, google::protobuf::Message& message);

}  // namespace plumbline
