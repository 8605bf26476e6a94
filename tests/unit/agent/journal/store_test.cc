// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/store.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/journal/queue_reader.h"
#include "agent/journal/reader.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/journal/samples.h"

namespace plumbline {
namespace {

using samples::batch;
using samples::kSecondNanos;
using samples::kStart;
using testing::ElementsAre;
using testing::HasSubstr;

class Store : public testing::Test {
 protected:
  std::unique_ptr<JournalStore> open() {
    auto store = JournalStore::open({.path = path(), .budget = budget_});
    EXPECT_TRUE(store) << store.error().what;
    return std::move(*store);
  }
  std::string path() const { return dir_.path() / "journal.db"; }

  // Seconds `first` to `last` of a node, each a row of `stream`, sequences from first + 1.
  void fill(JournalStore& store, Stream stream, std::uint64_t first, std::uint64_t last) {
    for (auto second = first; second <= last; ++second) {
      JournalWrite write{.batches = {batch(stream,
                                           second + 1,
                                           samples::node_second(second, 30),
                                           kStart + second * kSecondNanos,
                                           30)},
                         .next_sequence = second + 2};
      const auto done = store.commit(write);
      ASSERT_TRUE(done) << done.error().what;
    }
  }

  std::vector<std::string> read(Stream stream, UnixNanos from = 0, UnixNanos to = ~0ULL >> 1U) {
    auto reader = JournalReader::open(path());
    EXPECT_TRUE(reader) << reader.error().what;
    std::vector<std::string> requests;
    const auto done =
        (*reader)->read({.stream = stream, .from = from, .to = to}, [&](const BatchView& row) {
          EXPECT_FALSE(row.damaged());
          requests.emplace_back(row.request);
          return Visit::kContinue;
        });
    EXPECT_TRUE(done) << done.error().what;
    return requests;
  }

  TempDir dir_;
  JournalBudget budget_;
};

TEST_F(Store, WhatWasCommittedIsReadBackByteForByteOverSeveralChains) {
  auto store = open();
  fill(*store, Stream::kSecond, 0, 3 * kChainLinks);
  const auto requests = read(Stream::kSecond);
  ASSERT_EQ(requests.size(), 3 * kChainLinks + 1);
  for (std::uint64_t second = 0; second < requests.size(); ++second) {
    EXPECT_EQ(requests[second], samples::node_second(second, 30)) << second;
  }
}

TEST_F(Store, ARangeOfTimeYieldsTheBatchesThatTouchIt) {
  auto store = open();
  fill(*store, Stream::kSecond, 0, 99);
  const auto requests =
      read(Stream::kSecond, kStart + 70 * kSecondNanos, kStart + 72 * kSecondNanos);
  EXPECT_THAT(requests,
              ElementsAre(samples::node_second(70, 30),
                          samples::node_second(71, 30),
                          samples::node_second(72, 30)));
}

TEST_F(Store, OnlyTheOwnerCanReadTheFile) {
  open();
  struct stat file {};
  ASSERT_EQ(::stat(path().c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600U);
}

TEST_F(Store, AnotherProcessGoesOnWithGreaterSequencesAndTheSameCursors) {
  std::string id;
  {
    auto store = open();
    id = store->load()->id;
    CursorState cursor{.name = "otlp:a", .next = 3};
    cursor.ledgers[0] = {.collected = 90, .delivered = 60};
    for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) {
      ASSERT_TRUE(store->commit({.batches = {batch(Stream::kExport, sequence, "x", kStart, 30)},
                                 .cursors = {cursor},
                                 .next_sequence = sequence + 1}));
    }
  }
  const auto saved = open()->load();
  ASSERT_TRUE(saved);
  EXPECT_EQ(saved->id, id);
  EXPECT_GT(saved->next_sequence, 3U);
  ASSERT_EQ(saved->cursors.size(), 1U);
  EXPECT_EQ(saved->cursors[0].next, 3U);
  EXPECT_EQ(saved->cursors[0].ledgers[0].queued(), 30U);
}

TEST_F(Store, ACleanEndLeavesNoGapInTheSequences) {
  {
    auto store = open();
    fill(*store, Stream::kExport, 0, 4);
    ASSERT_TRUE(store->close(6));
  }
  EXPECT_EQ(open()->load()->next_sequence, 6U);
}

TEST_F(Store, ItemsMissingFromTheFileAreCountedAsDamaged) {
  {
    auto store = open();
    CursorState cursor{.name = "otlp:a"};
    cursor.ledgers[0] = {.collected = 100};
    ASSERT_TRUE(store->commit({.batches = {batch(Stream::kExport, 1, "x", kStart, 40)},
                               .cursors = {cursor},
                               .next_sequence = 2}));
  }
  const auto saved = open()->load();
  EXPECT_EQ(saved->cursors[0].ledgers[0].dropped, 60U);
  EXPECT_EQ(saved->cursors[0].dropped[0][static_cast<std::size_t>(DropReason::kDamaged)], 60U);
  EXPECT_EQ(saved->cursors[0].ledgers[0].queued(), 40U);
}

TEST_F(Store, ANewerSchemaIsRefusedAndTheFileStaysAsItIs) {
  {
    auto store = open();
    ASSERT_TRUE(store->database().execute(
        "PRAGMA user_version = 99; UPDATE meta SET value = 99 WHERE key = 'schema_version'"));
    ASSERT_TRUE(store->close(1));
  }
  const auto before = std::filesystem::last_write_time(path());
  const auto store = JournalStore::open({.path = path()});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Errc::kUnsupported);
  EXPECT_THAT(store.error().what, HasSubstr("newer plumbline"));
  EXPECT_EQ(std::filesystem::last_write_time(path()), before);
}

TEST_F(Store, TheDatabaseOfAnotherProgramIsRefused) {
  {
    auto other = sqlite::Database::open(path(), sqlite::Access::kReadWrite);
    ASSERT_TRUE(other->execute("CREATE TABLE theirs(x)"));
  }
  const auto store = JournalStore::open({.path = path()});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Errc::kUnsupported);
  EXPECT_THAT(store.error().what, HasSubstr("another program"));
}

TEST_F(Store, AFileThatIsNoDatabaseIsDamaged) {
  dir_.write("journal.db", std::string(8192, 'x'));
  const auto store = JournalStore::open({.path = path()});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Errc::kMalformed);
}

TEST_F(Store, AFlippedByteInARecordIsToldByTheRecordAndThoseThatNeedIt) {
  auto store = open();
  fill(*store, Stream::kSecond, 0, 9);
  ASSERT_TRUE(store->database().execute(
      "UPDATE batches SET bytes = CAST(substr(bytes, 1, 9) || x'ff' || substr(bytes, 11) AS BLOB)"
      " WHERE sequence = 6"));
  auto reader = JournalReader::open(path());
  std::vector<std::uint64_t> intact;
  std::vector<std::uint64_t> damaged;
  ASSERT_TRUE((*reader)->read({}, [&](const BatchView& row) {
    (row.damaged() ? damaged : intact).push_back(row.head.sequence);
    return Visit::kContinue;
  }));
  EXPECT_THAT(intact, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(damaged, ElementsAre(6, 7, 8, 9, 10));
}

TEST_F(Store, EventsAndStateAreKept) {
  auto store = open();
  ASSERT_TRUE(store->commit(
      {.events = {{.time = kStart, .kind = "oom_kill", .subject = "pod-a", .body = "{}"}},
       .state = {{"slo/checkout", std::string("\0\x01", 2)}}}));
  ASSERT_TRUE(store->commit({.state = {{"slo/checkout", "new"}}}));
  auto reader = JournalReader::open(path());
  const auto events = (*reader)->events(kStart - 1, kStart + 1);
  ASSERT_EQ(events->size(), 1U);
  EXPECT_EQ(events->front().subject, "pod-a");
  EXPECT_EQ(*(*reader)->state("slo/checkout"), "new");
  EXPECT_EQ(*(*reader)->state("slo/other"), "");
}

TEST_F(Store, TheQueueIsReadInOrderOverSignalsAndRestarts) {
  for (std::uint64_t part = 0; part < 3; ++part) {
    auto store = open();  // each time with a gap in the sequences
    auto next = store->load()->next_sequence;
    for (int i = 0; i < 5; ++i, ++next) {
      const auto signal = i % 2 == 0 ? Signal::kMetrics : Signal::kTraces;
      ASSERT_TRUE(store->commit(
          {.batches = {batch(Stream::kExport, next, fmt::format("{}", next), kStart, 1, signal),
                       batch(Stream::kSecond, next + 100'000'000, "s")},
           .next_sequence = next + 1}));
      ASSERT_TRUE(store->database().execute("DELETE FROM batches WHERE stream = 1"));
    }
  }
  auto queue = QueueReader::open(path());
  ASSERT_TRUE(queue);
  std::vector<std::uint64_t> seen;
  for (std::uint64_t from = 1; from < 1'000'000;) {
    const auto part = (*queue)->read(from, 1'000'000, 8);
    ASSERT_TRUE(part) << part.error().what;
    ASSERT_GT(part->until, from);
    for (const auto& record : part->records) {
      EXPECT_EQ(record->bytes, fmt::format("{}", record->sequence));
      seen.push_back(record->sequence);
    }
    from = part->until;
  }
  EXPECT_EQ(seen.size(), 15U);
  EXPECT_TRUE(std::ranges::is_sorted(seen));
}

TEST_F(Store, TwoDestinationsReadTheQueueInPartsFromTheirOwnPlaces) {
  constexpr std::uint64_t kLast = 2 * kChainLinks;
  auto store = open();
  fill(*store, Stream::kExport, 0, kLast - 1);
  auto queue = QueueReader::open(path());
  ASSERT_TRUE(queue);
  const auto read = [&queue](std::uint64_t from, std::uint64_t max_bytes) {
    auto part = (*queue)->read(from, kLast + 1, max_bytes);
    EXPECT_TRUE(part) << part.error().what;
    EXPECT_FALSE(part->records.empty());
    for (const auto& record : part->records) {
      EXPECT_EQ(record->sequence, from++);
      EXPECT_EQ(record->bytes, samples::node_second(record->sequence - 1, 30)) << record->sequence;
    }
    EXPECT_EQ(part->until, from);
    return part->until;
  };
  const auto one = samples::node_second(0, 30).size();
  std::uint64_t ahead = 7;
  for (std::uint64_t behind = 1; behind <= kLast;) {
    behind = read(behind, 1);
    behind = read(behind, 3 * one);
    if (behind % 3 == 0 && ahead <= kLast) ahead = read(ahead, 2 * one);
  }
}

TEST_F(Store, TheQueueGoesOnBehindADamagedRecord) {
  auto store = open();
  fill(*store, Stream::kExport, 0, kChainLinks + 1);
  ASSERT_TRUE(store->database().execute("UPDATE batches SET items = 31 WHERE sequence = 6"));
  auto queue = QueueReader::open(path());
  ASSERT_TRUE(queue);
  std::vector<std::uint64_t> intact;
  std::vector<std::uint64_t> damaged;
  for (std::uint64_t from = 1; from <= kChainLinks + 2;) {
    const auto part = (*queue)->read(from, kChainLinks + 3, 1);
    ASSERT_TRUE(part) << part.error().what;
    for (const auto& record : part->records) intact.push_back(record->sequence);
    for (const auto& lost : part->damaged) damaged.push_back(lost.sequence);
    from = part->until;
  }
  EXPECT_THAT(intact, ElementsAre(1, 2, 3, 4, 5, kChainLinks + 1, kChainLinks + 2));
  EXPECT_EQ(damaged.size(), kChainLinks - 5);
}

}  // namespace
}  // namespace plumbline
