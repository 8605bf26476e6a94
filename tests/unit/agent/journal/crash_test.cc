// SPDX-License-Identifier: Apache-2.0
//
// A process that writes a journal is killed at random moments; its successor goes on. Whatever was
// acknowledged, by the journal or by the destination, must be so afterwards.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <iterator>
#include <random>
#include <set>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "agent/journal/journal.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace plumbline {
namespace {

constexpr std::uint64_t kMuch = 64U << 10U;

// What the child tells its parent through a pipe, whole or not at all.
struct Message {
  enum class Kind : std::uint32_t { kSafe, kTaken } kind = Kind::kSafe;
  std::uint32_t cursor = 0;
  std::uint64_t number = 0;  // of the batch, counted over all children
};

// The child: appends batches that carry their number, and destinations take some of them, while the
// journal is checked and kept in shape. Ends by being killed.
class Child {
 public:
  Child(const std::string& path, int out, std::uint64_t first, unsigned seed)
      : out_(out), number_(first), random_(seed) {
    Journal::Options options;
    options.file.path = path;
    options.file.budget.max_bytes = 256U << 20U;
    options.cache_bytes = 4096;
    auto journal = Journal::open(options, context_.get_executor(), clock_, log_);
    if (!journal) {
      log_.error("child", "{}", journal.error().what);
      ::_exit(1);
    }
    journal_ = std::move(*journal);
    for (const auto* name : {"fast", "slow"}) cursors_.push_back(journal_->add_cursor(name, {}));
    journal_->on_commit([this](std::uint64_t sequence) { tell_safe(sequence); });
  }

  [[noreturn]] void run() {
    while (true) {
      append();
      clock_.advance(std::chrono::milliseconds(1500));
      context_.restart();
      context_.run_for(std::chrono::microseconds(random_() % 3000));
      take(0, 8);
      if (random_() % 16 == 0) take(1, 4);
    }
  }

 private:
  void append() {
    // At most so many in flight: this is about crashes, not about memory.
    if (appended_.size() > 64) return;
    auto text = fmt::format("{:012} ", number_);
    text.resize(text.size() + random_() % 4096, static_cast<char>('a' + random_() % 26));
    const auto sequence = journal_->next_sequence();
    journal_->append(
        random_() % 5 == 0 ? Signal::kTraces : Signal::kMetrics, clock_.wall(), 1, std::move(text));
    appended_.emplace_back(sequence, number_++);
    journal_->record(clock_.wall(), 1, "second");
  }
  void tell_safe(std::uint64_t sequence) {
    while (!appended_.empty() && appended_.front().first < sequence) {
      send({.kind = Message::Kind::kSafe, .number = appended_.front().second});
      appended_.pop_front();
    }
  }

  void take(std::uint32_t cursor, std::size_t most) {
    while (most-- != 0) {
      const auto records = journal_->take(cursors_[cursor], 1);
      if (records.empty()) return;
      const auto& record = *records.front();
      send({.kind = Message::Kind::kTaken, .cursor = cursor, .number = std::stoull(record.bytes)});
      journal_->finish(cursors_[cursor], {.delivered = record.items});
    }
  }
  void send(const Message& message) {
    if (::write(out_, &message, sizeof(message)) != sizeof(message)) ::_exit(2);
  }

  int out_;
  std::uint64_t number_;
  std::mt19937 random_;
  ManualClock clock_;
  Log log_{clock_, STDERR_FILENO, LogFormat::kText, LogLevel::kError};
  boost::asio::io_context context_{1};
  std::unique_ptr<Journal> journal_;
  std::vector<Journal::CursorId> cursors_;
  std::deque<std::pair<std::uint64_t, std::uint64_t>> appended_;  // sequence, number
};

class CrashTest : public testing::Test {
 protected:
  // Runs a child and kills it after a random time; takes in what it told.
  void run_and_kill(std::uint64_t round) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const auto child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      Child(path(), ends[1], round * 1'000'000, static_cast<unsigned>(round)).run();
    }
    ::close(ends[1]);
    const std::jthread killer([child, after = random_() % 60'000] {
      std::this_thread::sleep_for(std::chrono::microseconds(after));
      ::kill(child, SIGKILL);
    });
    Message message;
    std::array<std::uint64_t, 2> last{};
    while (::read(ends[0], &message, sizeof(message)) == sizeof(message)) {
      if (message.kind == Message::Kind::kSafe) {
        safe_.insert(message.number);
      } else {
        EXPECT_GE(message.number, last.at(message.cursor)) << "out of order";
        last.at(message.cursor) = message.number;
        taken_.at(message.cursor).insert(message.number);
      }
    }
    ::close(ends[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
  }

  // The last successor: destinations take all that is left.
  void finish() {
    boost::asio::io_context context;
    const ManualClock clock;
    Log log(clock, STDERR_FILENO, LogFormat::kText, LogLevel::kError);
    Journal::Options options;
    options.file.path = path();
    auto opened = Journal::open(options, context.get_executor(), clock, log);
    ASSERT_TRUE(opened) << opened.error().what;
    auto& journal = **opened;
    for (std::size_t i = 0; i < 2; ++i) {
      const auto cursor = journal.add_cursor(i == 0 ? "fast" : "slow", {});
      const auto queued = [&] {
        return journal.ledger(cursor, Signal::kMetrics).queued() +
               journal.ledger(cursor, Signal::kTraces).queued();
      };
      while (queued() != 0) {
        std::uint64_t items = 0;
        for (const auto& record : journal.take(cursor, kMuch)) {
          taken_.at(i).insert(std::stoull(record->bytes));
          items += record->items;
        }
        if (items != 0) journal.finish(cursor, {.delivered = items});
        context.restart();
        context.run_one_for(std::chrono::milliseconds(10));
      }
      for (const auto signal : {Signal::kMetrics, Signal::kTraces}) {
        EXPECT_EQ(journal.ledger(cursor, signal).dropped, 0U);
      }
    }
    EXPECT_EQ(journal.stats().journals_begun, 0U) << "a kill damages nothing";
  }

  std::string path() const { return dir_.path() / "journal.db"; }

  TempDir dir_;
  std::mt19937 random_{11};
  std::set<std::uint64_t> safe_;
  std::array<std::set<std::uint64_t>, 2> taken_;
};

// 1,000 kills with PLUMBLINE_KILLS=1000; a few dozen in every run.
TEST_F(CrashTest, WhatTheJournalAcknowledgedReachesEveryDestinationOverKills) {
  const auto* wanted = std::getenv("PLUMBLINE_KILLS");
  const auto kills = wanted == nullptr ? 40 : std::strtoull(wanted, nullptr, 10);
  for (std::uint64_t round = 1; round <= kills; ++round) {
    run_and_kill(round);
    if (HasFatalFailure()) return;
  }
  finish();
  EXPECT_GT(safe_.size(), kills) << "the children did nothing";
  for (const auto& taken : taken_) {
    std::vector<std::uint64_t> missing;
    std::ranges::set_difference(safe_, taken, std::back_inserter(missing));
    EXPECT_TRUE(missing.empty()) << missing.size() << " of " << safe_.size() << " missing, first "
                                 << missing.front();
  }
  RecordProperty("kills", static_cast<int>(kills));
  RecordProperty("acknowledged", static_cast<int>(safe_.size()));
}

// Random actions, and the same in a model of plain numbers.
class ModelTest : public testing::Test {
 protected:
  struct Model {
    std::deque<std::pair<Signal, std::uint64_t>> queued;
    std::array<Ledger, kSignals> ledgers;
  };

  void open() {
    journal_.reset();
    Journal::Options options;
    options.file.path = dir_.path() / "journal.db";
    options.cache_bytes = 2048;
    auto journal = Journal::open(options, context_.get_executor(), clock_, log_);
    ASSERT_TRUE(journal) << journal.error().what;
    journal_ = std::move(*journal);
    cursors_.clear();
    for (const auto* name : {"a", "b"}) cursors_.push_back(journal_->add_cursor(name, {}));
  }
  void append() {
    const auto signal = static_cast<Signal>(random_() % kSignals);
    const auto items = 1 + random_() % 20;
    journal_->append(signal, clock_.wall(), items, fmt::format("{} {}", number_, items));
    for (auto& model : models_) {
      model.queued.emplace_back(signal, number_);
      model.ledgers.at(static_cast<std::size_t>(signal)).collected += items;
    }
    ++number_;
  }
  void settle() {
    while (journal_->stats().waiting_bytes != 0) run();
  }
  void run() {
    context_.restart();
    context_.run_one_for(std::chrono::milliseconds(10));
  }
  void deliver(std::size_t i) {
    auto& model = models_.at(i);
    const auto records = journal_->take(cursors_.at(i), 1 + random_() % 200);
    if (records.empty()) return run();
    std::uint64_t items = 0;
    for (const auto& record : records) {
      ASSERT_FALSE(model.queued.empty());
      ASSERT_EQ(std::stoull(record->bytes), model.queued.front().second);
      ASSERT_EQ(record->signal, model.queued.front().first);
      items += record->items;
      model.queued.pop_front();
    }
    const auto rejected = random_() % (items + 1);
    const auto dropped = random_() % (items - rejected + 1);
    const auto& last = *records.back();
    journal_->finish(
        cursors_.at(i),
        {.delivered = items - rejected - dropped, .rejected = rejected, .dropped = dropped});
    auto& ledger = model.ledgers.at(static_cast<std::size_t>(last.signal));
    ledger.delivered += items - rejected - dropped;
    ledger.rejected += rejected;
    ledger.dropped += dropped;
  }
  void compare() {
    for (std::size_t i = 0; i < 2; ++i) {
      for (std::size_t signal = 0; signal < kSignals; ++signal) {
        const auto& got = journal_->ledger(cursors_.at(i), static_cast<Signal>(signal));
        const auto& want = models_.at(i).ledgers.at(signal);
        ASSERT_EQ(got.collected, want.collected);
        ASSERT_EQ(got.delivered, want.delivered);
        ASSERT_EQ(got.rejected, want.rejected);
        ASSERT_EQ(got.dropped, want.dropped);
      }
    }
  }

  TempDir dir_;
  ManualClock clock_;
  Log log_{clock_, STDERR_FILENO, LogFormat::kText, LogLevel::kError};
  boost::asio::io_context context_{1};
  std::unique_ptr<Journal> journal_;
  std::vector<Journal::CursorId> cursors_;
  std::array<Model, 2> models_;
  std::mt19937 random_{5};
  std::uint64_t number_ = 0;
};

TEST_F(ModelTest, RandomActionsAgreeWithAModelOverCrashes) {
  open();
  for (int step = 0; step < 6'000; ++step) {
    clock_.advance(std::chrono::milliseconds(200));
    const auto dice = random_() % 100;
    if (dice < 30) {
      append();
    } else if (dice < 60) {
      deliver(0);
    } else if (dice < 80) {
      deliver(1);
    } else if (dice < 97) {
      run();
    } else {
      // The cursors are saved with a batch; a crash after it loses nothing of either.
      append();
      settle();
      if (dice == 99) {
        open();
      } else if (dice == 98) {
        ASSERT_TRUE(journal_->close());
        open();
      }
    }
    compare();
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(models_[0].ledgers[0].delivered, 300U);
}

}  // namespace
}  // namespace plumbline
