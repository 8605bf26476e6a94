// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/journal_file.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "agent/core/fd.h"
#include "agent/core/units.h"
#include "agent/journal/salvage.h"

namespace plumbline {
namespace {

constexpr std::string_view kArea = "journal";

// Given back on a full disk, so that the oldest batches can be deleted and the write-ahead log be
// folded into the file: even that needs space, as much as the log may take. Made again when the
// disk has four times as much.
constexpr std::uint64_t kReserveBytes = 2U << 20U;

}  // namespace

JournalFile::JournalFile(JournalStore::Options options, const Clock& clock, Log& log)
    : options_(std::move(options)), clock_(clock), log_(log) {}

JournalFile::~JournalFile() = default;

Result<JournalStore::Saved> JournalFile::open() {
  TRY(find_place());
  if (auto opened = reopen(); !opened) {
    if (opened.error().code != Errc::kMalformed) return std::move(opened).error();
    TRY(replace_damaged(opened.error().what));
  }
  auto saved = store_->load();
  if (!saved && saved.error().code == Errc::kMalformed) {
    TRY(replace_damaged(saved.error().what));
    saved = store_->load();
  }
  if (saved && saved->lost != 0) {
    log_.error(kArea,
               "{} items that destinations had not taken are missing from {}",
               saved->lost,
               options_.path);
  }
  anew_ = opened_ = false;
  keep_reserve();
  return saved;
}

Result<> JournalFile::reopen() {
  auto store = JournalStore::open(options_);
  if (!store) return std::move(store).error();
  store_ = std::move(*store);
  opened_ = true;
  return {};
}

// The directory and the lock, which may have been removed with everything in it. Whoever took the
// place since keeps it.
Result<> JournalFile::find_place() {
  const auto directory = std::filesystem::path(options_.path).parent_path();
  std::error_code problem;
  if (std::filesystem::create_directories(directory, problem)) {
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, problem);
  }
  if (problem) {
    return errno_error(problem.value(), "cannot make the state directory " + directory.string());
  }
  if (lock_ && lock_->is_in_place(options_.path)) return {};
  auto lock = JournalLock::acquire(options_.path, clock_.wall());
  if (!lock) return std::move(lock).error();
  lock_ = std::move(*lock);
  return {};
}

// A new file at the path, with what `old` still yields.
Result<> JournalFile::start_over(sqlite::Database& old, std::string_view what) {
  TRY(reopen());
  anew_ = true;
  const auto salvaged = salvage(old, store_->database());
  if (!salvaged) {
    store_.reset();
    return salvaged.error();
  }
  if (!salvaged->readable) {
    log_.error(kArea, "{}; nothing in it could be read, a new journal was begun", what);
    return {};
  }
  log_.error(kArea,
             "{}; a new journal was begun with {} batches of the old one, {} were lost",
             what,
             salvaged->batches,
             salvaged->lost);
  return {};
}

Result<> JournalFile::replace_damaged(std::string_view why) {
  if (store_) store_->database().keep_log();
  store_.reset();
  const auto aside = quarantine(options_.path, clock_.wall());
  if (!aside) return aside.error();
  const auto what = fmt::format(
      "the journal {} is damaged ({}) and was put aside as {}", options_.path, why, *aside);
  restore_header(*aside);
  auto damaged = sqlite::Database::open(*aside, sqlite::Access::kReadOnly, options_.vfs);
  if (damaged) return start_over(*damaged, what);
  log_.error(kArea, "{}; nothing in it could be read, a new journal was begun", what);
  anew_ = true;
  return reopen();
}

// The file is gone from its path, but our connection still has it open.
Result<> JournalFile::replace_removed() {
  TRY(find_place());
  auto old = std::move(store_);
  old->database().keep_log();
  auto begun =
      start_over(old->database(),
                 fmt::format("the journal {} was removed while it was in use", options_.path));
  if (!begun) store_ = std::move(old);  // no directory to begin in: what we have can still be read
  return begun;
}

// Leaves out what the file has already.
Result<> JournalFile::drop_present(std::vector<PendingBatch>& batches) {
  auto find = store_->database().prepare("SELECT 1 FROM batches WHERE sequence = ?1");
  if (!find) return std::move(find).error();
  std::vector<PendingBatch> missing;
  for (auto& batch : batches) {
    find->bind(1, batch.record->sequence);
    const auto row = find->step();
    if (!row) return row.error();
    if (!*row) missing.push_back(std::move(batch));
    find->reset();
  }
  batches = std::move(missing);
  return {};
}

// A file that was opened again may have the batches of a commit that failed at its last step, the
// sync; one that was begun anew lacks some that are still in memory.
Result<> JournalFile::commit_after_opening(const Request& request) {
  auto write = request.write;
  TRY(drop_present(write.batches));
  if (anew_) {
    JournalWrite again{.next_sequence = write.next_sequence};
    for (const auto& record : request.held) {
      again.batches.push_back({.stream = Stream::kExport, .record = record});
    }
    TRY(drop_present(again.batches));
    TRY(store_->commit(again));
  }
  return store_->commit(write);
}

Result<> JournalFile::commit(const Request& request, Outcome& outcome) {
  if (!store_) {
    anew_ = anew_ || (::access(options_.path.c_str(), F_OK) != 0 && errno == ENOENT);
    TRY(find_place());
    if (auto opened = reopen(); !opened) {
      if (opened.error().code != Errc::kMalformed) return std::move(opened).error();
      TRY(replace_damaged(opened.error().what));
    }
  } else if (!store_->is_in_place()) {
    TRY(replace_removed());
  } else if (request.damaged) {
    TRY(replace_damaged("a check found it"));
  }
  TRY(opened_ ? commit_after_opening(request) : store_->commit(request.write));
  opened_ = false;
  if (std::exchange(anew_, false)) {
    auto cursors = load_cursors(store_->database());
    if (!cursors) return std::move(cursors).error();
    outcome.anew = std::move(cursors->cursors);
  }
  return {};
}

// The disk is full: the oldest goes, inside the file, where its pages can be used again.
void JournalFile::make_room(Outcome& outcome) {
  if (!store_) return;
  ::unlink(reserve_path().c_str());
  static_cast<void>(store_->fold(JournalStore::Fold::kNow));
  const auto evicted = store_->squeeze();
  if (!evicted) return;
  outcome.made_room = true;
  outcome.evicted.insert(outcome.evicted.end(), evicted->begin(), evicted->end());
}

void JournalFile::tell_full() {
  if (std::exchange(told_full_, true)) return;
  log_.warning(kArea,
               "the disk of {} is full: the oldest in the journal makes room for the newest, until "
               "there is space again",
               options_.path);
}

JournalFile::Outcome JournalFile::write(const Request& request) {
  Outcome outcome;
  outcome.committed = commit(request, outcome);
  if (!outcome.committed && outcome.committed.error().code == Errc::kMalformed) {
    const auto why = outcome.committed.error().what;
    outcome.committed = replace_damaged(why);
    if (outcome.committed) outcome.committed = commit(request, outcome);
  }
  if (!outcome.committed && outcome.committed.error().code == Errc::kExhausted) {
    make_room(outcome);
    outcome.committed = commit(request, outcome);
  }
  // After an I/O error nothing is known of the file: it is opened again, and its log read again.
  if (!outcome.committed) {
    const auto code = outcome.committed.error().code;
    if (code == Errc::kUnavailable || code == Errc::kDenied) store_.reset();
    return outcome;
  }
  upkeep(request, outcome);
  if (outcome.made_room) tell_full();
  return outcome;
}

// Failures here lose nothing that was committed; the next write meets them again.
void JournalFile::upkeep(const Request& request, Outcome& outcome) {
  const auto folded = store_->fold(JournalStore::Fold::kWhenLong);
  if (!folded && folded.error().code == Errc::kExhausted) make_room(outcome);
  const auto over = store_->is_over_budget();
  if (request.upkeep || (over && *over)) {
    auto done = store_->maintain(request.upkeep.value_or(Retention::Now{}), request.first_free);
    if (done) {
      outcome.evicted.insert(outcome.evicted.end(), done->evicted.begin(), done->evicted.end());
      outcome.bytes = done->bytes;
    }
    keep_reserve();
  }
  if (request.sync == Sync::kYes && !store_->sync()) {
    // What a failed fsync left behind cannot be trusted to be on the disk later.
    log_.error(kArea,
               "the disk failed to sync {}; a power cut may lose what came since the last "
               "good one",
               options_.path);
    store_.reset();
  }
}

void JournalFile::keep_reserve() {
  struct statvfs disk {};
  if (::access(reserve_path().c_str(), F_OK) == 0) return;
  if (::statvfs(options_.path.c_str(), &disk) != 0) return;
  if (disk.f_bavail * disk.f_frsize < 4 * kReserveBytes) return;
  store_->relax();
  if (std::exchange(told_full_, false)) {
    log_.info(kArea, "the disk of {} has space again", options_.path);
  }
  const Fd fd(::open(reserve_path().c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (fd && ::posix_fallocate(fd.get(), 0, kReserveBytes) != 0) ::unlink(reserve_path().c_str());
}

Result<> JournalFile::close(const JournalWrite& last) {
  if (!store_) TRY(reopen());
  TRY(store_->commit(last));
  TRY(store_->close(last.next_sequence));
  store_.reset();
  return {};
}

}  // namespace plumbline
