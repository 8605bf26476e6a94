// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/core/result.h"
#include "agent/journal/chain_reader.h"
#include "agent/journal/chain_writer.h"
#include "agent/journal/cursor_table.h"
#include "agent/journal/record.h"
#include "agent/journal/retention.h"
#include "agent/journal/sqlite.h"

namespace plumbline {

// A batch on its way into the journal.
struct PendingBatch {
  Stream stream = Stream::kExport;
  std::shared_ptr<const LogRecord> record;
};

// What one transaction writes.
struct JournalWrite {
  std::vector<PendingBatch> batches;
  std::vector<CursorState> cursors;    // all of them; only what changed is written
  std::vector<std::string> forgotten;  // cursors that are no more, unless they are in `cursors`
  std::vector<EventRow> events;
  std::vector<std::pair<std::string, std::string>> state;  // by key; replaces
  std::uint64_t next_sequence = 0;                         // the first that is not used by this
};

// What upkeep did.
struct Upkeep {
  std::vector<Evicted> evicted;
  std::uint64_t bytes = 0;  // database and write-ahead log, after
};

// The journal's file, seen by the one thread that writes it. Everything blocks on the disk.
class JournalStore {
 public:
  ~JournalStore();
  JournalStore(const JournalStore&) = delete;
  JournalStore& operator=(const JournalStore&) = delete;
  JournalStore(JournalStore&&) = delete;
  JournalStore& operator=(JournalStore&&) = delete;

  struct Options {
    std::string path;
    JournalBudget budget;
    Durability durability = Durability::kInterval;
    std::string vfs;  // a registered SQLite VFS; empty is the default
  };

  // Creates the file (mode 0600) or opens it, and brings its schema up to date. kUnsupported: it is
  // not ours to touch. kMalformed: it is damaged.
  static Result<std::unique_ptr<JournalStore>> open(const Options& options);

  // What an earlier process left.
  struct Saved {
    std::string id;  // of this journal, random, for as long as the file lives
    std::vector<CursorState> cursors;
    std::uint64_t lost = 0;           // items that should be queued and are not in the file
    std::uint64_t next_sequence = 1;  // greater than all that may have been seen outside
    std::vector<std::pair<std::string, std::string>> state;
  };
  Result<Saved> load();

  // All of it or nothing.
  Result<> commit(const JournalWrite& write);

  // Age, size, the 10 s record, free pages. `first_sequence`: kCompactionSequences free ones,
  // or 0 to leave the 10 s record as it is. `now`: see Retention::Now.
  Result<Upkeep> maintain(const Retention::Now& now, std::uint64_t first_sequence);
  // Whether the size budget wants maintain() now rather than in its time.
  Result<bool> is_over_budget();

  // Moves the write-ahead log into the file, when it is long or at once. SQLite would do it by
  // itself, but keep to itself that the disk has no room for it.
  enum class Fold : std::uint8_t { kWhenLong, kNow };
  Result<> fold(Fold when);

  // The disk is full: the oldest chains go until the file, at the size it has, has room again, and
  // from now on it does not grow.
  Result<std::vector<Evicted>> squeeze();
  // The disk has space again: the budget alone counts.
  void relax();

  // Makes what was committed survive a power cut. Durability::kFsync has done so already.
  Result<> sync();

  // Whether the file at the path is still the one that is open.
  bool is_in_place() const;

  // For the last moment: everything into the one file, and the next process goes on with exactly
  // `next_sequence`. The file is closed by the destructor.
  Result<> close(std::uint64_t next_sequence);

  sqlite::Database& database() { return *database_; }

 private:
  struct Statements;

  JournalStore(Options options, std::unique_ptr<sqlite::Database> database);
  Result<> prepare();
  Result<> try_writing();
  Result<std::string> id();
  Result<> tell_budget();
  Result<> write(const JournalWrite& write);
  Result<> reserve(std::uint64_t next_sequence);
  Result<> tidy(const Retention::Now& now, std::uint64_t first_sequence, Upkeep& upkeep);
  // After a transaction that did not commit: nothing that was remembered about the file holds.
  void forget();
  Result<> make_room(std::vector<Evicted>& evicted);
  std::uint64_t log_bytes() const;

  Options options_;
  std::unique_ptr<sqlite::Database> database_;
  std::unique_ptr<Statements> statements_;
  std::uint64_t reserved_until_ = 0;
  int log_pages_ = 0;
  std::uint64_t limit_ = 0;  // for the pages in use: what the budget leaves beside the log, or less
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
};

}  // namespace plumbline
