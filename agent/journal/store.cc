// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/store.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "agent/core/fd.h"
#include "agent/journal/budget.h"
#include "agent/journal/compaction.h"
#include "agent/journal/schema.h"

namespace plumbline {
namespace {

// Sequences are reserved in the file before they are used, so that a crash in the time in which the
// disk took nothing cannot make a number, once sent, name another batch.
constexpr std::uint64_t kReserve = 1ULL << 16U;

// The write-ahead log may take an eighth of the budget, up to 2 MiB; it is folded into the file at
// half of that. Small, because on a full disk it can only be folded where the file need not grow.
constexpr std::uint64_t kMaxLogBytes = 2ULL << 20U;
constexpr std::uint64_t kPageBytes = 1024;
constexpr std::uint64_t kPagesPerShrink = 4096;

// When the budget is full, so much more of it is made free at once.
constexpr std::uint64_t kSlack = 64;

// On a full disk the pages in use stay below the size the file has by such a share.
constexpr std::uint64_t kSqueeze = 16;
constexpr std::uint64_t kLeastFile = 1U << 20U;

std::uint64_t log_budget(const JournalBudget& budget) {
  return std::min(kMaxLogBytes, budget.max_bytes / 8);
}

// Made by hand so that nobody else may read it: SQLite would use the process's umask. Closed before
// SQLite opens it, for closing it later would drop SQLite's locks.
Result<> create_file(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return errno_error(errno, "cannot open the journal " + path);
  return {};
}

// On a connection that cannot write: one that can would fold a log left by a newer program into
// the file when it closes. A process killed while it made the file leaves one that must be written
// to be read; it is too young to be anything but ours or empty.
Result<> check_file(const JournalStore::Options& options) {
  struct stat file {};
  if (::stat(options.path.c_str(), &file) == 0 && file.st_size == 0) return {};
  auto database = sqlite::Database::open(options.path, sqlite::Access::kReadOnly, options.vfs);
  if (!database) return std::move(database).error();
  auto checked = check_schema(*database);
  if (!checked && checked.error().code == Errc::kDenied) return {};
  return checked;
}

std::string random_id() {
  std::array<std::uint64_t, 2> number{};
  if (::getrandom(number.data(), sizeof(number), 0) != sizeof(number)) number[0] = 1;
  return fmt::format("{:016x}{:016x}", number[0], number[1]);
}

}  // namespace

struct JournalStore::Statements {
  ChainWriter writer;
  ChainReader reader;
  CursorTable cursors;
  Retention retention;
  sqlite::Statement event;
  sqlite::Statement state;
  sqlite::Statement reserve;
};

JournalStore::JournalStore(Options options, std::unique_ptr<sqlite::Database> database)
    : options_(std::move(options)), database_(std::move(database)) {}

JournalStore::~JournalStore() = default;

Result<std::unique_ptr<JournalStore>> JournalStore::open(const Options& options) {
  TRY(create_file(options.path));
  if (auto fits = check_file(options); !fits) {
    return Error{.code = fits.error().code,
                 .what = "cannot use the journal " + options.path + ": " + fits.error().what};
  }
  auto database = sqlite::Database::open(options.path, sqlite::Access::kReadWrite, options.vfs);
  if (!database) return std::move(database).error();
  TRY(check_schema(*database));
  TRY(migrate(*database));
  std::unique_ptr<JournalStore> store(
      new JournalStore(options, std::make_unique<sqlite::Database>(std::move(*database))));
  TRY(store->prepare());
  TRY(store->try_writing());
  return store;
}

// A wrong byte in the header can make SQLite take a file for read-only that is not. Only a write
// finds out; it is undone.
Result<> JournalStore::try_writing() {
  const auto trial = sqlite::Transaction::begin(*database_, sqlite::Transaction::Kind::kWrite);
  if (!trial) return trial.error();
  auto written = database_->execute("REPLACE INTO meta VALUES('trial', 0)");
  if (written || written.error().code != Errc::kDenied ||
      ::access(options_.path.c_str(), W_OK) != 0) {
    return written;
  }
  return Error{.code = Errc::kMalformed, .what = "its header is damaged"};
}

Result<> JournalStore::prepare() {
  const auto log_pages = log_budget(options_.budget) / 2 / kPageBytes;
  TRY(database_->execute(fmt::format(
      "PRAGMA synchronous = {}; PRAGMA wal_autocheckpoint = {}; PRAGMA journal_size_limit = {};"
      "PRAGMA cache_size = -512; PRAGMA cell_size_check = ON",
      options_.durability == Durability::kFsync ? "FULL" : "NORMAL",
      std::max<std::uint64_t>(log_pages, 64),
      log_budget(options_.budget))));
  auto writer = ChainWriter::prepare(*database_);
  if (!writer) return std::move(writer).error();
  auto reader = ChainReader::prepare(*database_);
  if (!reader) return std::move(reader).error();
  auto cursors = CursorTable::prepare(*database_);
  if (!cursors) return std::move(cursors).error();
  auto retention = Retention::prepare(*database_);
  if (!retention) return std::move(retention).error();
  auto event =
      database_->prepare("INSERT INTO events(time_ns, kind, subject, body) VALUES(?1, ?2, ?3, ?4)");
  if (!event) return std::move(event).error();
  auto state = database_->prepare("REPLACE INTO state(key, value) VALUES(?1, ?2)");
  if (!state) return std::move(state).error();
  auto reserve = database_->prepare("REPLACE INTO meta VALUES('next_sequence', ?1)");
  if (!reserve) return std::move(reserve).error();
  statements_ = std::make_unique<Statements>(Statements{std::move(*writer),
                                                        std::move(*reader),
                                                        std::move(*cursors),
                                                        std::move(*retention),
                                                        std::move(*event),
                                                        std::move(*state),
                                                        std::move(*reserve)});
  limit_ = options_.budget.max_bytes - log_budget(options_.budget);
  struct stat file {};
  if (::stat(options_.path.c_str(), &file) != 0) return errno_error(errno, options_.path);
  device_ = file.st_dev;
  inode_ = file.st_ino;
  return {};
}

Result<std::string> JournalStore::id() {
  auto find = database_->prepare("SELECT value FROM meta WHERE key = 'id'");
  if (!find) return std::move(find).error();
  const auto known = find->step();
  if (!known) return known.error();
  if (*known) return std::string(find->text(0));
  find->reset();
  auto save = database_->prepare("INSERT INTO meta VALUES('id', ?1)");
  if (!save) return std::move(save).error();
  auto made = random_id();
  save->bind_text(1, made);
  TRY(save->run());
  return made;
}

// For those who read the file from outside.
Result<> JournalStore::tell_budget() {
  const auto told = budget_of(*database_);
  if (!told) return told.error();
  if (*told == options_.budget) return {};
  auto transaction = sqlite::Transaction::begin(*database_, sqlite::Transaction::Kind::kWrite);
  if (!transaction) return std::move(transaction).error();
  TRY(save_budget(*database_, options_.budget));
  return transaction->commit();
}

Result<JournalStore::Saved> JournalStore::load() {
  Saved saved;
  TRY(tell_budget());
  auto name = id();
  if (!name) return std::move(name).error();
  saved.id = std::move(*name);
  auto cursors = load_cursors(*database_);
  if (!cursors) return std::move(cursors).error();
  saved.cursors = std::move(cursors->cursors);
  saved.lost = cursors->lost;
  const auto reserved = database_->number("SELECT value FROM meta WHERE key = 'next_sequence'");
  if (!reserved) return reserved.error();
  const auto last = database_->number("SELECT max(sequence) FROM batches");
  if (!last) return last.error();
  saved.next_sequence = static_cast<std::uint64_t>(std::max({*reserved, *last + 1, INT64_C(1)}));
  for (const auto& cursor : saved.cursors) {
    saved.next_sequence = std::max(saved.next_sequence, cursor.next);
  }
  auto state = database_->prepare("SELECT key, value FROM state ORDER BY key");
  if (!state) return std::move(state).error();
  while (true) {
    const auto row = state->step();
    if (!row) return row.error();
    if (!*row) return saved;
    saved.state.emplace_back(state->text(0), state->blob(1));
  }
}

Result<> JournalStore::reserve(std::uint64_t next_sequence) {
  if (next_sequence < reserved_until_) return {};
  reserved_until_ = next_sequence + kReserve;
  statements_->reserve.bind(1, reserved_until_);
  return statements_->reserve.run();
}

Result<> JournalStore::write(const JournalWrite& write) {
  auto transaction = sqlite::Transaction::begin(*database_, sqlite::Transaction::Kind::kWrite);
  if (!transaction) return std::move(transaction).error();
  TRY(reserve(write.next_sequence));
  for (const auto& batch : write.batches) {
    TRY(statements_->writer.insert(batch.stream, batch.record, batch.record->time));
  }
  for (const auto& name : write.forgotten) TRY(statements_->cursors.remove(*database_, name));
  for (const auto& cursor : write.cursors) TRY(statements_->cursors.save(cursor));
  for (const auto& event : write.events) {
    statements_->event.bind(1, event.time);
    statements_->event.bind_text(2, event.kind);
    statements_->event.bind_text(3, event.subject);
    statements_->event.bind_text(4, event.body);
    TRY(statements_->event.run());
  }
  for (const auto& [key, value] : write.state) {
    statements_->state.bind_text(1, key);
    statements_->state.bind_blob(2, value);
    TRY(statements_->state.run());
  }
  return transaction->commit();
}

Result<> JournalStore::commit(const JournalWrite& write) {
  auto result = this->write(write);
  if (!result) forget();
  return result;
}

void JournalStore::forget() {
  statements_->writer.restart();
  statements_->cursors.forget();
  reserved_until_ = 0;
}

Result<> JournalStore::tidy(const Retention::Now& now,
                            std::uint64_t first_sequence,
                            Upkeep& upkeep) {
  auto transaction = sqlite::Transaction::begin(*database_, sqlite::Transaction::Kind::kWrite);
  if (!transaction) return std::move(transaction).error();
  auto& parts = *statements_;
  TRY(parts.retention.expire(options_.budget, now, parts.writer, upkeep.evicted));
  const auto used = used_bytes(*database_);
  if (!used) return used.error();
  if (*used > limit_) {
    TRY(parts.retention.make_room(*database_, *used - limit_ + limit_ / kSlack, upkeep.evicted));
    // What still grew may be gone.
    parts.writer.restart();
  }
  TRY(parts.cursors.drop(*database_, upkeep.evicted));
  if (first_sequence != 0) {
    TRY(compact(*database_, parts.reader, parts.writer, first_sequence));
  }
  const auto age = static_cast<UnixNanos>(std::chrono::nanoseconds(options_.budget.tenth).count());
  TRY(database_->execute(
      fmt::format("DELETE FROM events WHERE time_ns < {}", now.time > age ? now.time - age : 0)));
  return transaction->commit();
}

Result<Upkeep> JournalStore::maintain(const Retention::Now& now, std::uint64_t first_sequence) {
  Upkeep upkeep;
  if (auto done = tidy(now, first_sequence, upkeep); !done) {
    forget();
    return std::move(done).error();
  }
  TRY(shrink(*database_, kPagesPerShrink));
  const auto size = database_->number("PRAGMA page_count");
  if (!size) return size.error();
  upkeep.bytes = static_cast<std::uint64_t>(*size) * kPageBytes + log_bytes();
  return upkeep;
}

Result<> JournalStore::fold(Fold when) {
  const auto long_log = log_budget(options_.budget) / 2 / kPageBytes;
  if (when == Fold::kWhenLong && static_cast<std::uint64_t>(log_pages_) < long_log) return {};
  const int code = sqlite3_wal_checkpoint_v2(
      database_->handle(), "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code == SQLITE_OK || code == SQLITE_BUSY) return {};
  return sqlite::error_of(database_->handle(), "the journal's log cannot be folded into its file");
}

Result<std::vector<Evicted>> JournalStore::squeeze() {
  struct stat file {};
  if (::stat(options_.path.c_str(), &file) != 0) return errno_error(errno, options_.path);
  const auto size = static_cast<std::uint64_t>(file.st_size);
  limit_ = std::min(limit_, std::max(size - size / kSqueeze, kLeastFile));
  std::vector<Evicted> evicted;
  auto done = make_room(evicted);
  forget();
  if (!done) return std::move(done).error();
  return evicted;
}

Result<> JournalStore::make_room(std::vector<Evicted>& evicted) {
  auto transaction = sqlite::Transaction::begin(*database_, sqlite::Transaction::Kind::kWrite);
  if (!transaction) return std::move(transaction).error();
  const auto used = used_bytes(*database_);
  if (!used) return used.error();
  const auto goal = limit_ - limit_ / kSlack;
  if (*used > goal) {
    TRY(statements_->retention.make_room(*database_, *used - goal, evicted));
  }
  TRY(statements_->cursors.drop(*database_, evicted));
  return transaction->commit();
}

void JournalStore::relax() {
  limit_ = options_.budget.max_bytes - log_budget(options_.budget);
}

Result<bool> JournalStore::is_over_budget() {
  const auto used = used_bytes(*database_);
  if (!used) return used.error();
  return *used > limit_;
}

Result<> JournalStore::sync() {
  if (options_.durability == Durability::kFsync) return {};
  sqlite3_file* log = nullptr;
  if (sqlite3_file_control(database_->handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) !=
          SQLITE_OK ||
      log == nullptr || log->pMethods == nullptr) {
    return {};  // nothing was written yet
  }
  if (log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) != SQLITE_OK) {
    return Error{.code = Errc::kUnavailable, .what = "the disk failed to sync the journal"};
  }
  return {};
}

bool JournalStore::is_in_place() const {
  struct stat file {};
  return ::stat(options_.path.c_str(), &file) == 0 && file.st_dev == device_ &&
         file.st_ino == inode_;
}

Result<> JournalStore::close(std::uint64_t next_sequence) {
  statements_->reserve.bind(1, next_sequence);
  TRY(statements_->reserve.run());
  reserved_until_ = next_sequence;
  return database_->execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

std::uint64_t JournalStore::log_bytes() const {
  struct stat file {};
  if (::stat((options_.path + "-wal").c_str(), &file) != 0) return 0;
  return static_cast<std::uint64_t>(file.st_size);
}

}  // namespace plumbline
