// SPDX-License-Identifier: Apache-2.0
#include "exporters/stdout/readable.h"

#include <iterator>
#include <vector>

#include <fmt/format.h>
#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>

#include "agent/core/clock.h"
#include "agent/core/histogram.h"
#include "agent/core/log.h"

namespace plumbline {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

// What lines of one metric have in common.
struct MetricHead {
  std::string name;
  std::string unit;
};

struct Line {
  UnixNanos time = 0;
  std::string attributes;
  std::string value;
};

constexpr std::uint32_t kNoRecordedValue = 1;  // DataPointFlags

std::string value_text(pbf_reader any) {
  while (any.next()) {
    if (any.tag() == 1 && any.wire_type() == pbf_wire_type::length_delimited) {
      return any.get_string();
    }
    if (any.tag() == 3 && any.wire_type() == pbf_wire_type::varint) {
      return std::to_string(any.get_int64());
    }
    any.skip();
  }
  return {};
}

void add_attribute(pbf_reader pair, std::string& out) {
  std::string key;
  std::string value;
  while (pair.next()) {
    if (pair.wire_type() != pbf_wire_type::length_delimited) {
      pair.skip();
    } else if (pair.tag() == 1) {
      key = pair.get_string();
    } else if (pair.tag() == 2) {
      value = value_text(pair.get_message());
    } else {
      pair.skip();
    }
  }
  fmt::format_to(std::back_inserter(out),
                 "{}{}={}",
                 out.empty() ? "" : ", ",
                 escape_line(key),
                 escape_line(value));
}

Line number_line(pbf_reader point) {
  Line line;
  while (point.next()) {
    const auto wire = point.wire_type();
    if (point.tag() == 3 && wire == pbf_wire_type::fixed64) {
      line.time = point.get_fixed64();
    } else if (point.tag() == 4 && wire == pbf_wire_type::fixed64) {
      line.value = fmt::format("{:.6g}", point.get_double());
    } else if (point.tag() == 6 && wire == pbf_wire_type::fixed64) {
      line.value = fmt::format("{}", point.get_sfixed64());
    } else if (point.tag() == 7 && wire == pbf_wire_type::length_delimited) {
      add_attribute(point.get_message(), line.attributes);
    } else if (point.tag() == 8 && wire == pbf_wire_type::varint &&
               (point.get_uint32() & kNoRecordedValue) != 0) {
      line.value = "gone";
    } else if (point.tag() != 8 || wire != pbf_wire_type::varint) {
      point.skip();
    }
  }
  return line;
}

void read_buckets(pbf_reader message, HistogramView& view, std::vector<std::uint64_t>& counts) {
  while (message.next()) {
    if (message.tag() == 1 && message.wire_type() == pbf_wire_type::varint) {
      view.offset = message.get_sint32();
    } else if (message.tag() == 2 && message.wire_type() == pbf_wire_type::length_delimited) {
      for (const auto count : message.get_packed_uint64()) counts.push_back(count);
    } else {
      message.skip();
    }
  }
}

Line histogram_line(pbf_reader point) {
  Line line;
  HistogramView view;
  std::vector<std::uint64_t> counts;
  while (point.next()) {
    const auto wire = point.wire_type();
    if (point.tag() == 1 && wire == pbf_wire_type::length_delimited) {
      add_attribute(point.get_message(), line.attributes);
    } else if (point.tag() == 3 && wire == pbf_wire_type::fixed64) {
      line.time = point.get_fixed64();
    } else if (point.tag() == 4 && wire == pbf_wire_type::fixed64) {
      view.count = point.get_fixed64();
    } else if (point.tag() == 5 && wire == pbf_wire_type::fixed64) {
      view.sum = point.get_double();
    } else if (point.tag() == 7 && wire == pbf_wire_type::fixed64) {
      view.zero_count = point.get_fixed64();
    } else if (point.tag() == 8 && wire == pbf_wire_type::length_delimited) {
      read_buckets(point.get_message(), view, counts);
    } else {
      point.skip();
    }
  }
  view.buckets = counts;
  line.value = view.count == 0 ? std::string("none")
                               : fmt::format("{} times, mean {:.3g}, p50 {:.3g}, p99 {:.3g}",
                                             view.count,
                                             view.sum / static_cast<double>(view.count),
                                             quantile(view, 0.5),
                                             quantile(view, 0.99));
  return line;
}

class Writer {
 public:
  void request(pbf_reader reader) {
    while (reader.next(1, pbf_wire_type::length_delimited)) resource(reader.get_message());
  }
  std::string take() { return std::move(out_); }

 private:
  void resource(pbf_reader reader) {
    while (reader.next(2, pbf_wire_type::length_delimited)) scope(reader.get_message());
  }
  void scope(pbf_reader reader) {
    while (reader.next(2, pbf_wire_type::length_delimited)) metric(reader.get_message());
  }

  // The name and unit stand before the data in what we write, which is all that comes here.
  void metric(pbf_reader reader) {
    MetricHead head;
    while (reader.next()) {
      if (reader.wire_type() != pbf_wire_type::length_delimited) {
        reader.skip();
        continue;
      }
      switch (reader.tag()) {
        case 1:
          head.name = reader.get_string();
          break;
        case 3:
          head.unit = reader.get_string();
          break;
        case 5:   // gauge
        case 7:   // sum
        case 10:  // exponential histogram
          points(head, reader.tag(), reader.get_message());
          break;
        default:
          reader.skip();
      }
    }
  }

  void points(const MetricHead& head, protozero::pbf_tag_type kind, pbf_reader data) {
    while (data.next(1, pbf_wire_type::length_delimited)) {
      const auto line =
          kind == 10 ? histogram_line(data.get_message()) : number_line(data.get_message());
      if (line.time != time_) {
        time_ = line.time;
        fmt::format_to(std::back_inserter(out_), "── {}\n", format_time(time_));
      }
      fmt::format_to(std::back_inserter(out_),
                     "{}{{{}}} {} {}\n",
                     escape_line(head.name),
                     line.attributes,
                     line.value,
                     escape_line(head.unit));
    }
  }

  std::string out_;
  UnixNanos time_ = 0;
};

}  // namespace

Result<std::string> readable_metrics(std::string_view request) try {
  Writer writer;
  writer.request(pbf_reader(request.data(), request.size()));
  return writer.take();
} catch (const protozero::exception& error) {
  return Error{.code = Errc::kMalformed,
               .what = fmt::format("not an OTLP request: {}", error.what())};
}

}  // namespace plumbline
