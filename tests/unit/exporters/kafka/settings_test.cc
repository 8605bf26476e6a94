// SPDX-License-Identifier: Apache-2.0
#include "exporters/kafka/settings.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporters/kafka/producer.h"

namespace plumbline {
namespace {

using std::chrono_literals::operator""s;
using testing::IsSupersetOf;
using testing::Not;
using testing::Pair;

KafkaConfig config() {
  KafkaConfig config;
  config.brokers = {"kafka-1:9092", "kafka-2"};
  return config;
}

std::map<std::string, std::string> settings(const KafkaConfig& config,
                                            std::string_view password = {}) {
  const auto all = kafka_settings(config, password);
  return {all.begin(), all.end()};
}

TEST(KafkaSettings, ask_for_each_message_once_and_for_no_end_of_trying) {
  EXPECT_THAT(settings(config()),
              IsSupersetOf({Pair("bootstrap.servers", "kafka-1:9092,kafka-2"),
                            Pair("enable.idempotence", "true"),
                            Pair("message.timeout.ms", "0"),
                            Pair("client.id", "plumbline"),
                            Pair("compression.codec", "zstd"),
                            Pair("security.protocol", "plaintext")}));
}

TEST(KafkaSettings, bound_the_memory_by_the_largest_message) {
  auto small = config();
  small.max_message_bytes = 64 << 10U;
  EXPECT_EQ(settings(small).at("queue.buffering.max.kbytes"), "130");
  EXPECT_EQ(settings(small).at("message.max.bytes"), std::to_string((64 << 10U) + 1024));
}

TEST(KafkaSettings, leave_a_broker_that_hangs_soon_after_the_timeout) {
  auto patient = config();
  patient.timeout = 20s;
  EXPECT_EQ(settings(patient).at("request.timeout.ms"), "20000");
  EXPECT_EQ(settings(patient).at("socket.timeout.ms"), "21000");
  patient.timeout = 300s;
  EXPECT_EQ(settings(patient).at("socket.timeout.ms"), "300000");
}

TEST(KafkaSettings, name_the_protocol_by_login_and_tls) {
  auto secure = config();
  secure.tls = true;
  EXPECT_EQ(settings(secure).at("security.protocol"), "ssl");
  EXPECT_EQ(settings(secure).at("ssl.endpoint.identification.algorithm"), "https");
  secure.verify_name = false;
  EXPECT_EQ(settings(secure).at("ssl.endpoint.identification.algorithm"), "none");
  secure.login = KafkaLogin::kScramSha512;
  secure.username = "ann";
  EXPECT_THAT(settings(secure, "secret"),
              IsSupersetOf({Pair("security.protocol", "sasl_ssl"),
                            Pair("sasl.mechanism", "SCRAM-SHA-512"),
                            Pair("sasl.username", "ann"),
                            Pair("sasl.password", "secret")}));
  secure.tls = false;
  EXPECT_EQ(settings(secure, "secret").at("security.protocol"), "sasl_plaintext");
}

TEST(KafkaSettings, say_nothing_of_files_that_are_not_given) {
  auto secure = config();
  secure.tls = true;
  const auto all = settings(secure);
  for (const auto* key : {"ssl.ca.location", "ssl.certificate.location", "ssl.key.location"}) {
    EXPECT_FALSE(all.contains(key)) << key;
  }
}

TEST(KafkaSettings, choose_the_topic_by_the_signal) {
  EXPECT_EQ(topic_of(config(), Signal::kMetrics), "otlp_metrics");
  EXPECT_EQ(topic_of(config(), Signal::kTraces), "otlp_spans");
  EXPECT_EQ(topic_of(config(), Signal::kLogs), "otlp_logs");
}

// With every enumeration value: a name that librdkafka does not know would only be found here.
TEST(KafkaSettings, are_all_known_to_librdkafka) {
  for (const bool tls : {false, true}) {
    for (int login = 0; login <= static_cast<int>(KafkaLogin::kScramSha512); ++login) {
      for (int codec = 0; codec <= static_cast<int>(KafkaCompression::kZstd); ++codec) {
        auto all = config();
        all.brokers.clear();  // nobody to connect to
        all.tls = tls;
        all.login = static_cast<KafkaLogin>(login);
        all.username = "ann";
        all.compression = static_cast<KafkaCompression>(codec);
        const auto made = KafkaProducer::check(kafka_settings(all, "secret"));
        EXPECT_TRUE(made) << made.error().what;
      }
    }
  }
}

TEST(KafkaSettings, with_a_certificate_that_is_none_are_refused_by_name) {
  auto secure = config();
  secure.brokers.clear();
  secure.tls = true;
  secure.ca_file = "/dev/null";
  const auto made = KafkaProducer::check(kafka_settings(secure, {}));
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().what, testing::HasSubstr("ssl.ca.location"));
}

}  // namespace
}  // namespace plumbline
