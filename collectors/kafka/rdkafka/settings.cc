// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/rdkafka/settings.h"

#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace plumbline::kafka {
namespace {

constexpr std::array<std::string_view, 6> kMechanisms{
    "", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "GSSAPI"};

std::string_view protocol_of(const KafkaClusterConfig& config) {
  if (config.sasl == KafkaSasl::kNone) return config.tls ? "ssl" : "plaintext";
  return config.tls ? "sasl_ssl" : "sasl_plaintext";
}

}  // namespace

RdSettings rd_settings(const KafkaClusterConfig& config, std::string_view secret) {
  RdSettings settings{{"bootstrap.servers", fmt::format("{}", fmt::join(config.brokers, ","))},
                      {"client.id", "plumbline"},
                      {"security.protocol", std::string(protocol_of(config))},
                      // A broker that comes back is met again within a second.
                      {"reconnect.backoff.max.ms", "1000"},
                      {"socket.keepalive.enable", "true"}};
  if (config.sasl != KafkaSasl::kNone) {
    settings.emplace_back("sasl.mechanism", kMechanisms.at(static_cast<std::size_t>(config.sasl)));
  }
  if (config.sasl == KafkaSasl::kGssapi) {
    settings.emplace_back("sasl.kerberos.principal", config.user);
    settings.emplace_back("sasl.kerberos.keytab", config.keytab_file);
    settings.emplace_back("sasl.kerberos.service.name", config.service);
  } else if (config.sasl != KafkaSasl::kNone && config.sasl != KafkaSasl::kOauthBearer) {
    settings.emplace_back("sasl.username", config.user);
    settings.emplace_back("sasl.password", secret);
  }
  if (!config.tls) return settings;
  settings.emplace_back("ssl.endpoint.identification.algorithm", "https");
  if (!config.ca_file.empty()) settings.emplace_back("ssl.ca.location", config.ca_file);
  if (config.certificate_file.empty()) return settings;
  settings.emplace_back("ssl.certificate.location", config.certificate_file);
  settings.emplace_back("ssl.key.location", config.key_file);
  return settings;
}

}  // namespace plumbline::kafka
