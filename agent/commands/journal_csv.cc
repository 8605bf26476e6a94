// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/journal_csv.h"

#include <optional>

#include <fmt/format.h>
#include <protozero/pbf_reader.hpp>

#include "agent/commands/time_point.h"
#include "agent/core/log.h"
#include "agent/core/series.h"
#include "agent/journal/otlp_points.h"

namespace plumbline {
namespace {

using otlp::PointKind;
using protozero::pbf_reader;
using protozero::pbf_wire_type;

std::string in_quotes(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += c;
    out += c;
  }
  return out + "\"";
}

std::string json_text(std::string_view text) {
  return "\"" + escape_json(valid_utf8(text)) + "\"";
}

// An AnyValue in JSON. Lists, maps and bytes, which no metric of ours has, are null.
std::string json_value(pbf_reader value) {
  std::string out = "null";
  while (value.next()) {
    if (value.tag() == 1 && value.wire_type() == pbf_wire_type::length_delimited) {
      out = json_text(otlp::string_of(value.get_view()));
    } else if (value.tag() == 2 && value.wire_type() == pbf_wire_type::varint) {
      out = value.get_bool() ? "true" : "false";
    } else if (value.tag() == 3 && value.wire_type() == pbf_wire_type::varint) {
      out = fmt::to_string(value.get_int64());
    } else if (value.tag() == 4 && value.wire_type() == pbf_wire_type::fixed64) {
      const auto real = value.get_double();
      out = fmt::format(fmt::runtime(real - real == 0 ? "{}" : "\"{}\""), real);
    } else {
      value.skip();
    }
  }
  return out;
}

std::uint32_t attributes_field(PointKind kind) {
  if (kind == PointKind::kExponentialHistogram) return 1;
  return kind == PointKind::kHistogram ? 9 : 7;
}

std::string json_attributes(const otlp::PointView& point, PointKind kind) {
  std::string out = "{";
  pbf_reader fields(point.attributes.data(), point.attributes.size());
  while (fields.next()) {
    if (fields.tag() != attributes_field(kind) ||
        fields.wire_type() != pbf_wire_type::length_delimited) {
      fields.skip();
      continue;
    }
    auto pair = fields.get_message();
    std::string key = "\"\"";
    std::string value = "null";
    while (pair.next()) {
      if (pair.tag() == 1 && pair.wire_type() == pbf_wire_type::length_delimited) {
        key = json_text(otlp::string_of(pair.get_view()));
      } else if (pair.tag() == 2 && pair.wire_type() == pbf_wire_type::length_delimited) {
        value = json_value(pair.get_message());
      } else {
        pair.skip();
      }
    }
    if (out.size() > 1) out += ",";
    out.append(key).append(":").append(value);
  }
  return out + "}";
}

struct Totals {
  std::optional<std::uint64_t> count;
  std::optional<double> sum;
  std::optional<double> min;
  std::optional<double> max;
};

// Count and sum have the same numbers in all three messages; Summary has neither min nor max.
Totals totals(const otlp::PointView& point, PointKind kind) {
  const std::uint32_t min = kind == PointKind::kHistogram ? 11 : 12;
  Totals found;
  pbf_reader fields(point.bytes.data(), point.bytes.size());
  while (fields.next()) {
    const auto tag = fields.wire_type() == pbf_wire_type::fixed64 ? fields.tag() : 0;
    if (tag == 4) {
      found.count = fields.get_fixed64();
    } else if (tag == 5) {
      found.sum = fields.get_double();
    } else if (kind != PointKind::kSummary && tag == min) {
      found.min = fields.get_double();
    } else if (kind != PointKind::kSummary && tag == min + 1) {
      found.max = fields.get_double();
    } else {
      fields.skip();
    }
  }
  return found;
}

template <class T>
std::string cell(const std::optional<T>& value) {
  return value ? fmt::to_string(*value) : std::string();
}

// "value,count,sum,min,max"
std::string numbers(const otlp::PointView& point, PointKind kind) {
  using Value = otlp::PointView::Value;
  if (point.has == Value::kInteger) return fmt::format("{},,,,", point.integer);
  if (point.has == Value::kReal) return fmt::format("{},,,,", point.real);
  if (kind == PointKind::kGauge || kind == PointKind::kSum) return ",,,,";
  const auto found = totals(point, kind);
  return fmt::format(
      ",{},{},{},{}", cell(found.count), cell(found.sum), cell(found.min), cell(found.max));
}

std::string_view type_of(const otlp::MetricView& metric) {
  switch (metric.kind) {
    case PointKind::kGauge:
      return "gauge";
    case PointKind::kSum:
      return metric.monotonic ? "counter" : "updowncounter";
    case PointKind::kHistogram:
      return "histogram";
    case PointKind::kExponentialHistogram:
      return "exponential_histogram";
    case PointKind::kSummary:
      return "summary";
  }
  return "unknown";
}

}  // namespace

std::string_view csv_head() {
  return "time,metric,type,unit,attributes,value,count,sum,min,max\n";
}

Result<> append_csv(std::string_view request, std::string& out) {
  return otlp::visit_metrics(request, [&](const otlp::MetricView& metric) {
    const auto name = in_quotes(metric.name);
    const auto unit = in_quotes(metric.unit);
    otlp::visit_points(metric, [&](const otlp::PointView& point) {
      out += fmt::format("{},{},{},{},{},{}\n",
                         format_exact_time(point.time),
                         name,
                         type_of(metric),
                         unit,
                         in_quotes(json_attributes(point, metric.kind)),
                         numbers(point, metric.kind));
    });
  });
}

}  // namespace plumbline
