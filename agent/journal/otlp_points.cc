// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/otlp_points.h"

#include <utility>

#include <fmt/format.h>

namespace plumbline::otlp {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

bool is_text(const pbf_reader& field) {
  return field.wire_type() == pbf_wire_type::length_delimited;
}
bool is_number(const pbf_reader& field) {
  return field.wire_type() == pbf_wire_type::varint;
}

bool is_kind(std::uint32_t tag) {
  switch (static_cast<PointKind>(tag)) {
    case PointKind::kGauge:
    case PointKind::kSum:
    case PointKind::kHistogram:
    case PointKind::kExponentialHistogram:
    case PointKind::kSummary:
      return true;
  }
  return false;
}

// Temporality and monotonicity have the same numbers in all messages that have them.
void parse_data(MetricView& metric) {
  constexpr std::uint32_t kTemporality = 2;
  constexpr std::uint32_t kMonotonic = 3;
  if (metric.kind == PointKind::kGauge || metric.kind == PointKind::kSummary) return;
  pbf_reader data(metric.data.data(), metric.data.size());
  while (data.next()) {
    if (data.tag() == kTemporality && is_number(data)) {
      metric.temporality = static_cast<Temporality>(data.get_uint32());
    } else if (data.tag() == kMonotonic && is_number(data) && metric.kind == PointKind::kSum) {
      metric.monotonic = data.get_bool();
    } else {
      data.skip();
    }
  }
}

void parse_metric(pbf_reader reader,
                  MetricView metric,
                  const std::function<void(const MetricView&)>& visit) {
  while (reader.next()) {
    // A field of another wire type is none of these, whatever its number.
    const auto tag = is_text(reader) ? reader.tag() : 0;
    if (tag == 1) {
      metric.name = string_of(reader.get_view());
    } else if (tag == 2) {
      metric.description = string_of(reader.get_view());
    } else if (tag == 3) {
      metric.unit = string_of(reader.get_view());
    } else if (is_kind(tag)) {
      metric.kind = static_cast<PointKind>(tag);
      metric.data = string_of(reader.get_view());
    } else {
      reader.skip();
    }
  }
  if (metric.data.data() == nullptr) return;
  parse_data(metric);
  visit(metric);
}

// What a message says of all its children: its field 1 and its field 3. Returns them, the children
// (field 2) are walked after.
std::pair<std::string_view, std::string_view> head_and_schema(pbf_reader reader) {
  std::pair<std::string_view, std::string_view> found;
  while (reader.next()) {
    const auto tag = is_text(reader) ? reader.tag() : 0;
    if (tag == 1) {
      found.first = string_of(reader.get_view());
    } else if (tag == 3) {
      found.second = string_of(reader.get_view());
    } else {
      reader.skip();
    }
  }
  return found;
}

}  // namespace

Result<> visit_metrics(std::string_view request,
                       const std::function<void(const MetricView&)>& visit) {
  try {
    pbf_reader top(request.data(), request.size());
    while (top.next(1, pbf_wire_type::length_delimited)) {
      MetricView metric;
      auto resource = top.get_message();
      std::tie(metric.resource, metric.resource_schema_url) = head_and_schema(resource);
      while (resource.next(2, pbf_wire_type::length_delimited)) {
        auto scope = resource.get_message();
        std::tie(metric.scope, metric.scope_schema_url) = head_and_schema(scope);
        while (scope.next(2, pbf_wire_type::length_delimited)) {
          parse_metric(scope.get_message(), metric, visit);
        }
      }
    }
  } catch (const protozero::exception& e) {
    return Error{.code = Errc::kMalformed,
                 .what = fmt::format("a batch is not an OTLP metrics request: {}", e.what())};
  }
  return {};
}

}  // namespace plumbline::otlp
