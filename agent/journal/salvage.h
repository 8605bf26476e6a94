// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "agent/core/clock.h"
#include "agent/core/result.h"
#include "agent/journal/sqlite.h"

namespace plumbline {

// How many quarantined journals are kept beside the live one; older ones are removed, for each may
// be as large as the size budget.
inline constexpr std::size_t kQuarantined = 2;

// Renames a damaged journal with its log to "<path>.corrupt-<time>" and returns that name. Nobody
// may have it open for writing.
Result<std::string> quarantine(const std::string& path, UnixNanos now);

// Sets the fixed part of a quarantined journal's header right, which is the same in all of them:
// one wrong byte of it hides everything behind it.
void restore_header(const std::string& path);

struct Salvaged {
  bool readable = true;  // false: not even the table of batches was found
  std::uint64_t batches = 0;
  std::uint64_t lost = 0;  // batches that were seen and could not be kept
};

// Copies what can still be read of a damaged or removed journal into a new one: every row whose
// checksum holds and whose chain is whole so far, the cursors, the events and the state. Never
// fails: what cannot be read stays behind. Fails only when the new journal cannot be written.
Result<Salvaged> salvage(sqlite::Database& damaged, sqlite::Database& fresh);

}  // namespace plumbline
