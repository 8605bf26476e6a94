// SPDX-License-Identifier: Apache-2.0
#include "exporters/kafka/outcome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

namespace plumbline {
namespace {

using Kind = SendOutcome::Kind;
using testing::HasSubstr;

TEST(KafkaOutcome, of_a_message_in_the_topic_is_accepted) {
  EXPECT_EQ(outcome_of_report(RD_KAFKA_RESP_ERR_NO_ERROR, "t").kind, Kind::kAccepted);
}

TEST(KafkaOutcome, of_a_message_over_the_topics_limit_asks_for_halves) {
  EXPECT_EQ(outcome_of_report(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "t").kind, Kind::kTooLarge);
  EXPECT_EQ(outcome_of_report(RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, "t").kind, Kind::kTooLarge);
}

TEST(KafkaOutcome, of_what_a_person_can_mend_keeps_the_data_and_says_how) {
  const std::pair<rd_kafka_resp_err_t, const char*> mendable[]{
      {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, "there is no topic orders"},
      {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, "there is no topic orders"},
      {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "no right to write to the topic orders"},
      {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, "IdempotentWrite"},
      {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, "NOT_ENOUGH_REPLICAS"},
      {RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE, "UNSUPPORTED_COMPRESSION_TYPE"}};
  for (const auto& [code, words] : mendable) {
    const auto outcome = outcome_of_report(code, "orders");
    EXPECT_EQ(outcome.kind, Kind::kRetry) << rd_kafka_err2name(code);
    EXPECT_THAT(outcome.reason, HasSubstr(words));
  }
}

TEST(KafkaOutcome, of_a_message_that_is_wrong_itself_is_refused_for_good) {
  for (const auto code : {RD_KAFKA_RESP_ERR_INVALID_RECORD,
                          RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP,
                          RD_KAFKA_RESP_ERR_POLICY_VIOLATION,
                          RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION}) {
    EXPECT_EQ(outcome_of_report(code, "t").kind, Kind::kRejected) << rd_kafka_err2name(code);
  }
}

TEST(KafkaOutcome, of_what_no_broker_said_is_no_answer) {
  for (const auto code : {RD_KAFKA_RESP_ERR__TRANSPORT,
                          RD_KAFKA_RESP_ERR__MSG_TIMED_OUT,
                          RD_KAFKA_RESP_ERR__PURGE_QUEUE}) {
    EXPECT_EQ(outcome_of_report(code, "t").kind, Kind::kUnreachable) << rd_kafka_err2name(code);
  }
}

TEST(KafkaOutcome, ends_an_attempt_when_no_broker_can_be_had) {
  EXPECT_TRUE(ends_attempt(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN));
  EXPECT_TRUE(ends_attempt(RD_KAFKA_RESP_ERR__AUTHENTICATION));
  EXPECT_TRUE(ends_attempt(RD_KAFKA_RESP_ERR__SSL));
  EXPECT_FALSE(ends_attempt(RD_KAFKA_RESP_ERR__TRANSPORT)) << "there may be other brokers";
}

TEST(BrokerWords, name_the_broker_and_leave_out_the_librarys_states) {
  EXPECT_EQ(broker_words("sasl_plaintext://127.0.0.1:9092/bootstrap: SASL authentication error: "
                         "no (after 309ms in state AUTH_REQ)"),
            "127.0.0.1:9092: SASL authentication error: no");
  EXPECT_EQ(broker_words("ssl://[::1]:9093/1: SSL handshake failed"),
            "[::1]:9093: SSL handshake failed");
  EXPECT_EQ(broker_words("kafka-1:9092/2: Connect to ipv4#10.0.0.1:9092 failed: Connection refused "
                         "(after 0ms in state CONNECT)"),
            "kafka-1:9092: Connect to ipv4#10.0.0.1:9092 failed: Connection refused");
}

TEST(BrokerWords, leave_other_texts_as_they_are) {
  EXPECT_EQ(broker_words("1/1 brokers are down"), "1/1 brokers are down");
  EXPECT_EQ(broker_words("see https://example.com/a: b"), "see https://example.com/a: b");
  EXPECT_EQ(broker_words(""), "");
}

TEST(BrokerWords, are_bounded) {
  EXPECT_EQ(broker_words(std::string(5000, 'x')).size(), 300);
}

TEST(BrokerWords, are_one_line_of_text_whatever_a_broker_said) {
  EXPECT_EQ(broker_words("b:1/1: no\nforged: line \xff"), "b:1: no\\nforged: line \uFFFD");
}

TEST(LoginHint, tells_why_a_right_password_is_refused_by_kafka_4) {
  constexpr int kBookworm = 0x020002ff;
  constexpr int kMended = 0x020601ff;
  EXPECT_THAT(login_hint(KafkaLogin::kScramSha256, kBookworm), HasSubstr("2.0.2"));
  EXPECT_EQ(login_hint(KafkaLogin::kScramSha512, kMended), "");
  EXPECT_EQ(login_hint(KafkaLogin::kPlain, kBookworm), "");
}

}  // namespace
}  // namespace plumbline
