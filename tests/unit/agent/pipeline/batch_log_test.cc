// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/batch_log.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace plumbline {
namespace {

void ignore() {}

TEST(BatchLog, GivesEachDestinationEverythingInOrder) {
  BatchLog log(1000);
  const auto fast = log.add_cursor("a", ignore);
  const auto slow = log.add_cursor("a", ignore);
  log.append(Signal::kMetrics, 1, 10, "aa");
  log.append(Signal::kMetrics, 2, 20, "bb");
  const auto taken = log.take(fast, 1000);
  ASSERT_EQ(taken.size(), 2U);
  EXPECT_EQ(taken[1]->bytes, "bb");
  log.finish(fast, {.delivered = 30});
  EXPECT_EQ(log.ledger(fast, Signal::kMetrics).delivered, 30U);
  EXPECT_EQ(log.bytes(), 4U);  // the slow one still needs them
  log.take(slow, 1000);
  log.finish(slow, {.delivered = 29, .rejected = 1});
  EXPECT_EQ(log.bytes(), 0U);
  EXPECT_EQ(log.ledger(slow, Signal::kMetrics).queued(), 0U);
}

TEST(BatchLog, MergesOnlyOneSignalAndOnlyAsMuchAsFits) {
  BatchLog log(1000);
  const auto cursor = log.add_cursor("a", ignore);
  log.append(Signal::kMetrics, 1, 1, std::string(60, 'a'));
  log.append(Signal::kMetrics, 1, 1, std::string(60, 'b'));
  log.append(Signal::kTraces, 1, 1, "c");
  EXPECT_EQ(log.take(cursor, 100).size(), 1U);
  EXPECT_EQ(log.take(cursor, 1).size(), 1U);  // at least one
  EXPECT_EQ(log.take(cursor, 500).size(), 2U);
  log.finish(cursor, {.delivered = 2});
  EXPECT_EQ(log.take(cursor, 500).front()->signal, Signal::kTraces);
}

TEST(BatchLog, CountsWhatItPushesOutForEachDestinationThatHadNotTakenIt) {
  BatchLog log(100);
  const auto fast = log.add_cursor("a", ignore);
  const auto slow = log.add_cursor("a", ignore);
  log.append(Signal::kMetrics, 1, 10, std::string(60, 'a'));
  log.take(fast, 1000);
  log.finish(fast, {.delivered = 10});
  log.append(Signal::kMetrics, 2, 20, std::string(60, 'b'));
  EXPECT_EQ(log.ledger(fast, Signal::kMetrics).dropped, 0U);
  EXPECT_EQ(log.ledger(slow, Signal::kMetrics).dropped, 10U);
  EXPECT_EQ(log.ledger(slow, Signal::kMetrics).queued(), 20U);
}

TEST(BatchLog, TakesADropBackWhenTheDestinationHadItAfterAll) {
  BatchLog log(100);
  const auto cursor = log.add_cursor("a", ignore);
  log.append(Signal::kMetrics, 1, 10, std::string(60, 'a'));
  const auto held = log.take(cursor, 1000);
  log.append(Signal::kMetrics, 2, 20, std::string(60, 'b'));
  EXPECT_EQ(log.ledger(cursor, Signal::kMetrics).dropped, 10U);
  EXPECT_EQ(held[0]->bytes.size(), 60U);  // still alive
  log.finish(cursor, {.delivered = 10});
  EXPECT_EQ(log.ledger(cursor, Signal::kMetrics).dropped, 0U);
  EXPECT_EQ(log.ledger(cursor, Signal::kMetrics).queued(), 20U);
}

// collected = delivered + rejected + dropped + queued, whatever happens in whatever order, and
// what is queued is really there to be taken.
TEST(BatchLog, BalancesItsLedgerAtEveryMoment) {
  std::mt19937 random(5);
  BatchLog log(2'000);
  std::vector<BatchLog::CursorId> cursors;
  std::vector<std::uint64_t> taken;
  for (int i = 0; i < 3; ++i) {
    cursors.push_back(log.add_cursor("a", ignore));
    taken.push_back(0);
  }
  std::uint64_t collected = 0;
  for (int step = 0; step < 20'000; ++step) {
    const auto who = random() % cursors.size();
    if (random() % 2 == 0) {
      const auto items = random() % 50;
      collected += items;
      log.append(Signal::kMetrics, 1, items, std::string(random() % 400, 'x'));
    } else if (taken[who] == 0) {
      for (const auto& record : log.take(cursors[who], random() % 1'000)) {
        taken[who] += record->items;
      }
    } else {
      const auto rejected = random() % (taken[who] + 1);
      log.finish(cursors[who], {.delivered = taken[who] - rejected, .rejected = rejected});
      taken[who] = 0;
    }
    for (const auto cursor : cursors) {
      const auto& ledger = log.ledger(cursor, Signal::kMetrics);
      ASSERT_EQ(ledger.collected, collected);
      ASSERT_LE(ledger.delivered + ledger.rejected + ledger.dropped, collected);
    }
    ASSERT_LE(log.bytes(), 2'000U);
  }
  for (std::size_t i = 0; i < cursors.size(); ++i) {
    if (taken[i] > 0) log.finish(cursors[i], {.delivered = taken[i]});
    std::uint64_t left = 0;
    for (;;) {
      const auto records = log.take(cursors[i], 1'000'000);
      if (records.empty()) break;
      std::uint64_t items = 0;
      for (const auto& record : records) items += record->items;
      left += items;
      ASSERT_GE(log.ledger(cursors[i], Signal::kMetrics).queued(), items);
      log.finish(cursors[i], {.delivered = items});
    }
    EXPECT_EQ(log.ledger(cursors[i], Signal::kMetrics).queued(), 0U) << left;
  }
}

}  // namespace
}  // namespace plumbline
