// SPDX-License-Identifier: Apache-2.0
#include "exporters/kafka/settings.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/pipeline/backoff.h"

namespace plumbline {
namespace {

using std::chrono::milliseconds;

// Long enough for a topic that is being made to be known by all brokers; then its absence is told.
constexpr milliseconds kTopicPatience{3'000};

// The key and the framing of a message stay far below this; librdkafka counts them in.
constexpr std::uint64_t kFramingBytes = 1'024;

// What librdkafka takes for socket.timeout.ms.
constexpr milliseconds kSocketTimeoutMax{300'000};

constexpr std::array<std::string_view, 5> kCodecs{"none", "gzip", "snappy", "lz4", "zstd"};
constexpr std::array<std::string_view, 4> kMechanisms{
    "", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"};

std::string_view protocol_of(const KafkaConfig& config) {
  if (config.login == KafkaLogin::kNone) return config.tls ? "ssl" : "plaintext";
  return config.tls ? "sasl_ssl" : "sasl_plaintext";
}

void add_security(const KafkaConfig& config, std::string_view password, KafkaSettings& settings) {
  settings.emplace_back("security.protocol", protocol_of(config));
  if (config.login != KafkaLogin::kNone) {
    settings.emplace_back("sasl.mechanism", kMechanisms[static_cast<std::size_t>(config.login)]);
    settings.emplace_back("sasl.username", config.username);
    settings.emplace_back("sasl.password", password);
  }
  if (!config.tls) return;
  settings.emplace_back("ssl.endpoint.identification.algorithm",
                        config.verify_name ? "https" : "none");
  if (!config.ca_file.empty()) settings.emplace_back("ssl.ca.location", config.ca_file);
  if (config.certificate_file.empty()) return;
  settings.emplace_back("ssl.certificate.location", config.certificate_file);
  settings.emplace_back("ssl.key.location", config.key_file);
}

}  // namespace

KafkaSettings kafka_settings(const KafkaConfig& config, std::string_view password) {
  const auto message_bytes = config.max_message_bytes + kFramingBytes;
  const auto reconnect = std::chrono::duration_cast<milliseconds>(Backoff::kUnreachableMax).count();
  KafkaSettings settings{
      {"bootstrap.servers", fmt::format("{}", fmt::join(config.brokers, ","))},
      {"client.id", config.client_id},
      {"enable.idempotence", "true"},  // acks=all, in order, no message twice
      // A message leaves librdkafka by an answer, never because time has passed: sent anew it would
      // be another message to the broker, and could be there twice.
      {"message.timeout.ms", "0"},
      {"request.timeout.ms", fmt::to_string(config.timeout.count())},
      // A broker that hangs is left for a new connection.
      {"socket.timeout.ms",
       fmt::to_string(std::min(config.timeout + milliseconds(1'000), kSocketTimeoutMax).count())},
      {"linger.ms", "0"},
      {"compression.codec", std::string(kCodecs[static_cast<std::size_t>(config.compression)])},
      {"message.max.bytes", fmt::to_string(message_bytes)},
      {"queue.buffering.max.kbytes", fmt::to_string(2 * message_bytes / 1'024)},
      // Java's choice of a partition by key, so that tools in it find a node's partition.
      {"partitioner", "murmur2_random"},
      {"reconnect.backoff.max.ms", fmt::to_string(reconnect)},
      {"topic.metadata.propagation.max.ms", fmt::to_string(kTopicPatience.count())},
      {"socket.keepalive.enable", "true"}};
  add_security(config, password, settings);
  return settings;
}

const std::string& topic_of(const KafkaConfig& config, Signal signal) {
  switch (signal) {
    case Signal::kTraces:
      return config.traces_topic;
    case Signal::kLogs:
      return config.logs_topic;
    case Signal::kMetrics:
      break;
  }
  return config.metrics_topic;
}

}  // namespace plumbline
