// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/clock.h"
#include "agent/core/log.h"
#include "agent/core/result.h"
#include "agent/journal/lock.h"
#include "agent/journal/record.h"
#include "agent/journal/store.h"

namespace plumbline {

// One journal through all that can happen to its disk: opens it, puts a damaged one aside and
// begins anew with what could be saved, notices that it was removed, makes room on a full
// disk, opens again after an I/O error. Says what it did, once, in the log. Lives on the writer's
// lane.
class JournalFile {
 public:
  JournalFile(JournalStore::Options options, const Clock& clock, Log& log);
  JournalFile(const JournalFile&) = delete;
  JournalFile& operator=(const JournalFile&) = delete;
  JournalFile(JournalFile&&) = delete;
  JournalFile& operator=(JournalFile&&) = delete;
  ~JournalFile();

  // For the start of the agent: takes the lock too. An error is final: another agent (kBusy), a
  // newer schema, another program's file, a directory that cannot be written.
  Result<JournalStore::Saved> open();

  enum class Sync : std::uint8_t { kNo, kYes };
  struct Request {
    JournalWrite write;
    // Every export record that the agent still holds in memory: what of it a damaged or removed
    // file took along is written again.
    std::vector<std::shared_ptr<const LogRecord>> held;
    std::optional<Retention::Now> upkeep;
    std::uint64_t first_free = 0;  // kCompactionSequences sequences for the upkeep
    Sync sync = Sync::kNo;
    bool damaged = false;  // a reader found that the file cannot be trusted
  };

  struct Outcome {
    Result<> committed;  // an error: nothing of the write is in the file
    std::vector<Evicted> evicted;
    std::optional<std::uint64_t> bytes;  // on disk, after upkeep
    bool made_room = false;              // the disk was full, the oldest in the file went
    // Set when a new journal was begun: the cursors as they are in it.
    std::optional<std::vector<CursorState>> anew;
  };
  Outcome write(const Request& request);

  // The last call. Leaves one file that the next process opens without work.
  Result<> close(const JournalWrite& last);

 private:
  Result<> reopen();
  Result<> find_place();
  Result<> replace_damaged(std::string_view why);
  Result<> replace_removed();
  Result<> start_over(sqlite::Database& old, std::string_view what);
  Result<> drop_present(std::vector<PendingBatch>& batches);
  Result<> commit_after_opening(const Request& request);
  Result<> commit(const Request& request, Outcome& outcome);
  void make_room(Outcome& outcome);
  void tell_full();
  void upkeep(const Request& request, Outcome& outcome);
  void keep_reserve();
  std::string reserve_path() const { return options_.path + ".reserve"; }

  JournalStore::Options options_;
  const Clock& clock_;
  Log& log_;
  std::optional<JournalLock> lock_;
  std::unique_ptr<JournalStore> store_;  // null: could not be opened, tried again at each write
  bool opened_ = false;                  // again, since the last commit
  bool anew_ = false;                    // begun, since the last commit
  bool told_full_ = false;               // until the disk has space again
};

}  // namespace plumbline
