// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "agent/core/result.h"
#include "agent/journal/chain_writer.h"
#include "agent/journal/cursor_table.h"
#include "agent/journal/record.h"
#include "agent/journal/sqlite.h"

namespace plumbline {

// Keeps a journal within its budgets by deleting whole chains, the oldest by sequence first: the
// order of writing, which no step of the clock changes. Works inside the caller's transaction.
class Retention {
 public:
  // `passed`: the first export sequence that some destination has not finished with; older rows
  // have the shorter budget of what is delivered.
  struct Now {
    UnixNanos time = 0;  // 0: not known; nothing is too old
    std::uint64_t passed = 0;
  };

  static Result<Retention> prepare(sqlite::Database& database);

  // Chains whose newest point is older than their stream's time budget. Stops at the first that is
  // not; points from the future (the clock was wrong) hold nothing up.
  Result<> expire(const JournalBudget& budget,
                  const Now& now,
                  const ChainWriter& writer,
                  std::vector<Evicted>& evicted);

  // The oldest chains until `bytes` more of pages are free, or nothing is left. A chain that still
  // grows may go too: the caller restarts the writer then.
  Result<> make_room(sqlite::Database& database,
                     std::uint64_t bytes,
                     std::vector<Evicted>& evicted);

 private:
  Retention(sqlite::Statement oldest,
            sqlite::Statement exports,
            sqlite::Statement first,
            sqlite::Statement remove,
            sqlite::Statement remove_row)
      : oldest_(std::move(oldest)),
        exports_(std::move(exports)),
        first_(std::move(first)),
        remove_(std::move(remove)),
        remove_row_(std::move(remove_row)) {}

  Result<> remove(Stream stream,
                  std::uint64_t chain,
                  DropReason reason,
                  std::vector<Evicted>& evicted);

  sqlite::Statement oldest_;
  sqlite::Statement exports_;
  sqlite::Statement first_;
  sqlite::Statement remove_;
  sqlite::Statement remove_row_;
};

// Pages in use, in bytes: what the size budget limits, beside the write-ahead log.
Result<std::uint64_t> used_bytes(sqlite::Database& database);

// Gives free pages at the end of the file back to the file system, at most `pages` at once, once
// they are more than an eighth of the file.
Result<> shrink(sqlite::Database& database, std::uint64_t pages);

}  // namespace plumbline
