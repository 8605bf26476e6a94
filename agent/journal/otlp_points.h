// SPDX-License-Identifier: Apache-2.0
//
// OTLP metrics as bytes: finds the metrics and data points of a request without building objects.
// Everything is a view into the request.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include <protozero/pbf_reader.hpp>

#include "agent/core/clock.h"
#include "agent/core/result.h"

namespace plumbline::otlp {

// The field numbers of Metric.data.
enum class PointKind : std::uint8_t {
  kGauge = 5,
  kSum = 7,
  kHistogram = 9,
  kExponentialHistogram = 10,
  kSummary = 11,
};
enum class Temporality : std::uint8_t { kUnspecified = 0, kDelta = 1, kCumulative = 2 };

// One Metric message and where it stands.
struct MetricView {
  std::string_view resource;             // the Resource message
  std::string_view resource_schema_url;  // of ResourceMetrics
  std::string_view scope;                // the InstrumentationScope message
  std::string_view scope_schema_url;     // of ScopeMetrics
  std::string_view name;
  std::string_view description;
  std::string_view unit;
  std::string_view data;  // the Gauge, Sum, ... message; its field 1 repeats the points
  PointKind kind = PointKind::kGauge;
  Temporality temporality = Temporality::kUnspecified;
  bool monotonic = false;
};

// One data point; of histograms only what all kinds of points have.
struct PointView {
  std::string_view bytes;  // the whole message
  // The KeyValue fields with their tags. Whatever stands between them is in it too, so that points
  // of a writer who does not keep them together are never taken for the same series by mistake.
  std::string_view attributes;
  UnixNanos start = 0;
  UnixNanos time = 0;
  std::uint64_t flags = 0;
  enum class Value : std::uint8_t { kNone, kInteger, kReal } has = Value::kNone;
  std::int64_t integer = 0;
  double real = 0;

  double number() const { return has == Value::kInteger ? static_cast<double>(integer) : real; }
};

// Calls `visit` for each metric that has data, in order. kMalformed when the bytes are not an
// ExportMetricsServiceRequest; what comes before the damage has been visited.
Result<> visit_metrics(std::string_view request,
                       const std::function<void(const MetricView&)>& visit);

inline std::string_view string_of(protozero::data_view view) {
  return {view.data(), view.size()};
}

// The number of the attributes field and of the flags differ between kinds of points; start and
// time do not.
inline PointView parse_point(std::string_view bytes, PointKind kind) {
  constexpr std::uint32_t kStart = 2;
  constexpr std::uint32_t kTime = 3;
  constexpr std::uint32_t kAsDouble = 4;
  constexpr std::uint32_t kAsInt = 6;
  const bool number = kind == PointKind::kGauge || kind == PointKind::kSum;
  const std::uint32_t attributes = kind == PointKind::kExponentialHistogram ? 1
                                   : kind == PointKind::kHistogram          ? 9
                                                                            : 7;
  const std::uint32_t flags =
      kind == PointKind::kExponentialHistogram || kind == PointKind::kHistogram ? 10 : 8;
  PointView point{.bytes = bytes};
  const char* first = nullptr;
  const char* last = nullptr;
  protozero::pbf_reader reader(bytes.data(), bytes.size());
  const char* before = bytes.data();
  using Wire = protozero::pbf_wire_type;
  while (reader.next()) {
    const auto tag = reader.tag();
    const auto wire = reader.wire_type();
    if (tag == attributes && wire == Wire::length_delimited) {
      reader.skip();
      if (first == nullptr) first = before;
      last = reader.data().data();
    } else if (tag == kTime && wire == Wire::fixed64) {
      point.time = reader.get_fixed64();
    } else if (tag == kStart && wire == Wire::fixed64) {
      point.start = reader.get_fixed64();
    } else if (number && tag == kAsInt && wire == Wire::fixed64) {
      point.integer = reader.get_sfixed64();
      point.has = PointView::Value::kInteger;
    } else if (number && tag == kAsDouble && wire == Wire::fixed64) {
      point.real = reader.get_double();
      point.has = PointView::Value::kReal;
    } else if (tag == flags && wire == Wire::varint) {
      point.flags = reader.get_uint64();
    } else {
      reader.skip();
    }
    before = reader.data().data();
  }
  if (first != nullptr) point.attributes = {first, static_cast<std::size_t>(last - first)};
  return point;
}

// Calls `visit(const PointView&)` for each point of a metric, in order. Use it inside the call of
// visit_metrics(), which turns what protozero throws at malformed bytes into an error.
template <class Visitor>
void visit_points(const MetricView& metric, Visitor&& visit) {
  protozero::pbf_reader data(metric.data.data(), metric.data.size());
  while (data.next(1, protozero::pbf_wire_type::length_delimited)) {
    visit(parse_point(string_of(data.get_view()), metric.kind));
  }
}

}  // namespace plumbline::otlp
