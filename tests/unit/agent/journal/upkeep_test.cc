// SPDX-License-Identifier: Apache-2.0
//
// Budgets, the 10 s record and the counting of what goes.
#include <algorithm>
#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/journal/compaction.h"
#include "agent/journal/reader.h"
#include "agent/journal/store.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/journal/samples.h"

namespace plumbline {
namespace {

using samples::batch;
using samples::kSecondNanos;
using samples::kStart;
using std::chrono::hours;

constexpr std::uint64_t kNever = ~0ULL >> 1U;

UnixNanos after(std::chrono::seconds time) {
  return kStart + static_cast<UnixNanos>(std::chrono::nanoseconds(time).count());
}

class UpkeepTest : public testing::Test {
 protected:
  void open(const JournalBudget& budget = {}) {
    store_.reset();
    auto store = JournalStore::open({.path = path(), .budget = budget});
    ASSERT_TRUE(store) << store.error().what;
    store_ = std::move(*store);
  }
  std::string path() const { return dir_.path() / "journal.db"; }

  void append(Stream stream, UnixNanos time, std::string bytes, std::vector<CursorState> c = {}) {
    const auto done = store_->commit({.batches = {batch(stream, next_, std::move(bytes), time, 10)},
                                      .cursors = std::move(c),
                                      .next_sequence = next_ + 1});
    ASSERT_TRUE(done) << done.error().what;
    ++next_;
  }
  Upkeep maintain(UnixNanos now, std::uint64_t passed = 0) {
    const auto first = next_;
    next_ += kCompactionSequences;
    auto upkeep = store_->maintain({.time = now, .passed = passed}, first);
    EXPECT_TRUE(upkeep) << upkeep.error().what;
    return *upkeep;
  }
  JournalReader::Extent extent(Stream stream) {
    return *(*JournalReader::open(path()))->extent({.stream = stream});
  }
  // Bytes that do not compress.
  std::string noise(std::size_t size) {
    std::string bytes(size, '\0');
    std::ranges::generate(bytes, [this] { return static_cast<char>(random_()); });
    return bytes;
  }

  TempDir dir_;
  std::unique_ptr<JournalStore> store_;
  std::uint64_t next_ = 1;
  std::mt19937 random_{42};
};

TEST_F(UpkeepTest, EachStreamHasItsOwnAge) {
  open();
  for (std::uint64_t i = 0; i < 2 * kChainLinks; ++i) {
    for (const auto stream : {Stream::kExport, Stream::kSecond, Stream::kTenth}) {
      append(stream, kStart, "x");
    }
  }
  for (const auto stream : {Stream::kExport, Stream::kSecond, Stream::kTenth}) {
    append(stream, after(hours(24 * 30)), "y");  // ends the chain before
  }
  maintain(after(hours(5)));
  EXPECT_EQ(extent(Stream::kSecond).batches, 2 * kChainLinks + 1);
  maintain(after(hours(7)));
  EXPECT_EQ(extent(Stream::kSecond).batches, 1U);
  EXPECT_EQ(extent(Stream::kTenth).batches, 2 * kChainLinks + 1);
  maintain(after(hours(25)));
  EXPECT_EQ(extent(Stream::kExport).batches, 2 * kChainLinks + 1) << "nobody has taken it";
  maintain(after(hours(25)), kNever);
  EXPECT_EQ(extent(Stream::kExport).batches, 1U) << "everybody has taken it";
  maintain(after(hours(24 * 8)));
  EXPECT_EQ(extent(Stream::kTenth).batches, 1U);
}

TEST_F(UpkeepTest, PointsFromTheFutureHoldNothingUp) {
  open();
  append(Stream::kSecond, after(hours(24 * 365)), "wrong clock");
  next_ += kChainSpan;
  append(Stream::kSecond, kStart, "old");
  next_ += kChainSpan;
  append(Stream::kSecond, after(hours(10)), "new");
  maintain(after(hours(10)));
  EXPECT_EQ(extent(Stream::kSecond).batches, 2U);
}

TEST_F(UpkeepTest, TheSizeBudgetTakesTheOldestAndCountsItForThoseWhoHadNotTakenIt) {
  open({.max_bytes = 2U << 20U});
  CursorState behind{.name = "otlp:behind", .next = 1};
  CursorState ahead{.name = "otlp:ahead", .next = 1};
  std::uint64_t dropped_behind = 0;
  for (int i = 0; i < 1000; ++i) {
    for (auto* cursor : {&behind, &ahead}) cursor->ledgers[0].collected += 10;
    const auto sequence = next_;
    append(Stream::kExport, kStart, noise(8 << 10U), {behind, ahead});
    ahead.next = sequence + 1;
    ahead.ledgers[0].delivered += 10;
    const auto over = store_->is_over_budget();
    ASSERT_TRUE(over);
    if (!*over) continue;
    for (const auto& gone : maintain(kStart).evicted) {
      EXPECT_EQ(gone.reason, DropReason::kSize);
      behind.drop(gone.signal, gone.reason, gone.items);
      dropped_behind += gone.items;
    }
  }
  store_->commit({.cursors = {behind, ahead}, .next_sequence = next_});
  EXPECT_GT(dropped_behind, 7'000U);
  EXPECT_LE(std::filesystem::file_size(path()), 2U << 20U);
  const auto cursors = (*JournalReader::open(path()))->cursors();
  ASSERT_EQ(cursors->size(), 2U);
  EXPECT_EQ((*cursors)[0].name, "otlp:ahead");
  EXPECT_EQ((*cursors)[0].ledgers[0].dropped, 0U);
  EXPECT_EQ((*cursors)[1].ledgers[0].dropped, dropped_behind);
  EXPECT_EQ((*cursors)[1].ledgers[0].queued(), extent(Stream::kExport).items);
}

TEST_F(UpkeepTest, ACrashBetweenEvictionAndTheNextCommitLosesNoCount) {
  open({.max_bytes = 2U << 20U});
  CursorState cursor{.name = "otlp:a"};
  while (!*store_->is_over_budget()) {
    cursor.ledgers[0].collected += 10;
    append(Stream::kExport, kStart, noise(8 << 10U), {cursor});
  }
  const auto evicted = maintain(kStart).evicted.size();
  ASSERT_GT(evicted, 0U);
  open({.max_bytes = 2U << 20U});  // what the agent had in memory is gone
  const auto saved = store_->load();
  const auto size = static_cast<std::size_t>(DropReason::kSize);
  EXPECT_EQ(saved->cursors[0].dropped[0][size], 10 * evicted);
  EXPECT_EQ(saved->cursors[0].ledgers[0].dropped, 10 * evicted);
}

TEST_F(UpkeepTest, TheFileShrinksWhenItHoldsLess) {
  open();
  for (int i = 0; i < 200; ++i) append(Stream::kSecond, kStart, noise(32 << 10U));
  ASSERT_TRUE(store_->close(next_));
  const auto full = std::filesystem::file_size(path());
  next_ += kChainSpan;
  append(Stream::kSecond, after(hours(24)), "y");
  for (int i = 0; i < 5; ++i) maintain(after(hours(24)));
  ASSERT_TRUE(store_->close(next_));
  EXPECT_LT(std::filesystem::file_size(path()), full / 4);
}

TEST_F(UpkeepTest, FiveMinutesOfSecondsBecomeThirtyWindows) {
  open();
  for (std::uint64_t second = 0; second < 325; ++second) {
    append(Stream::kSecond, kStart + second * kSecondNanos, samples::node_second(second, 12));
    if (second % 10 == 9) maintain(kStart + second * kSecondNanos);
  }
  EXPECT_EQ(extent(Stream::kTenth).batches, kWindowsPerCompaction);
  EXPECT_EQ(extent(Stream::kSecond).batches, 325U) << "the seconds stay for their own time";
  // Counters keep one point in ten; what wanders keeps three at most.
  EXPECT_LT(extent(Stream::kTenth).items, 30U * 12 * 3);
}

TEST_F(UpkeepTest, TheTenSecondRecordHasNoGapAndNoDoubleOverRestarts) {
  for (std::uint64_t second = 0; second < 1000; ++second) {
    if (second % 97 == 0) open();
    append(Stream::kSecond, kStart + second * kSecondNanos, samples::node_second(second, 3));
    if (second % 10 == 9) maintain(kStart + second * kSecondNanos);
  }
  std::multiset<UnixNanos> windows;
  ASSERT_TRUE(
      (*JournalReader::open(path()))->read({.stream = Stream::kTenth}, [&](const BatchView& row) {
        EXPECT_LE(row.head.first, row.head.last);
        windows.insert(row.head.last / kTenthWindow);
        return Visit::kContinue;
      }));
  ASSERT_EQ(windows.size(), 3 * kWindowsPerCompaction);
  UnixNanos expected = kStart / kTenthWindow;
  for (const auto window : windows) EXPECT_EQ(window, expected++);
}

TEST_F(UpkeepTest, SecondsAcrossAStepBackOfTheClockAllCount) {
  open();
  std::uint64_t rows = 0;
  for (std::uint64_t second = 0; second < 700; ++second) {
    // After 200 s the clock is set back by a minute.
    const auto wall = second < 200 ? second : second - 60;
    append(Stream::kSecond, kStart + wall * kSecondNanos, samples::node_second(wall, 3));
    if (second % 10 == 9) maintain(kStart + wall * kSecondNanos);
    ++rows;
  }
  EXPECT_EQ(rows, extent(Stream::kSecond).batches);
  EXPECT_GE(extent(Stream::kTenth).batches, 2 * kWindowsPerCompaction);
  EXPECT_EQ(extent(Stream::kTenth).first, kStart);
}

}  // namespace
}  // namespace plumbline
