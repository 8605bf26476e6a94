// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "agent/core/clock.h"

namespace plumbline {

// Severity numbers of the OTLP logs data model.
enum class EventSeverity : std::uint8_t { kInfo = 9, kWarning = 13, kError = 17 };

// One event as an OTLP log record. Text is valid UTF-8.
struct LogEvent {
  std::string_view name;  // event_name: what kind of event it is
  UnixNanos time = 0;
  UnixNanos observed = 0;
  EventSeverity severity = EventSeverity::kInfo;
  std::string_view body;
  std::span<const std::pair<std::string, std::string>> attributes;
};

// Appends one ExportLogsServiceRequest with this event to `out`; several behind one another are
// one request. `resource` and `scope` are encoded messages.
void encode_log(std::string_view resource,
                std::string_view scope,
                const LogEvent& event,
                std::string& out);

}  // namespace plumbline
