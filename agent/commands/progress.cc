// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/progress.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <ostream>

#include <fmt/format.h>

namespace plumbline {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTerminalPeriod{500};
constexpr milliseconds kLinePeriod{5'000};
constexpr auto kClearLine = "\r\x1b[K";

}  // namespace

std::string rough_duration(std::chrono::seconds duration) {
  struct Unit {
    std::string_view name;
    std::int64_t seconds;
  };
  constexpr std::array kUnits{Unit{"d", 86'400}, Unit{"h", 3'600}, Unit{"m", 60}, Unit{"s", 1}};
  auto rest = std::max<std::int64_t>(duration.count(), 0);
  std::string text;
  int units = 0;
  for (const auto& unit : kUnits) {
    const auto count = rest / unit.seconds;
    rest %= unit.seconds;
    units += units == 0 && count == 0 ? 0 : 1;
    if (count != 0 && units <= 2) text += fmt::format("{}{}", count, unit.name);
  }
  return text.empty() ? "0s" : text;
}

std::string progress_text(std::uint64_t done,
                          std::uint64_t total,
                          std::string_view unit,
                          std::chrono::duration<double> passed) {
  done = std::min(done, total);
  const auto percent = total == 0 ? 100.0 : 100.0 * static_cast<double>(done) / double(total);
  auto text = fmt::format("{:.0f} %, {} of {} {}", std::floor(percent), done, total, unit);
  const auto rate = static_cast<double>(done) / std::max(passed.count(), 1e-3);
  if (done == 0) return text;
  const auto left = static_cast<double>(total - done) / rate;
  return text + fmt::format(", {:.0f} a second, {} left",
                            rate,
                            rough_duration(
                                std::chrono::seconds(static_cast<std::int64_t>(std::ceil(left)))));
}

ProgressLine::ProgressLine(Program& program,
                           const Clock& clock,
                           std::string_view what,
                           std::string_view unit,
                           std::uint64_t total)
    : program_(program),
      clock_(clock),
      what_(what),
      unit_(unit),
      total_(total),
      start_(clock.steady()),
      last_(start_) {}

void ProgressLine::show(std::uint64_t done) {
  const auto now = clock_.steady();
  if (now - last_ < (program_.err_is_terminal ? kTerminalPeriod : kLinePeriod)) return;
  last_ = now;
  const auto text = progress_text(done, total_, unit_, now - start_);
  if (program_.err_is_terminal) {
    program_.err << kClearLine << what_ << ": " << text << std::flush;
  } else {
    program_.err << what_ << ": " << text << std::endl;
  }
}

void ProgressLine::end() {
  if (program_.err_is_terminal) program_.err << kClearLine << std::flush;
}

}  // namespace plumbline
