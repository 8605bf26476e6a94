// SPDX-License-Identifier: Apache-2.0
#include "exporters/stdout/readable_records.h"

#include <array>
#include <cstdint>
#include <vector>

#include <fmt/format.h>
#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>

#include "agent/core/log.h"
#include "exporters/stdout/attributes.h"
#include "exporters/stdout/quantity.h"

namespace plumbline {
namespace {

using protozero::data_view;
using protozero::pbf_reader;
using protozero::tag_and_type;
using enum protozero::pbf_wire_type;

constexpr std::uint32_t kError = 2;  // StatusCode

std::string hex(data_view bytes) {
  std::string out;
  for (const char c : std::string_view(bytes.data(), bytes.size())) {
    out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string kind_text(std::int32_t kind) {
  constexpr std::array<std::string_view, 6> kKinds{
      "", "internal", "server", "client", "producer", "consumer"};
  const auto i = static_cast<std::size_t>(kind);
  return std::string(kind >= 0 && i < kKinds.size() ? kKinds.at(i) : "");
}

std::string dimmed(std::string text, const TableStyle& style) {
  return style.colour == Colour::kOn ? fmt::format("\x1b[2m{}\x1b[0m", text) : text;
}

std::string bold(std::string text, const TableStyle& style) {
  return style.colour == Colour::kOn ? fmt::format("\x1b[1m{}\x1b[0m", text) : text;
}

// What of a Status is wrong; empty: nothing.
std::string failure_of(pbf_reader status) {
  std::string message;
  std::uint32_t code = 0;
  while (status.next()) {
    switch (status.tag_and_type()) {
      case tag_and_type(2, length_delimited):
        message = status.get_string();
        break;
      case tag_and_type(3, varint):
        code = status.get_uint32();
        break;
      default:
        status.skip();
    }
  }
  if (code != kError) return {};
  return message.empty() ? "failed" : fmt::format("failed: {}", message);
}

// Field numbers of opentelemetry.proto.trace.v1.Span.
std::string span_line(pbf_reader span, const TableStyle& style) {
  std::string ids;
  std::string name;
  std::string kind;
  std::string failure;
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  std::vector<ReadAttribute> attributes;
  while (span.next()) {
    switch (span.tag_and_type()) {
      case tag_and_type(1, length_delimited):
        ids += "trace=" + hex(span.get_view());
        break;
      case tag_and_type(2, length_delimited):
        ids += " span=" + hex(span.get_view());
        break;
      case tag_and_type(4, length_delimited):
        ids += " parent=" + hex(span.get_view());
        break;
      case tag_and_type(5, length_delimited):
        name = span.get_string();
        break;
      case tag_and_type(6, varint):
        kind = kind_text(span.get_int32());
        break;
      case tag_and_type(7, fixed64):
        start = span.get_fixed64();
        break;
      case tag_and_type(8, fixed64):
        end = span.get_fixed64();
        break;
      case tag_and_type(9, length_delimited):
        attributes.push_back(read_attribute(span.get_message()));
        break;
      case tag_and_type(15, length_delimited):
        failure = failure_of(span.get_message());
        break;
      default:
        span.skip();
    }
  }
  const auto seconds = end > start ? static_cast<double>(end - start) * 1e-9 : 0.0;
  return fmt::format("{}  {}  {}  {}{}{}  {}  {}\n",
                     dimmed(format_time(start), style),
                     quantity(seconds, "s"),
                     kind,
                     bold(clean_text(name), style),
                     failure.empty() ? "" : "  ",
                     clean_text(failure),
                     ids,
                     attribute_line(attributes));
}

// Field numbers of opentelemetry.proto.logs.v1.LogRecord.
std::string log_line(pbf_reader record, const TableStyle& style) {
  std::string severity;
  std::string body;
  std::string name;
  std::uint64_t time = 0;
  std::vector<ReadAttribute> attributes;
  while (record.next()) {
    switch (record.tag_and_type()) {
      case tag_and_type(1, fixed64):
        time = record.get_fixed64();
        break;
      case tag_and_type(3, length_delimited):
        severity = record.get_string();
        break;
      case tag_and_type(5, length_delimited):
        body = read_value(record.get_message());
        break;
      case tag_and_type(6, length_delimited):
        attributes.push_back(read_attribute(record.get_message()));
        break;
      case tag_and_type(12, length_delimited):
        name = record.get_string();
        break;
      default:
        record.skip();
    }
  }
  return fmt::format("{}  {}  {}  {}  {}\n",
                     dimmed(format_time(time), style),
                     clean_text(severity),
                     bold(clean_text(name), style),
                     clean_text(body),
                     attribute_line(attributes));
}

// A line for each item: requests, resources and scopes have theirs in fields 1, 2 and 2.
template <class Line>
Result<std::string> lines_of(std::string_view request, Line line) try {
  std::string out;
  pbf_reader reader(request.data(), request.size());
  while (reader.next(1, length_delimited)) {
    auto of_resource = reader.get_message();
    while (of_resource.next(2, length_delimited)) {
      auto of_scope = of_resource.get_message();
      while (of_scope.next(2, length_delimited)) out += line(of_scope.get_message());
    }
  }
  return out;
} catch (const protozero::exception& error) {
  return Error{.code = Errc::kMalformed,
               .what = fmt::format("not an OTLP request: {}", error.what())};
}

}  // namespace

Result<std::string> readable_spans(std::string_view request, const TableStyle& style) {
  return lines_of(request, [&](pbf_reader span) { return span_line(span, style); });
}

Result<std::string> readable_logs(std::string_view request, const TableStyle& style) {
  return lines_of(request, [&](pbf_reader record) { return log_line(record, style); });
}

}  // namespace plumbline
