// SPDX-License-Identifier: Apache-2.0
#include "exporters/stdout/attributes.h"

#include <iterator>

#include <fmt/format.h>

#include "agent/core/log.h"
#include "agent/core/series.h"

namespace plumbline {

using protozero::tag_and_type;
using enum protozero::pbf_wire_type;

std::string read_value(protozero::pbf_reader any) {
  std::string text;
  while (any.next()) {
    switch (any.tag_and_type()) {
      case tag_and_type(1, length_delimited):
        text = any.get_string();
        break;
      case tag_and_type(2, varint):
        text = any.get_bool() ? "true" : "false";
        break;
      case tag_and_type(3, varint):
        text = std::to_string(any.get_int64());
        break;
      case tag_and_type(4, fixed64):
        text = fmt::format("{}", any.get_double());
        break;
      default:
        any.skip();
        text = "…";  // a list, a map or bytes
    }
  }
  return text;
}

ReadAttribute read_attribute(protozero::pbf_reader pair) {
  ReadAttribute out;
  while (pair.next()) {
    switch (pair.tag_and_type()) {
      case tag_and_type(1, length_delimited): {
        const auto key = pair.get_view();
        out.first = {key.data(), key.size()};
        break;
      }
      case tag_and_type(2, length_delimited):
        out.second = read_value(pair.get_message());
        break;
      default:
        pair.skip();
    }
  }
  return out;
}

std::string clean_text(std::string_view text) {
  return escape_line(valid_utf8(text));
}

std::string attribute_line(const std::vector<ReadAttribute>& attributes) {
  std::string out;
  for (const auto& [key, value] : attributes) {
    fmt::format_to(std::back_inserter(out),
                   "{}{}={}",
                   out.empty() ? "" : " ",
                   clean_text(key),
                   value.empty() ? "\"\"" : clean_text(value));
  }
  return out;
}

}  // namespace plumbline
