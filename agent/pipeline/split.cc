// SPDX-License-Identifier: Apache-2.0
// The three signals of OTLP have one shape: request > resource > scope > item, where metrics have
// two levels more: scope > metric > data > point. One walk serves all of them: at each level the
// field that leads down is walked, every other field is copied as it is.
#include "agent/pipeline/split.h"

#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

namespace plumbline {
namespace {

using protozero::data_view;
using protozero::pbf_reader;
using protozero::pbf_tag_type;
using protozero::pbf_wire_type;
using protozero::pbf_writer;

enum class Level : std::uint8_t { kRequest, kResource, kScope, kMetric, kData, kItem };

// The level below a field of `level`, or `level` itself when the field leads nowhere.
// opentelemetry/proto/{metrics,trace,logs}/v1.
Level below(Level level, Signal signal, const pbf_reader& field) {
  if (field.wire_type() != pbf_wire_type::length_delimited) return level;
  const auto tag = field.tag();
  switch (level) {
    case Level::kRequest:
      return tag == 1 ? Level::kResource : level;
    case Level::kResource:
      return tag == 2 ? Level::kScope : level;
    case Level::kScope:
      if (tag != 2) return level;
      return signal == Signal::kMetrics ? Level::kMetric : Level::kItem;
    case Level::kMetric:  // gauge, sum, histogram, exponential histogram, summary
      return tag == 5 || tag == 7 || tag == 9 || tag == 10 || tag == 11 ? Level::kData : level;
    case Level::kData:
      return tag == 1 ? Level::kItem : level;
    case Level::kItem:
      break;
  }
  return level;
}

void copy_field(pbf_reader& from, pbf_writer& to) {
  const auto tag = from.tag();  // reading the value forgets it
  switch (from.wire_type()) {
    case pbf_wire_type::varint:
      to.add_uint64(tag, from.get_uint64());
      return;
    case pbf_wire_type::fixed64:
      to.add_fixed64(tag, from.get_fixed64());
      return;
    case pbf_wire_type::fixed32:
      to.add_fixed32(tag, from.get_fixed32());
      return;
    case pbf_wire_type::length_delimited: {
      const auto view = from.get_view();
      to.add_bytes(tag, view.data(), view.size());
      return;
    }
    default:
      from.skip();
  }
}

class Slicer {
 public:
  Slicer(Signal signal, std::uint64_t first, std::uint64_t last)
      : signal_(signal), first_(first), last_(last) {}

  // Copies the wanted part of a message to `out`; false when no item of it is wanted.
  bool copy(Level level, data_view message, std::string& out) {
    pbf_reader reader(message);
    pbf_writer writer(out);
    bool wanted = false;
    while (reader.next()) {
      const auto child = below(level, signal_, reader);
      if (child == level) {
        copy_field(reader, writer);
      } else if (child == Level::kItem) {
        const bool inside = seen_ >= first_ && seen_ < last_;
        ++seen_;
        wanted = wanted || inside;
        inside ? copy_field(reader, writer) : reader.skip();
      } else {
        std::string inner;
        const auto tag = reader.tag();
        if (!copy(child, reader.get_view(), inner)) continue;
        writer.add_bytes(tag, inner);
        wanted = true;
      }
    }
    return wanted;
  }

  std::uint64_t seen() const { return seen_; }

 private:
  Signal signal_;
  std::uint64_t first_;
  std::uint64_t last_;
  std::uint64_t seen_ = 0;
};

std::uint64_t count(Level level, Signal signal, data_view message) {
  pbf_reader reader(message);
  std::uint64_t items = 0;
  while (reader.next()) {
    const auto child = below(level, signal, reader);
    if (child == level || child == Level::kItem) {
      items += child == Level::kItem ? 1 : 0;
      reader.skip();
    } else {
      items += count(child, signal, reader.get_view());
    }
  }
  return items;
}

// Field numbers of the names of Metric, Span and LogRecord (its event name).
pbf_tag_type name_field(Signal signal) {
  switch (signal) {
    case Signal::kMetrics:
      return 1;
    case Signal::kTraces:
      return 5;
    case Signal::kLogs:
      return 12;
  }
  return 1;
}

std::string name_below(Level level, Signal signal, data_view message) {
  pbf_reader reader(message);
  while (reader.next()) {
    const auto child = below(level, signal, reader);
    if (child == level) {
      reader.skip();
      continue;
    }
    const auto inner = reader.get_view();
    if (child != Level::kMetric && child != Level::kItem) return name_below(child, signal, inner);
    pbf_reader named(inner);
    return named.next(name_field(signal), pbf_wire_type::length_delimited) ? named.get_string()
                                                                           : std::string();
  }
  return {};
}

Error malformed(const protozero::exception& error) {
  return {.code = Errc::kMalformed, .what = std::string("not an OTLP request: ") + error.what()};
}

data_view view_of(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

Result<std::uint64_t> count_items(Signal signal, std::string_view request) try {
  return count(Level::kRequest, signal, view_of(request));
} catch (const protozero::exception& error) {
  return malformed(error);
}

Result<std::string> slice_items(Signal signal,
                                std::string_view request,
                                std::uint64_t first,
                                std::uint64_t last) try {
  std::string out;
  Slicer(signal, first, last).copy(Level::kRequest, view_of(request), out);
  return out;
} catch (const protozero::exception& error) {
  return malformed(error);
}

std::string first_name(Signal signal, std::string_view request) try {
  return name_below(Level::kRequest, signal, view_of(request));
} catch (const protozero::exception&) {
  return {};
}

}  // namespace plumbline
