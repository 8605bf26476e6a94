// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "agent/core/result.h"
#include "agent/journal/chain_reader.h"
#include "agent/journal/chain_writer.h"
#include "agent/journal/sqlite.h"

namespace plumbline {

// Windows of ten seconds are made in batches of thirty: five minutes at a time, read back from the
// flight recorder, which holds them for hours. Nothing is kept in memory between two batches, so a
// crash loses nothing of the 10 s record.
inline constexpr UnixNanos kTenthWindow = 10'000'000'000ULL;
inline constexpr std::uint64_t kWindowsPerCompaction = 30;

// Sequences a compaction may use: a window each, and as many again for seconds that came out of
// order (a clock that stepped ends a window early).
inline constexpr std::uint64_t kCompactionSequences = 2 * kWindowsPerCompaction;

// Adds to the 10 s record what the 1 s record has beyond it, if that is a batch of windows.
// `first_sequence`: the first of kCompactionSequences free ones. Works inside the caller's
// transaction. Damaged rows are left out.
Result<> compact(sqlite::Database& database,
                 ChainReader& reader,
                 ChainWriter& writer,
                 std::uint64_t first_sequence);

}  // namespace plumbline
