// SPDX-License-Identifier: Apache-2.0
#include "exporters/stdout/points.h"

#include <exception>

#include <fmt/format.h>
#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>

#include "exporters/stdout/attributes.h"

namespace plumbline {
namespace {

using protozero::data_view;
using protozero::pbf_reader;
using protozero::tag_and_type;
using enum protozero::pbf_wire_type;

constexpr std::uint32_t kNoRecordedValue = 1;  // DataPointFlags
// Every positive double lies in a bucket between -8592 and 8191 at scale 3.
constexpr int kIndexMax = 10'000;

class TooManyPoints : public std::exception {};

std::string_view text_of(data_view view) {
  return {view.data(), view.size()};
}

void read_number(pbf_reader data, ReadPoint& point) {
  bool gone = false;
  while (data.next()) {
    switch (data.tag_and_type()) {
      case tag_and_type(3, fixed64):
        point.time = data.get_fixed64();
        break;
      case tag_and_type(4, fixed64):
        point.value = data.get_double();
        break;
      case tag_and_type(6, fixed64):
        point.value = data.get_sfixed64();
        break;
      case tag_and_type(7, length_delimited):
        point.attributes.push_back(read_attribute(data.get_message()));
        break;
      case tag_and_type(8, varint):
        gone = (data.get_uint32() & kNoRecordedValue) != 0;
        break;
      default:
        data.skip();
    }
  }
  if (gone) point.value = std::monostate{};
}

void read_buckets(pbf_reader data, ReadPoint::Histogram& histogram) {
  while (data.next()) {
    switch (data.tag_and_type()) {
      case tag_and_type(1, varint):
        histogram.head.offset = data.get_sint32();
        break;
      case tag_and_type(2, length_delimited):
        for (const auto count : data.get_packed_uint64()) {
          if (histogram.buckets.size() <= kIndexMax) histogram.buckets.push_back(count);
        }
        break;
      default:
        data.skip();
    }
  }
}

void read_histogram(pbf_reader data, ReadPoint& point) {
  ReadPoint::Histogram histogram;
  int scale = 0;
  bool gone = false;
  while (data.next()) {
    switch (data.tag_and_type()) {
      case tag_and_type(1, length_delimited):
        point.attributes.push_back(read_attribute(data.get_message()));
        break;
      case tag_and_type(3, fixed64):
        point.time = data.get_fixed64();
        break;
      case tag_and_type(4, fixed64):
        histogram.head.count = data.get_fixed64();
        break;
      case tag_and_type(5, fixed64):
        histogram.head.sum = data.get_double();
        break;
      case tag_and_type(6, varint):
        scale = data.get_sint32();
        break;
      case tag_and_type(7, fixed64):
        histogram.head.zero_count = data.get_fixed64();
        break;
      case tag_and_type(8, length_delimited):
        read_buckets(data.get_message(), histogram);
        break;
      case tag_and_type(10, varint):
        gone = (data.get_uint32() & kNoRecordedValue) != 0;
        break;
      default:
        data.skip();
    }
  }
  const auto offset = histogram.head.offset;
  if (scale != kHistogramScale || offset < -kIndexMax || offset > kIndexMax) {
    histogram.buckets.clear();
  }
  if (!gone) point.value = std::move(histogram);
}

// The data of a metric may stand before its name, so what is read first is only its place.
void read_metric(pbf_reader metric, std::vector<ReadPoint>& out) {
  std::string_view name;
  std::string_view unit;
  std::vector<std::pair<protozero::pbf_tag_type, data_view>> data;
  while (metric.next()) {
    switch (metric.tag_and_type()) {
      case tag_and_type(1, length_delimited):
        name = text_of(metric.get_view());
        break;
      case tag_and_type(3, length_delimited):
        unit = text_of(metric.get_view());
        break;
      case tag_and_type(5, length_delimited):          // gauge
      case tag_and_type(7, length_delimited):          // sum
      case tag_and_type(10, length_delimited):         // exponential histogram
        data.emplace_back(metric.tag(), data_view());  // the tag is gone once the field is read
        data.back().second = metric.get_view();
        break;
      default:
        metric.skip();
    }
  }
  for (const auto& [kind, view] : data) {
    pbf_reader points(view);
    while (points.next(1, length_delimited)) {
      if (out.size() == kReadPointsMax) throw TooManyPoints();
      auto& point = out.emplace_back();
      point.metric = name;
      point.unit = unit;
      if (kind == 10) {
        read_histogram(points.get_message(), point);
      } else {
        read_number(points.get_message(), point);
      }
    }
  }
}

}  // namespace

Result<std::vector<ReadPoint>> read_points(std::string_view request) try {
  std::vector<ReadPoint> out;
  pbf_reader reader(request.data(), request.size());
  while (reader.next(1, length_delimited)) {
    auto of_resource = reader.get_message();
    while (of_resource.next(2, length_delimited)) {
      auto of_scope = of_resource.get_message();
      while (of_scope.next(2, length_delimited)) read_metric(of_scope.get_message(), out);
    }
  }
  return out;
} catch (const TooManyPoints&) {
  return Error{.code = Errc::kExhausted,
               .what = fmt::format("more than {} points in one request", kReadPointsMax)};
} catch (const protozero::exception& error) {
  return Error{.code = Errc::kMalformed,
               .what = fmt::format("not an OTLP request: {}", error.what())};
}

}  // namespace plumbline
