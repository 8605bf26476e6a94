// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/field_encode.h"

#include <string>
#include <variant>

#include "agent/core/series.h"

namespace plumbline {
namespace {

// Field numbers of opentelemetry.proto.common.v1.AnyValue.
struct ValueWriter {
  protozero::pbf_writer& any;

  void operator()(const std::string& text) const { any.add_string(1, valid_utf8(text)); }
  void operator()(bool flag) const { any.add_bool(2, flag); }
  void operator()(std::int64_t number) const { any.add_int64(3, number); }
  void operator()(double number) const { any.add_double(4, number); }
};

}  // namespace

void add_text(protozero::pbf_writer& message, protozero::pbf_tag_type tag, std::string_view text) {
  if (!text.empty()) message.add_string(tag, valid_utf8(text));
}

void add_fields(protozero::pbf_writer& message, protozero::pbf_tag_type tag, const Fields& fields) {
  for (const auto& [key, value] : fields) {
    protozero::pbf_writer pair(message, tag);
    pair.add_string(1, valid_utf8(key));
    protozero::pbf_writer any(pair, 2);
    std::visit(ValueWriter{any}, value);
  }
}

}  // namespace plumbline
