// SPDX-License-Identifier: Apache-2.0
#include "collectors/process/process.h"

#include <csignal>
#include <cstring>

#include <fmt/format.h>

#include "collectors/process/signals.h"

namespace plumbline::process {

Ending ending(std::uint32_t status) {
  // Bits 0-6: the signal, 7: core dumped, 8-15: the code (wait(2), WIFEXITED and WTERMSIG).
  const int signal = static_cast<int>(status & 0x7fU);
  if (signal != 0) return {.signal = signal};
  return {.code = static_cast<int>(status >> 8U & 0xffU)};
}

std::string signal_name(int signal) {
  if (const char* name = ::sigabbrev_np(signal)) return fmt::format("SIG{}", name);
  // The C library keeps the first two real-time signals for itself: RTMIN is its, not the kernel's.
  if (signal >= SIGRTMIN && signal <= SIGRTMAX) {
    return fmt::format("SIGRTMIN+{}", signal - SIGRTMIN);
  }
  return fmt::format("SIG{}", signal);
}

void ExitCounts::add(std::uint32_t status, std::uint64_t count) {
  constexpr std::uint32_t kCoreDumped = 0x80;
  status &= ~kCoreDumped;
  for (auto& [known, entry] : by_status_) {
    if (known != status) continue;
    entry.count += count;
    return;
  }
  if (by_status_.size() >= kMost) {
    unknown_ += count;
    return;
  }
  const auto how = ending(status);
  by_status_.emplace_back(status,
                          Entry{how, how.signal ? signal_name(*how.signal) : std::string(), count});
}

void ExitCounts::add_points(std::string_view path, SeriesTable& series, Batch& out) const {
  for (const auto& [status, entry] : by_status_) {
    if (entry.ending.code) {
      out.add(series.get(kExits, {path, std::int64_t{*entry.ending.code}}), entry.count);
    } else {
      out.add(series.get(kExits, {path, std::monostate{}, std::string_view(entry.signal)}),
              entry.count);
    }
  }
  if (unknown_ > 0) out.add(series.get(kExits, {path}), unknown_);
}

}  // namespace plumbline::process
