// SPDX-License-Identifier: Apache-2.0
#include "tests/support/faults/seen_exports.h"

#include <protozero/pbf_reader.hpp>

namespace plumbline {
namespace {

using protozero::pbf_reader;

// Field numbers of opentelemetry.proto.metrics.v1; those of the two kinds of points agree.
constexpr protozero::pbf_tag_type kName = 1;
constexpr protozero::pbf_tag_type kFirstData = 5;  // gauge
constexpr protozero::pbf_tag_type kLastData = 11;  // summary
constexpr protozero::pbf_tag_type kPointStart = 2;
constexpr protozero::pbf_tag_type kPointTime = 3;
constexpr protozero::pbf_tag_type kPointDouble = 4;

void read_point(pbf_reader point, bool is_number, SeenExports& out) {
  std::uint64_t start = 0;
  SeenExports::Export seen;
  while (point.next()) {
    if (point.tag() == kPointStart) {
      start = point.get_fixed64();
    } else if (point.tag() == kPointTime) {
      seen.time = point.get_fixed64();
    } else if (is_number && point.tag() == kPointDouble) {
      seen.number = static_cast<std::uint64_t>(point.get_double());
    } else {
      point.skip();
    }
  }
  ++out.points;
  if (start > seen.time) ++out.inverted;
  if (is_number) out.exports.push_back(seen);
}

void read_metric(pbf_reader metric, SeenExports& out) {
  bool is_number = false;
  while (metric.next()) {
    if (metric.tag() == kName) {
      is_number = metric.get_view() == protozero::data_view("plumbline.export.number");
    } else if (metric.tag() >= kFirstData && metric.tag() <= kLastData) {
      auto data = metric.get_message();
      while (data.next(1)) read_point(data.get_message(), is_number, out);
    } else {
      metric.skip();
    }
  }
}

}  // namespace

SeenExports exports_in(std::string_view request) {
  SeenExports out;
  pbf_reader message(request.data(), request.size());
  while (message.next(1)) {
    auto resource = message.get_message();
    while (resource.next(2)) {
      auto scope = resource.get_message();
      while (scope.next(2)) read_metric(scope.get_message(), out);
    }
  }
  return out;
}

}  // namespace plumbline
