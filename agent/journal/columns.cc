// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/columns.h"

#include <array>
#include <cstring>
#include <optional>

#include <protozero/buffer_string.hpp>
#include <protozero/varint.hpp>

namespace plumbline {
namespace {

// The messages on the way to a data point of ExportMetricsServiceRequest, each a step deeper.
enum class Level : std::uint8_t { kRequest, kResource, kScope, kMetric, kData, kPoint };

enum class Wire : std::uint8_t { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

// The field of a data point that begins its times; the next one ends them.
constexpr std::uint64_t kStartTime = 2;
constexpr std::uint64_t kTime = 3;
constexpr std::size_t kFixed64Bytes = 8;
constexpr std::size_t kFixed32Bytes = 4;

// Whether `field` of a message on this level is one of the next level.
constexpr bool leads_on(Level level, std::uint64_t field) {
  switch (level) {
    case Level::kRequest:
    case Level::kData:
      return field == 1;
    case Level::kResource:
    case Level::kScope:
      return field == 2;
    case Level::kMetric:  // gauge, sum, the histograms, summary
      return field == 5 || field == 7 || (field >= 9 && field <= 11);
    case Level::kPoint:
      return false;
  }
  return false;
}

constexpr Level next(Level level) {
  return static_cast<Level>(static_cast<std::uint8_t>(level) + 1);
}

constexpr bool is_time(Level level, std::uint64_t field) {
  return level == Level::kPoint && (field == kStartTime || field == kTime);
}

// A place in some bytes.
struct Input {
  const char* at;
  const char* end;

  std::size_t left() const { return static_cast<std::size_t>(end - at); }
  bool skip(std::uint64_t bytes) {
    if (bytes > left()) return false;
    at += bytes;
    return true;
  }
  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (at == end) return {};
      const auto byte = static_cast<std::uint8_t>(*at++);
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if (byte < 0x80U) return value;
    }
    return {};
  }
};

// The last start_time and time, from which the next are steps.
struct Times {
  std::array<std::uint64_t, 2> last{};

  std::uint64_t step_to(std::uint64_t field, std::uint64_t time) {
    auto& last_time = last.at(field - kStartTime);
    const auto step = static_cast<std::int64_t>(time - last_time);
    last_time = time;
    return protozero::encode_zigzag64(step);
  }
  std::uint64_t after(std::uint64_t field, std::uint64_t step) {
    return last.at(field - kStartTime) +=
           static_cast<std::uint64_t>(protozero::decode_zigzag64(step));
  }
};

// Goes over a message that ends at `end`, in bytes of the request, and all on the way to its
// points. `walker` has what it goes over in `in` and does something with the fixed64 fields.
template <class Walker>
bool walk(Walker& walker, Level level, std::uint64_t end) {
  auto& in = walker.in;
  while (walker.position() < end) {
    const auto tag = in.varint();
    if (!tag) return false;
    const auto field = *tag >> 3U;
    switch (static_cast<Wire>(*tag & 7U)) {
      case Wire::kVarint:
        if (!in.varint()) return false;
        break;
      case Wire::kFixed64:
        if (!walker.fixed64(level, field)) return false;
        break;
      case Wire::kLength: {
        const auto length = in.varint();
        if (!length || *length > end) return false;
        const bool good = leads_on(level, field)
                              ? walk(walker, next(level), walker.position() + *length)
                              : in.skip(*length);
        if (!good) return false;
        break;
      }
      case Wire::kFixed32:
        if (!in.skip(kFixed32Bytes)) return false;
        break;
      default:
        return false;
    }
  }
  return walker.position() == end;
}

// What is neither time nor value goes to the frame in runs, as it lies.
struct Split {
  Input in;
  const char* begin;
  const char* run;
  std::string& frame;
  std::string& times;
  std::string& values;
  Times last{};

  std::uint64_t position() const { return static_cast<std::uint64_t>(in.at - begin); }

  bool fixed64(Level level, std::uint64_t field) {
    frame.append(run, in.at);
    const auto* content = in.at;
    if (!in.skip(kFixed64Bytes)) return false;
    if (is_time(level, field)) {
      std::uint64_t time = 0;
      std::memcpy(&time, content, kFixed64Bytes);
      protozero::add_varint_to_buffer(&times, last.step_to(field, time));
    } else {
      values.append(content, kFixed64Bytes);
    }
    run = in.at;
    return true;
  }
};

// Goes over the frame: the lengths in it count what is not in it, and so does position().
struct Join {
  Input in;
  const char* begin;
  const char* run;
  Input times;
  Input values;
  char* out;
  char* out_end;
  std::uint64_t put_in = 0;  // bytes that came from times and values
  Times last{};

  std::uint64_t position() const { return static_cast<std::uint64_t>(in.at - begin) + put_in; }

  bool copy_run(std::size_t behind) {
    const auto length = static_cast<std::size_t>(in.at - run);
    if (length + behind > static_cast<std::size_t>(out_end - out)) return false;
    std::memcpy(out, run, length);
    out += length;
    run = in.at;
    return true;
  }

  bool fixed64(Level level, std::uint64_t field) {
    if (!copy_run(kFixed64Bytes)) return false;
    if (is_time(level, field)) {
      const auto step = times.varint();
      if (!step) return false;
      const auto time = last.after(field, *step);
      std::memcpy(out, &time, kFixed64Bytes);
    } else {
      const auto* content = values.at;
      if (!values.skip(kFixed64Bytes)) return false;
      std::memcpy(out, content, kFixed64Bytes);
    }
    out += kFixed64Bytes;
    put_in += kFixed64Bytes;
    return true;
  }
};

}  // namespace

bool ColumnSplitter::split(std::string_view request, std::string& form) {
  for (auto* column : {&frame_, &times_, &values_}) column->clear();
  const auto* end = request.data() + request.size();
  Split split{.in = {.at = request.data(), .end = end},
              .begin = request.data(),
              .run = request.data(),
              .frame = frame_,
              .times = times_,
              .values = values_};
  if (!walk(split, Level::kRequest, request.size())) return false;
  frame_.append(split.run, end);
  form.clear();
  protozero::add_varint_to_buffer(&form, frame_.size());
  protozero::add_varint_to_buffer(&form, times_.size());
  form.append(frame_).append(times_).append(values_);
  return true;
}

bool join_columns(std::string_view form, std::uint64_t raw_bytes, std::string& request) {
  Input head{.at = form.data(), .end = form.data() + form.size()};
  const auto frame_bytes = head.varint();
  const auto times_bytes = head.varint();
  if (!frame_bytes || !times_bytes || *frame_bytes > head.left() ||
      *times_bytes > head.left() - *frame_bytes) {
    return false;
  }
  request.resize(raw_bytes);
  const auto* times = head.at + *frame_bytes;
  const auto* values = times + *times_bytes;
  Join join{.in = {.at = head.at, .end = times},
            .begin = head.at,
            .run = head.at,
            .times = {.at = times, .end = values},
            .values = {.at = values, .end = head.end},
            .out = request.data(),
            .out_end = request.data() + request.size()};
  return walk(join, Level::kRequest, raw_bytes) && join.copy_run(0) && join.in.left() == 0 &&
         join.times.left() == 0 && join.values.left() == 0 && join.out == join.out_end;
}

}  // namespace plumbline
