// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "agent/core/clock.h"

namespace plumbline {

// By audience: errors say what stopped working, warnings what is missing and how to get it, info
// what an operator wants to see once, debug what a developer wants to see.
enum class LogLevel : std::uint8_t { kError, kWarning, kInfo, kDebug };
enum class LogFormat : std::uint8_t { kText, kJson };

// Lines to a file descriptor, stderr as a rule: one write(2) each, control characters escaped, so
// that hostile names cannot forge a line. Thread-safe; owns nothing. Never log a secret: callers
// redact.
class Log {
 public:
  Log(const Clock& clock, int fd, LogFormat format, LogLevel level)
      : clock_(clock), fd_(fd), format_(format), level_(level) {}

  template <class... Args>
  void error(std::string_view area, fmt::format_string<Args...> text, Args&&... args) {
    write(LogLevel::kError, area, fmt::format(text, std::forward<Args>(args)...));
  }
  template <class... Args>
  void warning(std::string_view area, fmt::format_string<Args...> text, Args&&... args) {
    write(LogLevel::kWarning, area, fmt::format(text, std::forward<Args>(args)...));
  }
  template <class... Args>
  void info(std::string_view area, fmt::format_string<Args...> text, Args&&... args) {
    write(LogLevel::kInfo, area, fmt::format(text, std::forward<Args>(args)...));
  }
  template <class... Args>
  void debug(std::string_view area, fmt::format_string<Args...> text, Args&&... args) {
    if (level_.load(std::memory_order_relaxed) < LogLevel::kDebug) return;
    write(LogLevel::kDebug, area, fmt::format(text, std::forward<Args>(args)...));
  }

  // `area` is the part of the agent that speaks: "config", "collector.sched", "otlp".
  void write(LogLevel level, std::string_view area, std::string_view message);

  void set_level(LogLevel level) { level_.store(level, std::memory_order_relaxed); }
  // How many lines of level kError and kWarning were written since the start.
  std::uint64_t errors() const { return errors_.load(std::memory_order_relaxed); }
  std::uint64_t warnings() const { return warnings_.load(std::memory_order_relaxed); }

 private:
  const Clock& clock_;
  int fd_;
  LogFormat format_;
  std::atomic<LogLevel> level_;
  std::atomic<std::uint64_t> errors_{0};
  std::atomic<std::uint64_t> warnings_{0};
};

// `text` with control characters as \n, \t, \xNN and, for JSON, quotes and backslashes escaped.
std::string escape_line(std::string_view text);
std::string escape_json(std::string_view text);

// 2026-11-21T11:06:07.123Z
std::string format_time(UnixNanos time);

}  // namespace plumbline
