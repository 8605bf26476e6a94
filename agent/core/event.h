// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "agent/core/attribute.h"
#include "agent/core/clock.h"
#include "agent/core/span.h"

namespace plumbline {

// Severity numbers of the OTLP logs data model.
enum class EventSeverity : std::uint8_t { kInfo = 9, kWarning = 13, kError = 17 };

// Something that happened, for people: an OTLP log record with the name of its kind.
struct Event {
  std::string name;
  UnixNanos time = 0;
  UnixNanos observed = 0;
  EventSeverity severity = EventSeverity::kInfo;
  std::string body;
  Fields attributes;
  TraceId trace;  // the span it happened in, when that is known
  SpanId span;
  Subject subject;
};

// The memory it holds, about.
std::size_t footprint(const Event& event);

}  // namespace plumbline
