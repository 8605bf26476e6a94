// SPDX-License-Identifier: Apache-2.0
#include "agent/config/kafka_checks.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "agent/config/value.h"
#include "agent/http/url.h"

namespace plumbline {
namespace {

constexpr std::size_t kTopicMax = 249;  // Kafka, Topic.MAX_NAME_LENGTH

// Whether all brokers are on this machine.
bool check_brokers(const KafkaConfig& kafka, Findings& findings) {
  if (kafka.brokers.empty()) {
    findings.add("brokers", "the cluster has no brokers", "brokers: [HOST:9092]");
  }
  bool local = true;
  for (const auto& broker : kafka.brokers) {
    const auto address = parse_url("http://" + broker);
    if (!address || !address->path.empty() || broker.find(',') != std::string::npos) {
      findings.add("brokers",
                   fmt::format("{} is no address of a broker", in_quotes(broker)),
                   "HOST:PORT, such as kafka-1:9092");
    } else {
      local = local && is_loopback(address->host);
    }
  }
  return local;
}

void check_topics(const KafkaConfig& kafka, Findings& findings) {
  const std::array<std::pair<std::string_view, const std::string*>, 3> topics{
      {{"topics.metrics", &kafka.metrics_topic},
       {"topics.traces", &kafka.traces_topic},
       {"topics.logs", &kafka.logs_topic}}};
  for (const auto& [key, topic] : topics) {
    if (is_topic(*topic)) continue;
    findings.add(key,
                 fmt::format("{} cannot be the name of a topic", in_quotes(*topic)),
                 "letters, digits, '.', '_' and '-', at most 249");
  }
}

void check_login(const KafkaConfig& kafka, Findings& findings) {
  const std::array<std::pair<std::string_view, const std::string*>, 2> settings{
      {{"sasl.username", &kafka.username}, {"sasl.password_file", &kafka.password_file}}};
  const bool logs_in = kafka.login != KafkaLogin::kNone;
  for (const auto& [key, value] : settings) {
    if (logs_in && value->empty() && !findings.has_place(key)) {
      findings.add("sasl.mechanism", fmt::format("a login needs {}", key));
    } else if (!logs_in && !value->empty()) {
      findings.add(key, fmt::format("{} has no meaning without sasl.mechanism", key));
    }
  }
}

void check_tls(const KafkaConfig& kafka, Findings& findings) {
  const bool has_certificate = !kafka.certificate_file.empty();
  if (has_certificate != !kafka.key_file.empty()) {
    findings.add(has_certificate ? "tls.certificate_file" : "tls.key_file",
                 has_certificate ? "tls.certificate_file needs tls.key_file"
                                 : "tls.key_file needs tls.certificate_file",
                 "both or none");
  }
  if (kafka.tls) {
    check_key_mode(kafka.key_file, "tls.key_file", findings);
    return;
  }
  const std::array<std::pair<std::string_view, const std::string*>, 3> files{
      {{"tls.ca_file", &kafka.ca_file},
       {"tls.certificate_file", &kafka.certificate_file},
       {"tls.key_file", &kafka.key_file}}};
  for (const auto& [key, file] : files) {
    if (file->empty()) continue;
    findings.add(key, fmt::format("{} has no meaning without TLS", key), "tls.enabled: true");
  }
}

}  // namespace

bool is_topic(std::string_view name) {
  return !name.empty() && name.size() <= kTopicMax && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '-';
         });
}

std::string own_name(const KafkaConfig& kafka) {
  if (kafka.brokers.empty()) return {};
  return fmt::format("kafka:{}/{}", kafka.brokers.front(), kafka.metrics_topic);
}

void check_kafka(const KafkaConfig& kafka, Findings& findings) {
  const bool local = check_brokers(kafka, findings);
  check_topics(kafka, findings);
  check_login(kafka, findings);
  check_tls(kafka, findings);
  check_filter(kafka.filter, findings);
  check_key_mode(kafka.password_file, "sasl.password_file", findings);
  if (kafka.login != KafkaLogin::kNone && !kafka.tls && !local) {
    findings.warn("sasl.mechanism",
                  "credentials would cross the network unencrypted: tls.enabled is false");
  }
}

}  // namespace plumbline
