// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <protozero/pbf_reader.hpp>

namespace plumbline {

using ReadAttribute = std::pair<std::string_view, std::string>;

// An AnyValue as a person wants to see it; lists, maps and bytes are "…".
std::string read_value(protozero::pbf_reader any);
// A KeyValue. The text is as it came, not escaped; the key is a view into the message.
ReadAttribute read_attribute(protozero::pbf_reader pair);

// "key=value key=value", escaped so that no text can forge a line.
std::string attribute_line(const std::vector<ReadAttribute>& attributes);
std::string clean_text(std::string_view text);

}  // namespace plumbline
