// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "agent/core/result.h"
#include "agent/journal/record.h"
#include "agent/journal/sqlite.h"

namespace plumbline {

// Items that left the journal before every destination had them.
struct Evicted {
  std::uint64_t sequence = 0;
  Signal signal = Signal::kMetrics;
  std::uint64_t items = 0;
  DropReason reason = DropReason::kSize;
};

// The cursors and ledgers of a journal, each brought in line with the rows that are really there:
// what a cursor should have queued and is missing was lost with damaged pages and becomes
// dropped{damaged}.
struct LoadedCursors {
  std::vector<CursorState> cursors;
  std::uint64_t lost = 0;  // items that were found missing just now
};
Result<LoadedCursors> load_cursors(sqlite::Database& database);

// Writes the cursors and ledgers. Every function works inside the caller's transaction.
class CursorTable {
 public:
  static Result<CursorTable> prepare(sqlite::Database& database);

  Result<> save(const CursorState& cursor);

  Result<> remove(sqlite::Database& database, const std::string& name);

  // After a transaction that did not commit: what is in the file is read again when it matters.
  void forget() { saved_.clear(); }

  // Counts `evicted` as dropped for every cursor that had not passed it.
  Result<> drop(sqlite::Database& database, std::span<const Evicted> evicted);

 private:
  CursorTable(sqlite::Statement cursor, sqlite::Statement ledger, sqlite::Statement drop)
      : cursor_(std::move(cursor)), ledger_(std::move(ledger)), drop_(std::move(drop)) {}

  sqlite::Statement cursor_;
  sqlite::Statement ledger_;
  sqlite::Statement drop_;
  std::vector<CursorState> saved_;  // as they stand in the file
};

}  // namespace plumbline
