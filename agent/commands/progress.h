// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/commands/program.h"
#include "agent/core/clock.h"

namespace plumbline {

// The two greatest units: "2d3h", "1h5m", "4m10s", "9s".
std::string rough_duration(std::chrono::seconds duration);

// "34 %, 1200000 of 3500000 points, 250000 a second, 9s left"; without a rate as long as nothing
// is done. `passed`: since the beginning.
std::string progress_text(std::uint64_t done,
                          std::uint64_t total,
                          std::string_view unit,
                          std::chrono::duration<double> passed);

// Tells how far a command is, on standard error: on a terminal over itself twice a second, else a
// line every five seconds, so that a log stays readable.
class ProgressLine {
 public:
  // `what`: "replay"; `unit`: "points". Both outlive it.
  ProgressLine(Program& program,
               const Clock& clock,
               std::string_view what,
               std::string_view unit,
               std::uint64_t total);

  void show(std::uint64_t done);
  void set_total(std::uint64_t total) { total_ = total; }
  // Leaves nothing of it on the terminal.
  void end();
  std::chrono::duration<double> passed() const { return clock_.steady() - start_; }

 private:
  Program& program_;
  const Clock& clock_;
  std::string_view what_;
  std::string_view unit_;
  std::uint64_t total_;
  Clock::Steady start_;
  Clock::Steady last_;
};

}  // namespace plumbline
