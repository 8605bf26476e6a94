// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/range_reader.h"

#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/journal/bundle.h"
#include "agent/journal/inspect.h"
#include "agent/journal/store.h"
#include "agent/journal/vacuum.h"
#include "agent/journal/verify.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/journal/samples.h"

namespace plumbline {
namespace {

using samples::batch;
using samples::kSecondNanos;
using samples::kStart;

constexpr std::uint64_t kSeries = 20;

class Range : public testing::Test {
 protected:
  void SetUp() override {
    auto store = JournalStore::open({.path = path_});
    ASSERT_TRUE(store) << store.error().what;
    store_ = std::move(*store);
    ASSERT_TRUE(store_->load());
  }

  // Seconds [first, last) of a node; sequences from first + 1.
  void fill(std::uint64_t first, std::uint64_t last) {
    for (auto second = first; second < last; ++second) {
      const auto done = store_->commit({.batches = {batch(Stream::kSecond,
                                                          second + 1,
                                                          samples::node_second(second, kSeries),
                                                          kStart + second * kSecondNanos,
                                                          kSeries)},
                                        .next_sequence = second + 2});
      ASSERT_TRUE(done) << done.error().what;
    }
  }
  std::unique_ptr<JournalReader> reader() { return JournalReader::open(path_).value(); }
  void execute(const std::string& sql) { ASSERT_TRUE(store_->database().execute(sql)); }

  TempDir dir_;
  std::string path_ = dir_.path() / "journal.db";
  std::unique_ptr<JournalStore> store_;
};

TEST_F(Range, PartsFollowOneAnotherWithoutAGap) {
  // Each request is some 100 KiB, so that a part holds some eighty.
  for (std::uint64_t sequence = 1; sequence <= 200; ++sequence) {
    ASSERT_TRUE(store_->commit({.batches = {batch(Stream::kSecond,
                                                  sequence,
                                                  samples::node_second(sequence, 1200),
                                                  kStart + sequence * kSecondNanos,
                                                  1200)},
                                .next_sequence = sequence + 1}));
  }
  const auto journal = reader();
  RangeReader range(*journal, {.stream = Stream::kSecond});
  std::uint64_t sequence = 0;
  std::size_t parts = 0;
  while (true) {
    const auto part = range.next();
    ASSERT_TRUE(part);
    if (part->empty()) break;
    ++parts;
    for (const auto& batch : *part) {
      EXPECT_EQ(batch.head.sequence, ++sequence);
      EXPECT_EQ(batch.request, samples::node_second(sequence, 1200));
    }
  }
  EXPECT_EQ(sequence, 200U);
  EXPECT_GT(parts, 1U);
}

TEST_F(Range, BetweenTwoPartsNothingOfTheFileIsHeld) {
  fill(0, 10);
  const auto journal = reader();
  RangeReader range(*journal, {.stream = Stream::kSecond});
  ASSERT_TRUE(range.next());
  // A checkpoint that truncates the log needs that nobody reads.
  EXPECT_EQ(store_->database().number("PRAGMA wal_checkpoint(TRUNCATE)").value(), 0);
}

TEST_F(Range, APointOlderThanItsBatchIsFoundByItsOwnTime) {
  const auto late = samples::request({{.time = kStart + 10 * kSecondNanos}});
  ASSERT_TRUE(
      store_->commit({.batches = {batch(Stream::kExport, 1, late, kStart + 200 * kSecondNanos)},
                      .next_sequence = 2}));
  const auto journal = reader();
  RangeReader range(
      *journal,
      {.selection = {.from = kStart + 10 * kSecondNanos, .to = kStart + 11 * kSecondNanos}});
  const auto part = range.next();
  ASSERT_EQ(part->size(), 1U);
  EXPECT_EQ(part->front().request, late);
}

TEST_F(Range, ADamagedRowIsToldAndReadingGoesOnBehindItsChain) {
  fill(0, 2 * kChainLinks);
  execute("UPDATE batches SET raw_bytes = raw_bytes + 1 WHERE sequence = 31");
  const auto journal = reader();
  RangeReader range(*journal, {.stream = Stream::kSecond});
  std::uint64_t good = 0;
  std::uint64_t damaged = 0;
  while (true) {
    const auto part = range.next();
    ASSERT_TRUE(part);
    if (part->empty()) break;
    for (const auto& batch : *part) ++(batch.damage == Damage::kNone ? good : damaged);
  }
  EXPECT_EQ(damaged, 30U);
  EXPECT_EQ(good, kChainLinks + 30U);
}

TEST_F(Range, VerifyNamesTheFirstOfTheDamagedAndCountsAll) {
  fill(0, 2 * kChainLinks);
  EXPECT_TRUE(verify_journal(path_, [](auto) {})->is_good());
  execute("UPDATE batches SET raw_bytes = raw_bytes + 1 WHERE sequence = 31");
  std::uint64_t seen = 0;
  const auto verdict = verify_journal(path_, [&seen](std::uint64_t batches) { seen = batches; });
  ASSERT_TRUE(verdict);
  EXPECT_FALSE(verdict->is_good());
  EXPECT_TRUE(verdict->structure.empty());
  EXPECT_EQ(seen, 2 * kChainLinks);
  EXPECT_EQ(verdict->damaged, 30U);
  ASSERT_EQ(verdict->named.size(), kFindingsMax);
  EXPECT_EQ(verdict->named[0].head.sequence, 31U);
  EXPECT_EQ(verdict->named[0].damage, Damage::kChecksum);
  EXPECT_EQ(verdict->named[1].damage, Damage::kChain);
}

TEST_F(Range, VerifySeesARowOfAStreamThatThereIsNot) {
  fill(0, 3);
  execute("UPDATE batches SET stream = 300 WHERE sequence = 2");
  const auto verdict = verify_journal(path_, [](auto) {});
  ASSERT_FALSE(verdict->structure.empty());
  EXPECT_THAT(verdict->structure[0], testing::HasSubstr("stream 300"));
}

TEST_F(Range, ABundleSaysWhatItHoldsAndNeedsNoLog) {
  fill(0, 100);
  execute(
      "INSERT INTO events(time_ns, kind, subject, body) VALUES(1700000010000000000, 'k', 's', '')");
  const auto journal = reader();
  BundleOptions options{.path = dir_.path() / "a.bundle",
                        .selection = {.from = kStart + 10 * kSecondNanos,
                                      .to = kStart + 70 * kSecondNanos,
                                      .metrics = {"test.counter"}},
                        .made_by = {.program = "p", .host = "h", .made = 5}};
  const auto made = write_bundle(*journal, options);
  ASSERT_TRUE(made) << made.error().what;
  struct stat status {};
  EXPECT_NE(::stat((options.path + "-wal").c_str(), &status), 0);
  const auto bundle = JournalReader::open(options.path).value();
  const auto manifest = manifest_of(*bundle).value();
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->program, "p");
  EXPECT_EQ(manifest->host, "h");
  EXPECT_EQ(manifest->made, 5U);
  EXPECT_EQ(manifest->journal.size(), 32U);
  EXPECT_EQ(manifest->from, options.selection.from);
  EXPECT_EQ(manifest->to, options.selection.to);
  EXPECT_EQ(manifest->metrics, options.selection.metrics);
  EXPECT_EQ(manifest->events, 1U);
  ASSERT_EQ(manifest->streams.size(), 1U);
  EXPECT_EQ(manifest->streams[0].batches, 60U);
  EXPECT_EQ(manifest->streams[0].items, 60 * kSeries / 2);
  EXPECT_FALSE(manifest_of(*journal).value());
}

TEST_F(Range, ABundleNeverTakesTheNameOfAnotherFile) {
  fill(0, 3);
  const auto taken = dir_.write("taken", "mine").string();
  const auto journal = reader();
  const auto made = write_bundle(*journal, {.path = taken});
  ASSERT_TRUE(made.has_error());
  EXPECT_THAT(made.error().what, testing::HasSubstr("exists already"));
}

TEST_F(Range, VacuumGivesFreePagesBackWhileTheWriterHasTheFileOpen) {
  fill(0, 600);
  execute("DELETE FROM batches WHERE sequence <= 480");
  const auto done = vacuum_journal(path_, [](auto, auto) {});
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_LT(done->after, done->before / 2);
  EXPECT_EQ(done->free, 0U);
  fill(600, 601);
  EXPECT_TRUE(verify_journal(path_, [](auto) {})->is_good());
}

}  // namespace
}  // namespace plumbline
