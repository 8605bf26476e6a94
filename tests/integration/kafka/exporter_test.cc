// SPDX-License-Identifier: Apache-2.0
//
// The exporter against librdkafka's own mock of a cluster, which can be told to fail.
#include <unistd.h>

#include <memory>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "agent/core/clock.h"
#include "exporters/kafka/kafka_exporter.h"

namespace plumbline {
namespace {

using Kind = SendOutcome::Kind;
using std::chrono::milliseconds;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::HasSubstr;

constexpr std::int16_t kProduce = 0;  // Kafka protocol, "Api Key"
constexpr int kBroker = 1;
constexpr const char* kTopic = "otlp_metrics";

class Exporting : public testing::Test {
 protected:
  Exporting() {
    auto* conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, nullptr);
    watcher_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0);
    cluster_ = rd_kafka_mock_cluster_new(watcher_, 1);
    rd_kafka_mock_topic_create(cluster_, kTopic, 1, 1);
    rd_kafka_brokers_add(watcher_, bootstraps());
    config_.brokers = {bootstraps()};
  }
  ~Exporting() override {
    exporter_.reset();
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(watcher_);
  }
  Exporting(const Exporting&) = delete;
  Exporting& operator=(const Exporting&) = delete;
  Exporting(Exporting&&) = delete;
  Exporting& operator=(Exporting&&) = delete;

  const char* bootstraps() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }

  SendOutcome send(std::string_view bytes, milliseconds timeout = 10s) {
    if (!exporter_) exporter_ = std::make_unique<KafkaExporter>(config_, "node", log_);
    SendOutcome outcome;
    boost::asio::co_spawn(
        io_,
        [&]() -> boost::asio::awaitable<void> {
          outcome = co_await exporter_->send({.bytes = bytes, .items = 1}, timeout);
        },
        [](const std::exception_ptr& error) {
          if (error) std::rethrow_exception(error);
        });
    io_.restart();
    io_.run();
    return outcome;
  }

  template <class... Errors>
  void fail_next_produce(Errors... errors) {
    rd_kafka_mock_push_request_errors(cluster_, kProduce, sizeof...(errors), errors...);
  }

  // How many messages the topic holds.
  std::int64_t written() {
    std::int64_t low = 0;
    std::int64_t high = -1;
    rd_kafka_query_watermark_offsets(watcher_, kTopic, 0, &low, &high, 10'000);
    return high - low;
  }

  boost::asio::io_context io_;
  SystemClock clock_;
  Log log_{clock_, STDERR_FILENO, LogFormat::kText, LogLevel::kWarning};
  KafkaConfig config_;
  std::unique_ptr<KafkaExporter> exporter_;
  rd_kafka_t* watcher_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

TEST_F(Exporting, writes_one_message_for_each_request_and_counts_its_bytes) {
  for (const auto* bytes : {"one", "two", "three"}) {
    const auto outcome = send(bytes);
    EXPECT_EQ(outcome.kind, Kind::kAccepted) << outcome.reason;
    EXPECT_GT(outcome.sent_bytes, 3U);
    EXPECT_LT(outcome.sent_bytes, 300U);
  }
  EXPECT_EQ(written(), 3);
}

TEST_F(Exporting, names_itself_by_broker_and_topic) {
  send("one");
  EXPECT_EQ(exporter_->name(), std::string("kafka:") + bootstraps() + "/" + kTopic);
}

TEST_F(Exporting, waits_on_for_a_message_whose_fate_is_not_known_instead_of_writing_it_twice) {
  send("one");
  rd_kafka_mock_broker_set_down(cluster_, kBroker);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(send("two", 300ms).kind, Kind::kUnreachable);
  rd_kafka_mock_broker_set_up(cluster_, kBroker);
  EXPECT_EQ(send("two").kind, Kind::kAccepted);
  EXPECT_EQ(send("three").kind, Kind::kAccepted);
  EXPECT_EQ(written(), 3);
}

TEST_F(Exporting, says_soon_why_no_broker_can_be_reached) {
  rd_kafka_mock_broker_set_down(cluster_, kBroker);
  const auto begin = std::chrono::steady_clock::now();
  const auto outcome = send("one", 60s);
  EXPECT_EQ(outcome.kind, Kind::kUnreachable);
  EXPECT_NE(outcome.reason, "");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 30s);
}

TEST_F(Exporting, lets_librdkafka_try_again_what_may_pass_by_itself) {
  fail_next_produce(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                    RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                    RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
  EXPECT_EQ(send("one").kind, Kind::kAccepted);
  EXPECT_EQ(written(), 1);
}

TEST_F(Exporting, passes_on_that_a_message_is_too_large_and_goes_on) {
  fail_next_produce(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  EXPECT_EQ(send("large").kind, Kind::kTooLarge);
  EXPECT_EQ(send("small").kind, Kind::kAccepted);
  EXPECT_EQ(written(), 1);
}

TEST_F(Exporting, hands_over_no_message_above_max_message) {
  config_.max_message_bytes = 16 << 10U;
  const auto outcome = send(std::string(20'000, 'x'));
  EXPECT_EQ(outcome.kind, Kind::kTooLarge);
  EXPECT_THAT(outcome.reason, HasSubstr("max_message"));
}

TEST_F(Exporting, keeps_the_data_while_the_right_to_write_is_missing) {
  fail_next_produce(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  const auto outcome = send("one");
  EXPECT_EQ(outcome.kind, Kind::kRetry);
  EXPECT_THAT(outcome.reason, HasSubstr("no right to write to the topic otlp_metrics"));
  EXPECT_EQ(send("one").kind, Kind::kAccepted) << "the right was given meanwhile";
}

TEST_F(Exporting, makes_a_new_producer_after_a_fatal_error) {
  send("one");
  fail_next_produce(RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  const auto outcome = send("two");
  EXPECT_EQ(outcome.kind, Kind::kRetry) << outcome.reason;
  EXPECT_EQ(log_.warnings(), 1U);
  EXPECT_EQ(send("two").kind, Kind::kAccepted);
  EXPECT_EQ(send("three").kind, Kind::kAccepted);
}

TEST_F(Exporting, refuses_a_request_that_it_cannot_write_as_json) {
  config_.encoding = KafkaEncoding::kOtlpJson;
  EXPECT_EQ(send("\xff\xff").kind, Kind::kRejected);
  EXPECT_EQ(written(), 0);
}

TEST_F(Exporting, ends_at_once_with_a_message_under_way) {
  rd_kafka_mock_broker_set_down(cluster_, kBroker);
  send("one", 100ms);
  const auto begin = std::chrono::steady_clock::now();
  exporter_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1s);
}

}  // namespace
}  // namespace plumbline
