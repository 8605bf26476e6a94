// SPDX-License-Identifier: Apache-2.0
// One walk over the field tables. Protobuf's own JSON form is not OTLP's: ids would be base64 and
// enumerations names.
#include "agent/pipeline/otlp_json.h"

#include <cmath>
#include <iterator>

#include <fmt/format.h>
#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>

#include "agent/core/log.h"
#include "agent/core/series.h"
#include "agent/pipeline/otlp_fields.h"

namespace plumbline {
namespace {

using otlp::Count;
using otlp::FieldRow;
using otlp::Table;
using otlp::Type;
using protozero::data_view;
using protozero::pbf_reader;
using protozero::pbf_wire_type;

// Deeper than any request of ours: an attribute may be a list of lists, a hostile one without end.
constexpr int kDepthMax = 32;

std::string_view text_of(data_view view) {
  return {view.data(), view.size()};
}

void write_text(std::string_view text, std::string& out) {
  out.append("\"").append(escape_json(valid_utf8(text))).append("\"");
}

void write_hex(std::string_view bytes, std::string& out) {
  out.push_back('"');
  for (const char byte : bytes) {
    fmt::format_to(std::back_inserter(out), "{:02x}", static_cast<unsigned char>(byte));
  }
  out.push_back('"');
}

void write_base64(std::string_view bytes, std::string& out) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  out.push_back('"');
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group <<= 8U;
      if (i + k < bytes.size()) group |= static_cast<unsigned char>(bytes[i + k]);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      const bool padding = i + k > bytes.size();
      out.push_back(padding ? '=' : kDigits[(group >> (18 - 6 * k)) & 63U]);
    }
  }
  out.push_back('"');
}

// JSON has no NaN and no infinity; proto3's JSON mapping writes them as text. A "-0" would be read
// as an integer, which has no sign there.
void write_double(double value, std::string& out) {
  if (std::isnan(value)) {
    out.append("\"NaN\"");
  } else if (std::isinf(value)) {
    out.append(value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
  } else if (value == 0 && std::signbit(value)) {
    out.append("-0.0");
  } else {
    fmt::format_to(std::back_inserter(out), "{}", value);
  }
}

pbf_wire_type wire_type_of(Type type) {
  switch (type) {
    case Type::kText:
    case Type::kHex:
    case Type::kBase64:
    case Type::kMessage:
      return pbf_wire_type::length_delimited;
    case Type::kBool:
    case Type::kUint32:
    case Type::kSint32:
    case Type::kInt64:
    case Type::kUint64:
      return pbf_wire_type::varint;
    case Type::kFixed32:
      return pbf_wire_type::fixed32;
    case Type::kFixed64:
    case Type::kSfixed64:
    case Type::kDouble:
      return pbf_wire_type::fixed64;
  }
  return pbf_wire_type::unknown;
}

void write_message(Table table, data_view message, int depth, std::string& out);

void write_value(const FieldRow& row, pbf_reader& field, int depth, std::string& out) {
  const auto number = [&](auto value) { fmt::format_to(std::back_inserter(out), "{}", value); };
  const auto quoted = [&](auto value) { fmt::format_to(std::back_inserter(out), "\"{}\"", value); };
  switch (row.type) {
    case Type::kText:
      return write_text(text_of(field.get_view()), out);
    case Type::kHex:
      return write_hex(text_of(field.get_view()), out);
    case Type::kBase64:
      return write_base64(text_of(field.get_view()), out);
    case Type::kBool:
      out.append(field.get_bool() ? "true" : "false");
      return;
    case Type::kUint32:
      return number(field.get_uint32());
    case Type::kSint32:
      return number(field.get_sint32());
    case Type::kInt64:
      return quoted(field.get_int64());
    case Type::kUint64:
      return quoted(field.get_uint64());
    case Type::kFixed32:
      return number(field.get_fixed32());
    case Type::kFixed64:
      return quoted(field.get_fixed64());
    case Type::kSfixed64:
      return quoted(field.get_sfixed64());
    case Type::kDouble:
      return write_double(field.get_double(), out);
    case Type::kMessage:
      write_message(row.message(), field.get_view(), depth + 1, out);
  }
}

void separate(std::string& out) {
  if (out.back() != '{' && out.back() != '[') out.push_back(',');
}

// A packed list of numbers: fixed64 and double lie side by side, varints one behind the other.
void write_packed(const FieldRow& row, pbf_reader& field, std::string& out) {
  if (row.type == Type::kUint64) {
    for (const auto value : field.get_packed_uint64()) {
      separate(out);
      fmt::format_to(std::back_inserter(out), "\"{}\"", value);
    }
  } else if (row.type == Type::kDouble) {
    for (const auto value : field.get_packed_double()) {
      separate(out);
      write_double(value, out);
    }
  } else {
    for (const auto value : field.get_packed_fixed64()) {
      separate(out);
      fmt::format_to(std::back_inserter(out), "\"{}\"", value);
    }
  }
}

// All values of one field; nothing when the message has none.
void write_field(const FieldRow& row, data_view message, int depth, std::string& out) {
  pbf_reader reader(message);
  const auto wire = wire_type_of(row.type);
  bool found = false;
  while (reader.next(row.tag)) {
    const bool packed = row.count == Count::kMany && wire != pbf_wire_type::length_delimited &&
                        reader.wire_type() == pbf_wire_type::length_delimited;
    if (reader.wire_type() != wire && !packed) {
      reader.skip();
      continue;
    }
    if (!found) {
      separate(out);
      out.append("\"").append(row.name).append(row.count == Count::kMany ? "\":[" : "\":");
    } else if (row.count == Count::kOne) {
      reader.skip();
      continue;
    }
    found = true;
    if (packed) {
      write_packed(row, reader, out);
      continue;
    }
    if (row.count == Count::kMany) separate(out);
    write_value(row, reader, depth, out);
  }
  if (found && row.count == Count::kMany) out.push_back(']');
}

void write_message(Table table, data_view message, int depth, std::string& out) {
  if (depth > kDepthMax) throw protozero::invalid_length_exception();
  out.push_back('{');
  for (const auto& row : table) write_field(row, message, depth, out);
  out.push_back('}');
}

}  // namespace

Result<std::string> otlp_to_json(Signal signal, std::string_view request) try {
  std::string out;
  write_message(otlp::request_table(signal), {request.data(), request.size()}, 0, out);
  return out;
} catch (const protozero::exception& error) {
  return Error{.code = Errc::kMalformed,
               .what = fmt::format("not an OTLP request: {}", error.what())};
}

}  // namespace plumbline
