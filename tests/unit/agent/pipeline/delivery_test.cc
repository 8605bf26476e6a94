// SPDX-License-Identifier: Apache-2.0
// Timers of a delivery wait for instants of the manual clock, which lie in the past of the real
// one: they fire at once, and the exporter sets the clock to when it would have been called.
#include "agent/pipeline/delivery.h"

#include <functional>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

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
  std::vector<std::uint64_t> items;

  std::string_view name() const override { return "scripted"; }
  boost::asio::awaitable<SendOutcome> send(Payload payload, milliseconds /*timeout*/) override {
    items.push_back(payload.items);
    EXPECT_EQ(count_items(payload.signal, payload.bytes).value(), payload.items);
    co_return answer(static_cast<int>(items.size()), payload);
  }
};

class DeliveryTest : public testing::Test {
 protected:
  DeliveryTest() {
    auto exporter = std::make_unique<Scripted>();
    scripted_ = exporter.get();
    delivery_ = std::make_unique<Delivery>(io_.get_executor(),
                                           clock_,
                                           log_,
                                           batch_log_,
                                           std::move(exporter),
                                           DeliveryOptions{.random = [] { return 0.0; }});
  }

  void append(std::int64_t points) {
    batch_log_.append(
        Signal::kMetrics, clock_.wall(), static_cast<std::uint64_t>(points), request_with(points));
  }
  // Sends what is queued and stops.
  void run() {
    boost::asio::co_spawn(io_, delivery_->run(), boost::asio::detached);
    boost::asio::post(io_, [this] { delivery_->stop(clock_.steady() + seconds(3'600)); });
    io_.run();
    EXPECT_TRUE(delivery_->finished());
  }
  const Ledger& ledger() const { return delivery_->ledger(Signal::kMetrics); }

  boost::asio::io_context io_{1};
  ManualClock clock_;
  Log log_{clock_, -1, LogFormat::kText, LogLevel::kError};
  BatchLog batch_log_{1U << 20U};
  Scripted* scripted_ = nullptr;
  std::unique_ptr<Delivery> delivery_;
};

TEST_F(DeliveryTest, MergesWhatWaitsIntoOneRequest) {
  scripted_->answer = [](int, const Payload&) { return SendOutcome{}; };
  append(3);
  append(4);
  run();
  EXPECT_EQ(scripted_->items, (std::vector<std::uint64_t>{7}));
  EXPECT_EQ(ledger().delivered, 7U);
}

TEST_F(DeliveryTest, CountsAPartialSuccessAndDoesNotSendItAgain) {
  scripted_->answer = [](int, const Payload&) {
    return SendOutcome{.rejected = 2, .reason = "bad names"};
  };
  append(5);
  run();
  EXPECT_EQ(scripted_->items.size(), 1U);
  EXPECT_EQ(ledger().delivered, 3U);
  EXPECT_EQ(ledger().rejected, 2U);
}

TEST_F(DeliveryTest, SendsTheSameAgainUntilItIsTaken) {
  scripted_->answer = [this](int call, const Payload&) {
    if (call > 1) clock_.advance(seconds(2));
    return SendOutcome{.kind = call < 6 ? Kind::kUnreachable : Kind::kAccepted};
  };
  append(5);
  boost::asio::co_spawn(io_, delivery_->run(), boost::asio::detached);
  while (ledger().delivered == 0) io_.run_one();
  EXPECT_EQ(scripted_->items, (std::vector<std::uint64_t>{5, 5, 5, 5, 5, 5}));
  EXPECT_TRUE(delivery_->status().up);
  EXPECT_EQ(delivery_->status().last_error, "");
  delivery_->stop(clock_.steady());
  io_.run();
}

TEST_F(DeliveryTest, DropsARefusedRequestAndGoesOn) {
  scripted_->answer = [](int call, const Payload&) {
    return SendOutcome{.kind = call == 1 ? Kind::kRejected : Kind::kAccepted, .reason = "no"};
  };
  append(5);
  boost::asio::co_spawn(io_, delivery_->run(), boost::asio::detached);
  while (ledger().rejected == 0) io_.run_one();
  append(6);
  while (ledger().delivered == 0) io_.run_one();
  EXPECT_EQ(ledger().rejected, 5U);
  EXPECT_EQ(ledger().delivered, 6U);
  delivery_->stop(clock_.steady());
  io_.run();
}

TEST_F(DeliveryTest, CutsWhatIsTooLargeUntilItFits) {
  scripted_->answer = [](int, const Payload& payload) {
    return SendOutcome{.kind = payload.items > 3 ? Kind::kTooLarge : Kind::kAccepted};
  };
  append(10);
  run();
  EXPECT_EQ(scripted_->items, (std::vector<std::uint64_t>{10, 5, 2, 3, 5, 2, 3}));
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
  run();
  EXPECT_EQ(ledger().delivered, 9U);
  EXPECT_EQ(ledger().rejected, 1U);
}

TEST_F(DeliveryTest, SaysWhatItCouldNotDeliverAtTheEnd) {
  scripted_->answer = [](int, const Payload&) { return SendOutcome{.kind = Kind::kUnreachable}; };
  append(5);
  boost::asio::co_spawn(io_, delivery_->run(), boost::asio::detached);
  delivery_->stop(clock_.steady() + seconds(1));
  io_.run();
  EXPECT_TRUE(delivery_->finished());
  EXPECT_EQ(ledger().dropped, 5U);
  EXPECT_EQ(ledger().queued(), 0U);
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
