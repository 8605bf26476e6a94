// SPDX-License-Identifier: Apache-2.0
// Time passes only when a test says so: it moves the clock and wakes the loop, which looks again.
#include "agent/pipeline/delivery.h"

#include <functional>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "agent/pipeline/batch_log.h"
#include "agent/pipeline/encode.h"
#include "agent/pipeline/split.h"
#include "tests/support/manual_clock.h"

namespace plumbline {
namespace {

using Kind = SendOutcome::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr MetricSpec kCount{.name = "test.count",
                            .instrument = Instrument::kCounter,
                            .unit = Unit::kEvent,
                            .description = "",
                            .source = "",
                            .attributes = {"n"}};

std::string request_with(std::int64_t points) {
  SeriesTable table(1);
  Batch batch;
  batch.time = 5;
  for (std::int64_t i = 0; i < points; ++i) batch.add(table.get(kCount, {i}), i);
  Latest latest;
  latest.update("test", batch);
  std::string out;
  MetricsEncoder().encode(Resource({}, "1"), latest.entries(), out);
  return out;
}

// Answers what the test says to its n-th request, counted from 1.
class Scripted final : public Exporter {
 public:
  std::function<SendOutcome(int, const Payload&)> answer;
  bool hang = false;  // never answer
  std::vector<std::uint64_t> items;
  std::vector<std::uint64_t> bytes;

  std::string_view name() const override { return "scripted"; }
  boost::asio::awaitable<SendOutcome> send(Payload payload, milliseconds /*timeout*/) override {
    items.push_back(payload.items);
    bytes.push_back(payload.bytes.size());
    EXPECT_EQ(count_items(payload.signal, payload.bytes).value(), payload.items);
    if (hang) {
      boost::asio::steady_timer never(co_await boost::asio::this_coro::executor,
                                      boost::asio::steady_timer::time_point::max());
      co_await never.async_wait(boost::asio::use_awaitable);
    }
    co_return answer(static_cast<int>(items.size()), payload);
  }
};

class DeliveryTest : public testing::Test {
 protected:
  DeliveryTest() {
    auto exporter = std::make_unique<Scripted>();
    scripted_ = exporter.get();
    delivery_ = std::make_unique<Delivery>(
        io_.get_executor(),
        clock_,
        log_,
        batch_log_,
        std::move(exporter),
        DeliveryOptions{.max_request_bytes = kMaxRequest, .random = [] { return 0.0; }});
    boost::asio::co_spawn(io_, delivery_->run(), boost::asio::detached);
    io_.poll();
  }
  ~DeliveryTest() override {
    delivery_->stop(clock_.steady());
    turn();
    EXPECT_TRUE(delivery_->finished());
    EXPECT_EQ(ledger().queued(), 0U);
  }

  void append(std::int64_t points) {
    batch_log_.append(
        Signal::kMetrics, clock_.wall(), static_cast<std::uint64_t>(points), request_with(points));
  }
  // Everything that can happen without time passing.
  void turn() {
    io_.restart();
    io_.poll();
  }
  void advance(std::chrono::nanoseconds by) {
    clock_.advance(by);
    delivery_->wake();
    turn();
  }
  void stop(std::chrono::nanoseconds patience) {
    delivery_->stop(clock_.steady() + patience);
    turn();
  }
  void answer_always(SendOutcome outcome) {
    scripted_->answer = [outcome](int, const Payload&) { return outcome; };
  }
  Ledger ledger() const { return delivery_->ledger(Signal::kMetrics); }

  static constexpr std::uint64_t kMaxRequest = 20'000;

  boost::asio::io_context io_{1};
  ManualClock clock_;
  Log log_{clock_, -1, LogFormat::kText, LogLevel::kError};
  BatchLog batch_log_{1U << 20U};
  Scripted* scripted_ = nullptr;
  std::unique_ptr<Delivery> delivery_;
};

TEST_F(DeliveryTest, MergesWhatWaitsIntoOneRequest) {
  answer_always({});
  append(3);
  append(4);
  turn();
  EXPECT_EQ(scripted_->items, (std::vector<std::uint64_t>{7}));
  EXPECT_EQ(ledger().delivered, 7U);
}

TEST_F(DeliveryTest, MergesOnlyUpToTheSizeOfARequest) {
  answer_always({});
  for (int i = 0; i < 10; ++i) append(100);
  turn();
  EXPECT_EQ(ledger().delivered, 1'000U);
  EXPECT_GT(scripted_->items.size(), 1U);
  for (const auto bytes : scripted_->bytes) EXPECT_LE(bytes, kMaxRequest);
}

TEST_F(DeliveryTest, CutsARecordThatIsLargerThanARequestBeforeSendingIt) {
  answer_always({});
  append(1'000);
  turn();
  EXPECT_EQ(ledger().delivered, 1'000U);
  for (const auto bytes : scripted_->bytes) EXPECT_LE(bytes, kMaxRequest);
}

TEST_F(DeliveryTest, CountsAPartialSuccessAndDoesNotSendItAgain) {
  answer_always({.rejected = 2, .reason = "bad names"});
  append(5);
  turn();
  advance(seconds(100));
  EXPECT_EQ(scripted_->items.size(), 1U);
  EXPECT_EQ(ledger().delivered, 3U);
  EXPECT_EQ(ledger().rejected, 2U);
}

TEST_F(DeliveryTest, SaysTheSameRemarkOnce) {
  answer_always({.rejected = 2, .reason = "bad names"});
  for (int i = 0; i < 3; ++i) {
    append(5);
    turn();
  }
  EXPECT_EQ(log_.warnings(), 1U);
}

TEST_F(DeliveryTest, SendsTheSameAgainUntilItIsTaken) {
  scripted_->answer = [](int call, const Payload&) {
    return SendOutcome{.kind = call < 6 ? Kind::kUnreachable : Kind::kAccepted};
  };
  append(5);
  for (int i = 0; i < 6; ++i) advance(seconds(2));
  EXPECT_EQ(scripted_->items, (std::vector<std::uint64_t>{5, 5, 5, 5, 5, 5}));
  EXPECT_TRUE(delivery_->status().up);
  EXPECT_EQ(delivery_->status().last_error, "");
  EXPECT_EQ(log_.warnings(), 1U);
  EXPECT_EQ(ledger().delivered, 5U);
}

TEST_F(DeliveryTest, ResumesWithinTwoSecondsAfterALongOutage) {
  answer_always({.kind = Kind::kUnreachable});
  append(5);
  for (int i = 0; i < 1'000; ++i) advance(seconds(1));
  answer_always({});
  advance(seconds(2));
  EXPECT_EQ(ledger().delivered, 5U);
}

// Statement 3.
TEST_F(DeliveryTest, DoesNotTryBeforeTheTimeTheDestinationAskedFor) {
  scripted_->answer = [](int, const Payload&) {
    return SendOutcome{.kind = Kind::kRetry, .retry_after = seconds(7)};
  };
  append(5);
  turn();
  advance(milliseconds(6'999));
  EXPECT_EQ(scripted_->items.size(), 1U);
  append(5);
  advance(milliseconds(0));
  EXPECT_EQ(scripted_->items.size(), 1U);
  advance(seconds(1));
  EXPECT_EQ(scripted_->items.size(), 2U);
}

// Statement 7.
TEST_F(DeliveryTest, KeepsTheDataWhenAskedToWaitForDays) {
  answer_always({.kind = Kind::kRetry, .retry_after = std::chrono::hours(72)});
  append(5);
  turn();
  EXPECT_EQ(ledger().queued(), 5U);
  answer_always({});
  advance(Backoff::kAskedMax + seconds(1));
  EXPECT_EQ(ledger().delivered, 5U);
}

// Statement 4.
TEST_F(DeliveryTest, CountsWhatIsSentAgainByWhyAndSaysTheOutageOnce) {
  scripted_->answer = [](int call, const Payload&) {
    return SendOutcome{.kind = call <= 3   ? Kind::kUnreachable
                               : call <= 5 ? Kind::kRetry
                                           : Kind::kAccepted,
                       .reason = "no"};
  };
  append(1);
  turn();
  for (int i = 0; i < 5; ++i) advance(seconds(30));
  EXPECT_EQ(delivery_->status().unanswered, 3U);
  EXPECT_EQ(delivery_->status().throttled, 2U);
  EXPECT_EQ(log_.warnings(), 2U) << "and what the answer remarks";
  EXPECT_EQ(ledger().delivered, 1U);
}

TEST_F(DeliveryTest, SaysOnceThatAnswersTakeMostOfTheirTime) {
  scripted_->answer = [this](int, const Payload&) {
    clock_.advance(seconds(6));
    return SendOutcome{};
  };
  for (int i = 0; i < 5; ++i) {
    append(1);
    turn();
  }
  EXPECT_EQ(ledger().delivered, 5U);
  EXPECT_EQ(log_.warnings(), 1U);
}

TEST_F(DeliveryTest, DropsARefusedRequestAndGoesOn) {
  scripted_->answer = [](int call, const Payload&) {
    return SendOutcome{.kind = call == 1 ? Kind::kRejected : Kind::kAccepted, .reason = "no"};
  };
  append(5);
  turn();
  append(6);
  turn();
  EXPECT_EQ(scripted_->items, (std::vector<std::uint64_t>{5, 6}));
  EXPECT_EQ(ledger().rejected, 5U);
  EXPECT_EQ(ledger().delivered, 6U);
}

// Statement 17.
TEST_F(DeliveryTest, CutsWhatIsTooLargeUntilItFits) {
  scripted_->answer = [](int, const Payload& payload) {
    return SendOutcome{.kind = payload.items > 3 ? Kind::kTooLarge : Kind::kAccepted};
  };
  append(10);
  turn();
  EXPECT_EQ(scripted_->items, (std::vector<std::uint64_t>{10, 5, 2, 3, 5, 2, 3}));
  EXPECT_EQ(ledger().delivered, 10U);
}

TEST_F(DeliveryTest, KeepsTheHalvesWhenTheDestinationGoesAwayBetweenThem) {
  scripted_->answer = [](int call, const Payload& payload) {
    if (payload.items > 5) return SendOutcome{.kind = Kind::kTooLarge};
    return SendOutcome{.kind = call == 3 ? Kind::kUnreachable : Kind::kAccepted};
  };
  append(10);
  turn();
  EXPECT_EQ(ledger().queued(), 10U);
  advance(seconds(2));
  EXPECT_EQ(scripted_->items, (std::vector<std::uint64_t>{10, 5, 5, 5}));
  EXPECT_EQ(ledger().delivered, 10U);
}

TEST_F(DeliveryTest, LosesOnlyTheItemThatIsTooLargeAlone) {
  // The point with the value 6 is refused whatever stands beside it.
  scripted_->answer = [](int, const Payload& payload) {
    const auto whole = request_with(10);
    const auto bad = slice_items(Signal::kMetrics, whole, 6, 7).value();
    for (std::uint64_t i = 0; i < payload.items; ++i) {
      if (slice_items(Signal::kMetrics, payload.bytes, i, i + 1).value() == bad) {
        return SendOutcome{.kind = Kind::kTooLarge};
      }
    }
    return SendOutcome{};
  };
  append(10);
  turn();
  EXPECT_EQ(ledger().delivered, 9U);
  EXPECT_EQ(ledger().rejected, 1U);
}

// Statement 21.
TEST_F(DeliveryTest, SendsWhatIsQueuedBeforeItStops) {
  answer_always({});
  append(5);
  stop(seconds(5));
  EXPECT_TRUE(delivery_->finished());
  EXPECT_EQ(ledger().delivered, 5U);
}

TEST_F(DeliveryTest, TriesADeadDestinationOnceMoreThenCountsTheLoss) {
  answer_always({.kind = Kind::kUnreachable});
  append(5);
  turn();
  stop(seconds(5));
  EXPECT_TRUE(delivery_->finished());
  EXPECT_EQ(scripted_->items.size(), 2U);
  EXPECT_EQ(ledger().dropped, 5U);
  EXPECT_EQ(log_.warnings(), 2U);  // it was lost, and so were five items
}

TEST_F(DeliveryTest, TriesALiveDestinationUntilTheDeadline) {
  scripted_->answer = [](int call, const Payload&) {
    return SendOutcome{.kind = call == 2 ? Kind::kUnreachable : Kind::kAccepted};
  };
  append(5);
  turn();
  append(6);
  stop(seconds(5));
  EXPECT_FALSE(delivery_->finished());
  advance(seconds(2));
  EXPECT_TRUE(delivery_->finished());
  EXPECT_EQ(ledger().delivered, 11U);
}

TEST_F(DeliveryTest, HonoursAPauseThatIsLongerThanTheTimeLeft) {
  answer_always({.kind = Kind::kRetry, .retry_after = seconds(60)});
  append(5);
  turn();
  stop(seconds(5));
  EXPECT_TRUE(delivery_->finished());
  EXPECT_EQ(scripted_->items.size(), 1U);
  EXPECT_EQ(ledger().dropped, 5U);
}

TEST_F(DeliveryTest, CutsARunningRequestShortAtTheDeadline) {
  scripted_->hang = true;
  append(5);
  turn();
  stop(seconds(5));
  EXPECT_FALSE(delivery_->finished());
  advance(seconds(5));
  EXPECT_TRUE(delivery_->finished());
  EXPECT_EQ(ledger().dropped, 5U);
}

// What the queue pushes out while it is being sent is counted once.
TEST_F(DeliveryTest, CountsAnItemOnceThatWasDeliveredAfterItWasPushedOut) {
  answer_always({.kind = Kind::kUnreachable});
  append(5);
  turn();
  batch_log_.append(Signal::kMetrics, 1, 1, std::string(1U << 20U, 'x'));
  EXPECT_EQ(ledger().dropped, 5U);
  batch_log_.abandon(1);
  answer_always({});
  advance(seconds(2));
  EXPECT_EQ(ledger().delivered, 5U);
  EXPECT_EQ(ledger().dropped, 1U);
}

// Statement 19.
TEST_F(DeliveryTest, IsNotHeldUpByAnotherDestinationThatIsDead) {
  auto dead = std::make_unique<Scripted>();
  dead->hang = true;
  Delivery other(io_.get_executor(), clock_, log_, batch_log_, std::move(dead), {});
  boost::asio::co_spawn(io_, other.run(), boost::asio::detached);
  turn();
  answer_always({});
  for (int i = 0; i < 3; ++i) {
    append(5);
    turn();
  }
  EXPECT_EQ(ledger().delivered, 15U);
  EXPECT_EQ(other.ledger(Signal::kMetrics).queued(), 15U);
  other.stop(clock_.steady());
  turn();
  EXPECT_EQ(other.ledger(Signal::kMetrics).dropped, 15U);
}

TEST(Backoff, NeverAsksAnUnreachableDestinationLaterThanItsCap) {
  Backoff backoff;
  for (int i = 0; i < 50; ++i) {
    EXPECT_LE(backoff.unreachable(0), Backoff::kUnreachableMax);
    EXPECT_GT(backoff.unreachable(0.999).count(), 0);
  }
}

// Statement 3: not before retry_delay, and later failures grow from it.
TEST(Backoff, ObeysTheDelayThatIsAskedFor) {
  Backoff backoff;
  EXPECT_GE(backoff.throttled(seconds(7), 0), seconds(7));
  EXPECT_GT(backoff.throttled(std::nullopt, 0), seconds(7));
  Backoff other;
  EXPECT_GE(other.throttled(seconds(0), 0.5).count(), 0);
  EXPECT_LE(other.throttled(std::chrono::hours(24), 0.5),
            Backoff::kAskedMax + std::chrono::seconds(1));
}

TEST(Backoff, GrowsWhenAskedAgainAndAgainToWaitForNothing) {
  Backoff backoff;
  for (int i = 0; i < 20; ++i) backoff.throttled(seconds(0), 0);
  EXPECT_GE(backoff.throttled(seconds(0), 0), Backoff::kThrottledMax);
}

TEST(Backoff, SpreadsTheTriesOfAFleet) {
  std::vector<std::int64_t> waits;
  for (int i = 0; i < 100; ++i) {
    Backoff backoff;
    for (int tries = 0; tries < 5; ++tries) backoff.unreachable(0);
    waits.push_back(backoff.unreachable(i / 100.0).count());
  }
  std::sort(waits.begin(), waits.end());
  EXPECT_EQ(std::unique(waits.begin(), waits.end()), waits.end());
  EXPECT_GE(waits.back(), 2 * waits.front() * 9 / 10);
}

}  // namespace
}  // namespace plumbline
