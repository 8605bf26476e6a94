// SPDX-License-Identifier: Apache-2.0
#include "agent/core/log.h"

#include <unistd.h>

#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace plumbline {
namespace {

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::kError:
      return "error";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kDebug:
      return "debug";
  }
  return "info";
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

std::string escape_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '\n') {
      out.append("\\n");
    } else if (c == '\t') {
      out.append("\\t");
    } else if (is_control(c)) {
      out.append(fmt::format("\\x{:02x}", static_cast<unsigned char>(c)));
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string escape_json(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (is_control(c)) {
      out.append(fmt::format("\\u{:04x}", static_cast<unsigned char>(c)));
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string format_time(UnixNanos time) {
  const auto seconds = static_cast<std::time_t>(time / 1'000'000'000U);
  const auto milliseconds = time / 1'000'000U % 1000U;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), milliseconds);
}

void Log::write(LogLevel level, std::string_view area, std::string_view message) {
  if (level == LogLevel::kError) errors_.fetch_add(1, std::memory_order_relaxed);
  if (level == LogLevel::kWarning) warnings_.fetch_add(1, std::memory_order_relaxed);
  if (level > level_.load(std::memory_order_relaxed)) return;
  const auto time = format_time(clock_.wall());
  const auto line =
      format_ == LogFormat::kJson
          ? fmt::format("{{\"time\":\"{}\",\"level\":\"{}\",\"area\":\"{}\",\"message\":\"{}\"}}\n",
                        time,
                        name_of(level),
                        escape_json(area),
                        escape_json(message))
          : fmt::format("{} {} {}: {}\n", time, name_of(level), area, escape_line(message));
  // A log line that cannot be written has nowhere else to go.
  [[maybe_unused]] const auto written = ::write(fd_, line.data(), line.size());
}

}  // namespace plumbline
