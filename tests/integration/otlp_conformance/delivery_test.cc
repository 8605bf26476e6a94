// SPDX-License-Identifier: Apache-2.0
//
// The delivery loop with its real transport: what happens when a destination goes and comes back.
#include "agent/pipeline/delivery.h"

#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "agent/pipeline/batch_log.h"
#include "tests/integration/otlp_conformance/grpc_mock.h"
#include "tests/integration/otlp_conformance/http_mock.h"
#include "tests/integration/otlp_conformance/sender.h"

namespace plumbline {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

class OtlpDelivery : public testing::Test {
 protected:
  Delivery& add(const std::string& url) {
    auto exporter = make_otlp_exporter(
        plain_config(url),
        {.clock = clock_, .log = log_, .trust = trust_, .version = "0.0.0-test"});
    deliveries_.push_back(std::make_unique<Delivery>(io_.get_executor(),
                                                     clock_,
                                                     log_,
                                                     batch_log_,
                                                     *std::move(exporter),
                                                     DeliveryOptions{.timeout = seconds(2)}));
    boost::asio::co_spawn(io_, deliveries_.back()->run(), boost::asio::detached);
    return *deliveries_.back();
  }
  void append(int records) {
    for (int i = 0; i < records; ++i) {
      batch_log_.append(Signal::kMetrics, clock_.wall(), 1, Sender::sample());
    }
  }
  // Until `done`, at most `patience`; how long it took.
  std::chrono::nanoseconds run_until_done(const std::function<bool()>& done, seconds patience) {
    const auto begin = steady_clock::now();
    while (!done() && steady_clock::now() - begin < patience) {
      io_.restart();
      io_.run_for(milliseconds(10));
    }
    return steady_clock::now() - begin;
  }
  static std::uint64_t delivered(const Delivery& delivery) {
    return delivery.ledger(Signal::kMetrics).delivered;
  }
  void TearDown() override {
    for (auto& delivery : deliveries_) delivery->stop(clock_.steady());
    io_.restart();
    io_.run_for(seconds(1));
    for (auto& delivery : deliveries_) {
      EXPECT_TRUE(delivery->finished());
      EXPECT_EQ(delivery->ledger(Signal::kMetrics).queued(), 0U);
    }
  }

  SystemClock clock_;
  Log log_{clock_, 2, LogFormat::kText, LogLevel::kError};
  TrustSets trust_{log_};
  BatchLog batch_log_{1U << 20U};
  boost::asio::io_context io_{1};
  std::vector<std::unique_ptr<Delivery>> deliveries_;
};

HttpAnswer ok(const HttpSeen& /*seen*/) {
  return {.bytes = http_bytes(200)};
}

TEST_F(OtlpDelivery, S9_resumes_within_two_seconds_after_the_destination_is_back) {
  std::uint16_t port = 0;
  {
    HttpMock first(ok);
    port = first.server().port();
    add(first.url());
    append(1);
    run_until_done([&] { return delivered(*deliveries_[0]) == 1; }, seconds(5));
  }
  append(5);
  run_until_done([] { return false; }, seconds(4));  // long enough to reach the longest wait
  EXPECT_EQ(delivered(*deliveries_[0]), 1U);
  HttpMock second(ok, {}, port);
  const auto took = run_until_done([&] { return delivered(*deliveries_[0]) == 6; }, seconds(10));
  EXPECT_EQ(delivered(*deliveries_[0]), 6U);
  EXPECT_LT(took, seconds(2));
}

TEST_F(OtlpDelivery, S19_a_dead_destination_does_not_slow_a_live_one) {
  const MockServer dead([](Peer& peer) { peer.hang(); });
  GrpcMock alive([](const GrpcSeen&) { return grpc_ok(); });
  add("http://" + dead.address());
  auto& live = add(alive.url());
  for (std::uint64_t i = 1; i <= 10; ++i) {
    append(1);
    const auto took = run_until_done([&] { return delivered(live) == i; }, seconds(2));
    EXPECT_LT(took, milliseconds(500));
  }
  EXPECT_EQ(delivered(live), 10U);
  EXPECT_EQ(deliveries_[0]->ledger(Signal::kMetrics).queued(), 10U);
}

TEST_F(OtlpDelivery, S21_ends_in_time_while_a_request_hangs) {
  const MockServer dead([](Peer& peer) { peer.hang(); });
  auto& delivery = add("grpc://" + dead.address());
  append(3);
  run_until_done([] { return false; }, seconds(0));
  delivery.stop(clock_.steady() + milliseconds(300));
  const auto took = run_until_done([&] { return delivery.finished(); }, seconds(5));
  EXPECT_LT(took, seconds(1));
  EXPECT_EQ(delivery.ledger(Signal::kMetrics).dropped, 3U);
}

}  // namespace
}  // namespace plumbline
