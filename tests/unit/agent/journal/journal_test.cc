// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/journal.h"

#include <fcntl.h>

#include <filesystem>
#include <fstream>
#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/journal/lock.h"
#include "agent/journal/reader.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/journal/agent_thread.h"
#include "tests/unit/agent/journal/samples.h"

namespace plumbline {
namespace {

using samples::kSecondNanos;
using samples::kStart;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint64_t kMuch = 1U << 20U;

class JournalTest : public testing::Test {
 protected:
  JournalTest() : log_file_(dir_.write("log", "")) {
    fd_.reset(::open(log_file_.c_str(), O_WRONLY | O_APPEND));
    log_.emplace(clock_, fd_.get(), LogFormat::kText, LogLevel::kDebug);
  }

  Result<std::unique_ptr<Journal>> try_open() {
    return Journal::open(options_, thread_.executor(), clock_, *log_);
  }
  // As a new process: what the last one had in memory is gone, unless it was closed.
  void open() {
    journal_.reset();
    options_.file.path = path();
    auto journal = try_open();
    ASSERT_TRUE(journal) << journal.error().what;
    journal_ = std::move(*journal);
    safe_ = 0;
    journal_->on_commit([this](std::uint64_t sequence) { safe_ = sequence; });
  }
  std::string path() const { return dir_.path() / "state" / "journal.db"; }

  void append(const std::string& text, Signal signal = Signal::kMetrics, std::uint64_t items = 10) {
    journal_->append(signal, clock_.wall(), items, text);
  }
  void append_and_commit(const std::string& text, Signal signal = Signal::kMetrics) {
    append(text, signal);
    settle();
  }
  // Until nothing waits for the disk.
  void settle() {
    ASSERT_TRUE(thread_.run_until([this] { return journal_->stats().waiting_bytes == 0; }))
        << journal_->stats().trouble;
  }

  // Takes what is there, one by one, until `count` records were taken.
  std::vector<std::string> take(Journal::CursorId cursor, std::size_t count) {
    std::vector<std::string> taken;
    EXPECT_TRUE(thread_.run_until([&] {
      while (taken.size() < count) {
        const auto records = journal_->take(cursor, 1);
        if (records.empty()) break;
        taken.push_back(records.front()->bytes);
        journal_->finish(cursor, {.delivered = records.front()->items});
      }
      return taken.size() >= count;
    })) << "only "
        << taken.size();
    return taken;
  }
  std::string log_text() {
    std::ifstream file(log_file_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TempDir dir_;
  std::filesystem::path state_ = dir_.make_directory("state");
  std::filesystem::path log_file_;
  Fd fd_;
  ManualClock clock_{kStart};
  std::optional<Log> log_;
  AgentThread thread_;
  Journal::Options options_;
  std::unique_ptr<Journal> journal_;
  std::uint64_t safe_ = 0;
};

TEST_F(JournalTest, ADestinationGetsEachBatchOnceInOrder) {
  open();
  const auto cursor = journal_->add_cursor("otlp:a", {});
  for (int i = 0; i < 5; ++i) append_and_commit(fmt::format("{}", i));
  EXPECT_THAT(take(cursor, 5), ElementsAre("0", "1", "2", "3", "4"));
  EXPECT_TRUE(journal_->take(cursor, kMuch).empty());
  const auto& ledger = journal_->ledger(cursor, Signal::kMetrics);
  EXPECT_EQ(ledger.collected, 50U);
  EXPECT_EQ(ledger.delivered, 50U);
}

TEST_F(JournalTest, NothingIsShownBeforeItIsSafe) {
  open();
  const auto cursor = journal_->add_cursor("otlp:a", {});
  append("first");
  EXPECT_TRUE(journal_->take(cursor, kMuch).empty());
  settle();
  EXPECT_GT(safe_, 1U);
  EXPECT_EQ(journal_->take(cursor, kMuch).size(), 1U);
}

TEST_F(JournalTest, OnePeekIsOfOneSignalAndWithinItsBytes) {
  open();
  const auto cursor = journal_->add_cursor("otlp:a", {});
  for (const auto* text : {"aaaa", "bbbb", "cccc"}) append_and_commit(text);
  append_and_commit("span", Signal::kTraces);
  EXPECT_EQ(journal_->take(cursor, 8).size(), 2U);
  EXPECT_EQ(journal_->take(cursor, 1).size(), 1U);
  EXPECT_EQ(journal_->take(cursor, kMuch).size(), 3U);
}

TEST_F(JournalTest, DestinationsAreIndependent) {
  open();
  const auto slow = journal_->add_cursor("otlp:slow", {});
  const auto fast = journal_->add_cursor("otlp:fast", {});
  for (int i = 0; i < 3; ++i) append_and_commit(fmt::format("{}", i));
  EXPECT_EQ(take(fast, 3).size(), 3U);
  EXPECT_EQ(journal_->ledger(slow, Signal::kMetrics).queued(), 30U);
  EXPECT_EQ(journal_->ledger(fast, Signal::kMetrics).queued(), 0U);
  EXPECT_THAT(take(slow, 3), ElementsAre("0", "1", "2"));
}

TEST_F(JournalTest, WhatWasCommittedSurvivesACrash) {
  open();
  journal_->add_cursor("otlp:a", {});
  for (int i = 0; i < 5; ++i) append_and_commit(fmt::format("{}", i));
  open();
  const auto cursor = journal_->add_cursor("otlp:a", {});
  EXPECT_EQ(journal_->ledger(cursor, Signal::kMetrics).queued(), 50U);
  EXPECT_THAT(take(cursor, 5), ElementsAre("0", "1", "2", "3", "4"));
}

TEST_F(JournalTest, AfterACleanEndNothingIsSentTwice) {
  open();
  auto cursor = journal_->add_cursor("otlp:a", {});
  for (int i = 0; i < 3; ++i) append_and_commit(fmt::format("{}", i));
  take(cursor, 2);
  EXPECT_TRUE(journal_->close());
  open();
  cursor = journal_->add_cursor("otlp:a", {});
  EXPECT_EQ(journal_->ledger(cursor, Signal::kMetrics).delivered, 20U);
  EXPECT_THAT(take(cursor, 1), ElementsAre("2"));
  EXPECT_EQ(journal_->ledger(cursor, Signal::kMetrics).queued(), 0U);
}

TEST_F(JournalTest, ABatchThatIsBeingWrittenAtTheEndIsKept) {
  open();
  journal_->add_cursor("otlp:a", {});
  for (int i = 0; i < 20; ++i) append(fmt::format("{}", i));
  EXPECT_TRUE(journal_->close());
  open();
  EXPECT_EQ(take(journal_->add_cursor("otlp:a", {}), 20).size(), 20U);
}

TEST_F(JournalTest, ABacklogLargerThanMemoryIsReadBackInOrder) {
  options_.cache_bytes = 64U << 10U;
  open();
  const auto cursor = journal_->add_cursor("otlp:a", {});
  constexpr std::size_t kBatches = 120;
  for (std::size_t i = 0; i < kBatches; ++i) {
    append(fmt::format("{:05}{}", i, std::string(100'000, 'x')),
           i % 7 == 0 ? Signal::kTraces : Signal::kMetrics);
    if (i % 20 == 0) settle();
  }
  settle();
  const auto taken = take(cursor, kBatches);
  for (std::size_t i = 0; i < kBatches; ++i) {
    ASSERT_EQ(taken[i].substr(0, 5), fmt::format("{:05}", i));
  }
  EXPECT_EQ(journal_->ledger(cursor, Signal::kMetrics).queued(), 0U);
  EXPECT_EQ(journal_->ledger(cursor, Signal::kTraces).queued(), 0U);
}

TEST_F(JournalTest, ANewDestinationStartsWithWhatComes) {
  open();
  append_and_commit("before");
  const auto cursor = journal_->add_cursor("otlp:new", {});
  append_and_commit("after");
  EXPECT_THAT(take(cursor, 1), ElementsAre("after"));
  EXPECT_EQ(journal_->ledger(cursor, Signal::kMetrics).collected, 10U);
}

TEST_F(JournalTest, WhoWaitsIsWokenWhenABatchIsSafeAndWhenOneIsReadBack) {
  open();
  int woken = 0;
  journal_->add_cursor("otlp:a", [&woken] { ++woken; });
  append_and_commit("x");
  EXPECT_EQ(woken, 1);
  open();
  woken = 0;
  journal_->add_cursor("otlp:a", [&woken] { ++woken; });
  EXPECT_TRUE(thread_.run_until([&woken] { return woken > 0; }));
}

TEST_F(JournalTest, ADestinationThatIsRemovedIsForgottenAndStartsAnewWhenItComesBack) {
  open();
  const auto kept = journal_->add_cursor("otlp:kept", {});
  const auto removed = journal_->add_cursor("otlp:removed", {});
  append_and_commit("0");
  journal_->remove_cursor(removed);
  EXPECT_TRUE(journal_->take(removed, kMuch).empty());
  append_and_commit("1");
  EXPECT_EQ(take(kept, 2).size(), 2U);
  EXPECT_TRUE(journal_->close());
  open();
  const auto again = journal_->add_cursor("otlp:removed", {});
  EXPECT_EQ(journal_->ledger(again, Signal::kMetrics).collected, 0U);
  append_and_commit("2");
  EXPECT_THAT(take(again, 1), ElementsAre("2"));
}

TEST_F(JournalTest, TheSecondAgentIsToldWhoHoldsTheJournal) {
  open();
  const auto second = try_open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::kBusy);
  EXPECT_THAT(second.error().what,
              HasSubstr(fmt::format("in use by process {} since 2023-11-14", ::getpid())));
}

TEST_F(JournalTest, SecondsEventsAndStateAreReadByOthers) {
  open();
  for (std::uint64_t second = 0; second < 5; ++second) {
    clock_.advance(seconds(1));
    journal_->record(clock_.wall(), 30, samples::node_second(second, 30));
  }
  journal_->add_event({.time = clock_.wall(), .kind = "deploy", .subject = "shop", .body = "{}"});
  journal_->set_state("slo/shop", "42");
  append_and_commit("x");
  auto reader = JournalReader::open(path());
  ASSERT_TRUE(reader);
  EXPECT_EQ((*reader)->extent({.stream = Stream::kSecond})->items, 150U);
  EXPECT_EQ((*reader)->events(0, ~0ULL >> 1U)->size(), 1U);
  EXPECT_EQ(*(*reader)->state("slo/shop"), "42");
  open();
  EXPECT_EQ(journal_->state("slo/shop"), "42");
}

TEST_F(JournalTest, WhatTheBudgetPushesOutIsCountedAndSaidOnce) {
  options_.file.budget.max_bytes = 1U << 20U;
  options_.cache_bytes = 0;
  open();
  const auto cursor = journal_->add_cursor("otlp:dead", {});
  std::mt19937 random;
  for (int i = 0; i < 400; ++i) {
    std::string noise(8'000, '\0');
    for (auto& byte : noise) byte = static_cast<char>(random());
    append_and_commit(noise);
    clock_.advance(seconds(1));
  }
  const auto& ledger = journal_->ledger(cursor, Signal::kMetrics);
  EXPECT_GT(ledger.dropped, 2'000U);
  EXPECT_EQ(ledger.collected, 4'000U);
  EXPECT_EQ(journal_->stats().evicted_items, ledger.dropped);
  const auto text = log_text();
  EXPECT_THAT(text, HasSubstr("items were pushed out of the journal before otlp:dead had them"));
  EXPECT_EQ(text.find("pushed out"), text.rfind("pushed out")) << "said more than once";
  take(cursor, ledger.queued() / 10);
  EXPECT_EQ(ledger.queued(), 0U);
}

TEST_F(JournalTest, ARemovedFileIsBegunAnewWithWhatItHeld) {
  open();
  const auto cursor = journal_->add_cursor("otlp:a", {});
  for (int i = 0; i < 5; ++i) append_and_commit(fmt::format("{}", i));
  for (const auto* part : {"", "-wal", "-shm"}) std::filesystem::remove(path() + part);
  append_and_commit("5");
  EXPECT_EQ(journal_->stats().journals_begun, 1U);
  EXPECT_THAT(log_text(), HasSubstr("was removed while it was in use"));
  EXPECT_EQ(take(cursor, 6).size(), 6U);
  open();  // and the new file is a whole one
  EXPECT_EQ(take(journal_->add_cursor("otlp:a", {}), 6).size(), 6U);
}

TEST_F(JournalTest, ARemovedDirectoryIsMadeAgainAndTheLockWithIt) {
  open();
  const auto cursor = journal_->add_cursor("otlp:a", {});
  for (int i = 0; i < 5; ++i) append_and_commit(fmt::format("{}", i));
  const auto directory = std::filesystem::path(path()).parent_path();
  std::filesystem::rename(directory, directory.string() + ".gone");
  append_and_commit("5");
  EXPECT_EQ(take(cursor, 6).size(), 6U);
  const auto second = JournalLock::acquire(path(), clock_.wall());
  ASSERT_FALSE(second) << "the lock was lost with its file";
  EXPECT_EQ(second.error().code, Errc::kBusy);
}

TEST_F(JournalTest, AStepOfTheClockLosesNothingAndMakesNoNegativeRange) {
  open();
  const auto cursor = journal_->add_cursor("otlp:a", {});
  std::size_t batches = 0;
  for (const auto step : {seconds(0), seconds(86'400 * 30), seconds(-86'400 * 60), seconds(1)}) {
    clock_.step_wall(step);
    for (int i = 0; i < 30; ++i, ++batches) {
      clock_.advance(seconds(1));
      append_and_commit(fmt::format("{}", batches));
    }
  }
  EXPECT_EQ(take(cursor, batches).size(), batches);
  auto reader = JournalReader::open(path());
  std::size_t seen = 0;
  ASSERT_TRUE((*reader)->read({.stream = Stream::kExport}, [&seen](const BatchView& row) {
    EXPECT_LE(row.head.first, row.head.last);
    ++seen;
    return Visit::kContinue;
  }));
  EXPECT_EQ(seen, batches);
}

}  // namespace
}  // namespace plumbline
