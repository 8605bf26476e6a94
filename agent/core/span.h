// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/attribute.h"
#include "agent/core/clock.h"

namespace plumbline {

// The identity of a trace (16 bytes) or of a span (8). All zero: none.
template <std::size_t kBytes>
struct TraceBytes {
  std::array<std::uint8_t, kBytes> bytes{};

  bool operator==(const TraceBytes&) const = default;
  auto operator<=>(const TraceBytes&) const = default;
  explicit operator bool() const { return *this != TraceBytes{}; }

  std::string hex() const;
  // As they go over the wire.
  std::string_view view() const {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes seen as characters
    return {reinterpret_cast<const char*>(bytes.data()), kBytes};
  }
  // nullopt: not exactly so many hexadecimal digits, or all zero.
  static std::optional<TraceBytes> from_hex(std::string_view text);
};

using TraceId = TraceBytes<16>;
using SpanId = TraceBytes<8>;
extern template struct TraceBytes<16>;
extern template struct TraceBytes<8>;

// Where a request comes from, as W3C Trace Context has it.
struct TraceContext {
  TraceId trace;
  SpanId span;
  bool sampled = false;
};

// "00-<trace>-<span>-<flags>". nullopt: not a traceparent, or one without a trace.
std::optional<TraceContext> parse_traceparent(std::string_view text);

// The numbers are those of OTLP.
enum class SpanKind : std::uint8_t {
  kInternal = 1,
  kServer = 2,
  kClient = 3,
  kProducer = 4,
  kConsumer = 5,
};
enum class SpanStatus : std::uint8_t { kUnset = 0, kOk = 1, kError = 2 };

// Something that happened at one moment of a span.
struct SpanEvent {
  UnixNanos time = 0;
  std::string name;
  Fields attributes;
};

// Another span that this one has to do with, its parent aside.
struct SpanLink {
  TraceId trace;
  SpanId span;
  Fields attributes;
};

// One operation of one trace. A value: made by a collector, moved onward.
struct Span {
  TraceId trace;
  SpanId id;
  SpanId parent;            // none: the first of its trace
  std::string trace_state;  // as the caller gave it
  std::string name;
  SpanKind kind = SpanKind::kInternal;
  UnixNanos start = 0;
  UnixNanos end = 0;
  SpanStatus status = SpanStatus::kUnset;
  std::string status_message;  // of kError only
  Fields attributes;
  std::vector<SpanEvent> events;
  std::vector<SpanLink> links;
  Subject subject;
};

// The memory it holds, about.
std::size_t footprint(const Fields& fields);
std::size_t footprint(const Span& span);

}  // namespace plumbline
