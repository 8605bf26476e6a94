// SPDX-License-Identifier: Apache-2.0
//
// The fault table: what a disk can do to a journal. Each ends in nothing lost within the budget,
// one line in the log, and a count.
#include <fcntl.h>
#include <sched.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/journal/journal.h"
#include "agent/journal/reader.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/journal/agent_thread.h"
#include "tests/unit/agent/journal/failing_vfs.h"
#include "tests/unit/agent/journal/samples.h"

namespace plumbline {
namespace {

namespace fs = std::filesystem;

using std::chrono::seconds;
using testing::HasSubstr;

constexpr std::uint64_t kMuch = 1U << 20U;
constexpr std::uint64_t kItems = 10;

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

class FaultTest : public testing::Test {
 protected:
  FaultTest() : log_file_(dir_.write("log", "")) {
    fd_.reset(::open(log_file_.c_str(), O_WRONLY | O_APPEND));
    log_.emplace(clock_, fd_.get(), LogFormat::kText, LogLevel::kDebug);
    options_.file.path = dir_.make_directory("state") / "journal.db";
  }

  void open() {
    journal_.reset();
    auto journal = Journal::open(options_, thread_.executor(), clock_, *log_);
    ASSERT_TRUE(journal) << journal.error().what;
    journal_ = std::move(*journal);
    cursor_ = journal_->add_cursor("otlp:a", {});
  }
  void append(std::size_t from, std::size_t to) {
    for (auto i = from; i < to; ++i) {
      journal_->append(Signal::kMetrics, clock_.wall(), kItems, body(i));
    }
  }
  // One after the other, each in a transaction of its own.
  void append_and_commit(std::size_t from, std::size_t to) {
    for (auto i = from; i < to; ++i) {
      append(i, i + 1);
      settle();
    }
  }
  static std::string body(std::size_t i) {
    return fmt::format("{:06} {}", i, std::string(500, 'x'));
  }
  void settle() {
    ASSERT_TRUE(thread_.run_until([this] { return journal_->stats().waiting_bytes == 0; }))
        << journal_->stats().trouble;
  }
  void wait_for_trouble() {
    ASSERT_TRUE(thread_.run_until([this] { return !journal_->stats().trouble.empty(); }));
  }
  // The disk is well again and the pause is over; the next batch finds out.
  void try_again(std::size_t next) {
    clock_.advance(seconds(60));
    append(next, next + 1);
    settle();
  }
  // Everything that can be taken; the numbers of the bodies, in order of arrival.
  std::vector<std::size_t> take_all() {
    std::vector<std::size_t> numbers;
    EXPECT_TRUE(thread_.run_until([&] {
      std::uint64_t items = 0;
      for (const auto& record : journal_->take(cursor_, kMuch)) {
        const auto number = std::stoul(record->bytes);
        EXPECT_EQ(record->bytes, body(number));
        numbers.push_back(number);
        items += record->items;
      }
      if (items != 0) journal_->finish(cursor_, {.delivered = items});
      return ledger().queued() == 0;
    })) << ledger().queued()
        << " still queued " << log_text();
    return numbers;
  }
  const Ledger& ledger() { return journal_->ledger(cursor_, Signal::kMetrics); }
  std::uint64_t dropped(DropReason reason) {
    return journal_->cursor(cursor_).dropped[0][static_cast<std::size_t>(reason)];
  }
  void expect_all(std::size_t batches) {
    auto numbers = take_all();
    ASSERT_EQ(numbers.size(), batches);
    EXPECT_TRUE(std::ranges::is_sorted(numbers));
    EXPECT_EQ(ledger().delivered, batches * kItems);
  }
  std::string log_text() {
    std::ifstream file(log_file_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TempDir dir_;
  fs::path log_file_;
  Fd fd_;
  ManualClock clock_{samples::kStart};
  std::optional<Log> log_;
  FailingVfs vfs_;
  AgentThread thread_;
  Journal::Options options_;
  std::unique_ptr<Journal> journal_;
  Journal::CursorId cursor_ = 0;
};

TEST_F(FaultTest, AnIoErrorIsToldOnceAndEverythingIsWrittenWhenItIsOver) {
  options_.file.vfs = vfs_.name();
  open();
  append_and_commit(0, 3);
  vfs_.fail_write = SQLITE_IOERR_WRITE;
  append(3, 5);
  wait_for_trouble();
  for (int i = 5; i < 8; ++i) {
    clock_.advance(seconds(40));  // each is an attempt
    append(i, i + 1);
    const auto failed = journal_->stats().failed_commits;
    ASSERT_TRUE(thread_.run_until([&] { return journal_->stats().failed_commits > failed; }));
  }
  EXPECT_EQ(count(log_text(), "takes nothing"), 1U);
  vfs_.fail_write = 0;
  try_again(8);
  EXPECT_THAT(log_text(), HasSubstr("the disk takes batches again"));
  open();
  expect_all(9);
}

TEST_F(FaultTest, DestinationsAreServedFromMemoryWhileTheDiskTakesNothing) {
  options_.file.vfs = vfs_.name();
  open();
  vfs_.fail_write = SQLITE_FULL;
  append(0, 5);
  wait_for_trouble();
  EXPECT_EQ(take_all().size(), 5U);
  vfs_.fail_write = 0;
  try_again(5);
  EXPECT_EQ(take_all().size(), 1U);
  EXPECT_EQ(ledger().delivered, 6 * kItems);
}

TEST_F(FaultTest, MemoryIsBoundedWhileTheDiskTakesNothingAndWhatGoesIsCounted) {
  options_.file.vfs = vfs_.name();
  options_.queue_bytes = 20 * body(0).size();
  open();
  vfs_.fail_write = SQLITE_IOERR_WRITE;
  append(0, 1);
  wait_for_trouble();
  append(1, 100);
  EXPECT_LE(journal_->stats().waiting_bytes, options_.queue_bytes);
  EXPECT_EQ(dropped(DropReason::kMemory), 80 * kItems);
  vfs_.fail_write = 0;
  try_again(100);
  const auto numbers = take_all();
  EXPECT_EQ(numbers.front(), 81U) << "the oldest go first";
  EXPECT_EQ(ledger().collected, ledger().delivered + ledger().dropped);
}

TEST_F(FaultTest, AHalfWrittenPageIsNeverTakenForABatch) {
  options_.file.vfs = vfs_.name();
  for (int left = 0; left < 12; ++left) {
    open();
    vfs_.writes_left = left;
    append(static_cast<std::size_t>(left), static_cast<std::size_t>(left) + 1);
    ASSERT_TRUE(thread_.run_until(
        [this] { return !journal_->stats().trouble.empty() || journal_->stats().commits > 0; }));
    vfs_.writes_left = -1;
    journal_.reset();  // a crash; the batch was never acknowledged and may be gone
    open();
    take_all();
    EXPECT_EQ(ledger().collected, ledger().delivered) << left;
  }
}

TEST_F(FaultTest, AFailedSyncIsNotTrusted) {
  options_.file.vfs = vfs_.name();
  options_.file.durability = Durability::kFsync;
  open();
  vfs_.fail_sync = SQLITE_IOERR_FSYNC;
  append(0, 1);
  wait_for_trouble();
  EXPECT_EQ(journal_->stats().commits, 0U);
  vfs_.fail_sync = 0;
  try_again(1);
  open();
  expect_all(2);
}

TEST_F(FaultTest, WithFsyncEveryCommitWaitsForTheDiskAndWithIntervalFewDo) {
  const auto syncs_for = [this](Durability durability) {
    options_.file.durability = durability;
    options_.file.vfs = vfs_.name();
    open();
    const auto before = vfs_.syncs.load();
    append_and_commit(0, 20);
    return vfs_.syncs.load() - before;
  };
  EXPECT_GE(syncs_for(Durability::kFsync), 20);
  EXPECT_LE(syncs_for(Durability::kInterval), 4);
}

TEST_F(FaultTest, ASlowDiskNeverStopsTheAgentThread) {
  options_.file.vfs = vfs_.name();
  open();
  std::mutex disk;
  std::unique_lock stuck(disk);
  vfs_.before_write([this, &disk] {
    const std::scoped_lock wait(disk);
    clock_.advance(seconds(2));
  });
  append(0, 50);  // returns although nothing is written
  EXPECT_EQ(journal_->stats().commits, 0U);
  EXPECT_TRUE(journal_->take(cursor_, kMuch).empty());
  stuck.unlock();
  settle();
  vfs_.before_write(nullptr);
  EXPECT_EQ(count(log_text(), "ms to take a batch"), 1U);
  EXPECT_LE(journal_->stats().commits, 2U) << "what waited goes together";
  expect_all(50);
}

TEST_F(FaultTest, AFullDiskDeletesTheOldestToTakeTheNewest) {
  ASSERT_EQ(::unshare(CLONE_NEWNS) == 0 || errno == EPERM, true);
  const auto state = dir_.path() / "state";
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("tmpfs", state.c_str(), "tmpfs", 0, "size=12m") != 0) {
    GTEST_SKIP() << "needs the right to mount";
  }
  options_.file.budget.max_bytes = 64U << 20U;  // more than the disk has
  open();
  std::mt19937 random;
  constexpr std::size_t kBatches = 800;
  for (std::size_t i = 0; i < kBatches; ++i) {
    std::string noise(32U << 10U, '\0');
    for (auto& byte : noise) byte = static_cast<char>(random());
    journal_->append(Signal::kMetrics, clock_.wall(), kItems, noise);
    clock_.advance(seconds(1));
    ASSERT_TRUE(thread_.run_until([this] {
      return journal_->stats().waiting_bytes == 0 || !journal_->stats().trouble.empty();
    }));
  }
  EXPECT_EQ(journal_->stats().trouble, "") << "the newest batch is on the disk\n" << log_text();
  EXPECT_GT(dropped(DropReason::kSize), 0U);
  EXPECT_GT(journal_->stats().disk_full, 0U);
  EXPECT_EQ(count(log_text(), "is full: the oldest in the journal makes room"), 1U);
  std::uint64_t taken = 0;
  EXPECT_TRUE(thread_.run_until([&] {
    std::uint64_t items = 0;
    for (const auto& record : journal_->take(cursor_, kMuch)) items += record->items;
    if (items != 0) journal_->finish(cursor_, {.delivered = items});
    taken += items;
    return ledger().queued() == 0;
  }));
  EXPECT_EQ(taken + ledger().dropped, kBatches * kItems);
  journal_.reset();
  ::umount(state.c_str());
}

TEST_F(FaultTest, AReadOnlyDiskIsWaitedFor) {
  ASSERT_EQ(::unshare(CLONE_NEWNS) == 0 || errno == EPERM, true);
  const auto state = dir_.path() / "state";
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("tmpfs", state.c_str(), "tmpfs", 0, "size=32m") != 0) {
    GTEST_SKIP() << "needs the right to mount";
  }
  // Writable files cannot be open when a disk becomes read-only by remount; a failing disk does it
  // to them all the same, and SQLite then answers as here.
  options_.file.vfs = vfs_.name();
  open();
  append_and_commit(0, 3);
  vfs_.fail_write = SQLITE_READONLY;
  append(3, 4);
  wait_for_trouble();
  journal_.reset();
  ASSERT_EQ(::mount(nullptr, state.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
  auto refused = Journal::open(options_, thread_.executor(), clock_, *log_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kUnavailable);
  EXPECT_THAT(refused.error().what, HasSubstr("Read-only file system"));
  ASSERT_EQ(::mount(nullptr, state.c_str(), nullptr, MS_REMOUNT, nullptr), 0);
  vfs_.fail_write = 0;
  open();
  append_and_commit(4, 5);
  EXPECT_EQ(take_all().size(), 4U) << "batch 3 was never acknowledged and its agent ended";
  journal_.reset();
  ::umount(state.c_str());
}

// A journal of 150 batches in which each byte in turn may be wrong.
class DamageTest : public FaultTest {
 protected:
  static constexpr std::size_t kBatches = 150;

  void SetUp() override {
    open();
    append_and_commit(0, kBatches);
    ASSERT_TRUE(journal_->close());
    journal_.reset();
    std::ifstream file(options_.file.path, std::ios::binary);
    whole_ = {std::istreambuf_iterator<char>(file), {}};
  }
  void start_with(const std::string& bytes) {
    journal_.reset();
    ASSERT_EQ(::ftruncate(fd_.get(), 0), 0);
    for (const auto& entry : fs::directory_iterator(dir_.path() / "state")) {
      fs::remove(entry.path());
    }
    std::ofstream(options_.file.path, std::ios::binary) << bytes;
    open();
  }
  // Collection goes on, what is delivered is right, and the ledger holds.
  void expect_survival(const std::string& what) {
    append(kBatches, kBatches + 1);
    ASSERT_TRUE(thread_.run_until([this] { return journal_->stats().commits > 0; }))
        << what << log_text();
    const auto numbers = take_all();
    ASSERT_FALSE(numbers.empty()) << what;
    EXPECT_EQ(numbers.back(), kBatches) << what;
    EXPECT_TRUE(std::ranges::is_sorted(numbers)) << what;
    EXPECT_EQ(std::ranges::adjacent_find(numbers), numbers.end()) << what;
    EXPECT_EQ(ledger().collected, ledger().delivered + ledger().rejected + ledger().dropped)
        << what << ": " << numbers.size() << " taken\n"
        << log_text();
    survivors_ += numbers.size();
  }

  // Journals in the directory whose name begins so; each may have a log beside it.
  std::ptrdiff_t put_aside(std::string_view prefix) {
    return std::ranges::count_if(
        fs::directory_iterator(dir_.path() / "state"), [prefix](const auto& entry) {
          const auto name = entry.path().filename().string();
          return name.starts_with(prefix) && !name.ends_with("-wal") && !name.ends_with("-shm");
        });
  }

  std::string whole_;
  std::size_t survivors_ = 0;
};

TEST_F(DamageTest, AWrongByteAnywhereNeverStopsCollectionNorForgesABatch) {
  std::mt19937 random(testing::UnitTest::GetInstance()->random_seed() + 7);
  std::vector<std::size_t> offsets{0, 16, 18, 27, 40, 60, 68, 95, 100, 103, 108, 1023, 1024};
  while (offsets.size() < 60) offsets.push_back(random() % whole_.size());
  for (const auto offset : offsets) {
    auto bytes = whole_;
    bytes[offset] = static_cast<char>(bytes[offset] ^ (1U << (random() % 8)));
    start_with(bytes);
    expect_survival(fmt::format("offset {}", offset));
    if (HasFatalFailure()) return;
  }
  // One byte costs a chain at most, and most bytes cost less.
  EXPECT_GT(survivors_, offsets.size() * kBatches / 2);
}

TEST_F(DamageTest, ATruncatedFileIsPutAsideAndBegunAnew) {
  for (const auto keep : {std::size_t{1}, std::size_t{512}, whole_.size() / 3, whole_.size() - 7}) {
    start_with(whole_.substr(0, keep));
    expect_survival(fmt::format("{} bytes", keep));
  }
}

TEST_F(DamageTest, ADamagedJournalIsPutAsideUnderANewNameAndSaidOnce) {
  auto bytes = whole_;
  std::fill_n(bytes.begin(), 100, 'x');
  start_with(bytes);
  expect_survival("no header");
  EXPECT_EQ(ledger().delivered, (kBatches + 1) * kItems) << "the header alone hides nothing\n"
                                                         << log_text();
  EXPECT_EQ(count(log_text(), "was put aside as"), 1U);
  EXPECT_EQ(put_aside("journal.db.corrupt-2023-11-14T"), 1);
}

TEST_F(DamageTest, OnlyTheLastFewDamagedJournalsAreKept) {
  for (int i = 0; i < 5; ++i) {
    journal_.reset();
    std::ofstream(options_.file.path, std::ios::binary) << std::string(4096, 'x');
    clock_.advance(seconds(1));
    open();
  }
  EXPECT_EQ(put_aside("journal.db.corrupt-"), 2);
}

}  // namespace
}  // namespace plumbline
