// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <regex>
#include <set>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "agent/config/checks.h"
#include "agent/config/findings.h"
#include "agent/config/kafka_checks.h"
#include "agent/config/value.h"
#include "agent/http/url.h"

namespace plumbline {
namespace {

constexpr std::array<std::string_view, 3> kAliases{"klag", "kminion", "kafka_exporter"};

class ClusterCheck {
 public:
  ClusterCheck(KafkaClusterConfig& cluster, Findings& findings)
      : cluster_(cluster), findings_(findings) {}

  void run() {
    if (cluster_.name.empty()) cluster_.name = "default";
    check_brokers();
    check_login();
    if (cluster_.certificate_file.empty() != cluster_.key_file.empty()) {
      findings_.add(
          "certificate_file", "certificate_file and key_file need each other", "both or none");
    }
    check_expression("topics", cluster_.topics);
    check_expression("exclude_topics", cluster_.exclude_topics);
    check_expression("groups", cluster_.groups);
    check_expression("exclude_groups", cluster_.exclude_groups);
    check_own_topic("division.topic", cluster_.division_topic);
    check_own_topic("canary.topic", cluster_.canary_topic);
    if (!cluster_.canary_topic.empty() && cluster_.canary_topic == cluster_.division_topic) {
      findings_.add("canary.topic", "the canary needs a topic of its own");
    }
    for (const auto& alias : cluster_.aliases) {
      if (std::find(kAliases.begin(), kAliases.end(), alias) != kAliases.end()) continue;
      findings_.add("aliases",
                    fmt::format("there are no names of {}", in_quotes(alias)),
                    "klag, kminion or kafka_exporter");
    }
  }

 private:
  void check_own_topic(std::string_view key, const std::string& topic) {
    if (topic.empty()) return;
    if (!is_topic(topic)) {
      findings_.add(key,
                    fmt::format("{} cannot be the name of a topic", in_quotes(topic)),
                    "letters, digits, '.', '_' and '-', at most 249");
    }
    if (!cluster_.server_name.empty()) {
      findings_.add(key,
                    "librdkafka, which does this, knows brokers by their own names only",
                    "without server_name");
    }
  }

  void check_brokers() {
    if (cluster_.brokers.empty()) {
      findings_.add("brokers", "the cluster has no brokers", "brokers: [HOST:9092]");
    }
    for (const auto& broker : cluster_.brokers) {
      const auto url = parse_url("http://" + broker);
      if (url && url->path.empty() && broker.find(':') != std::string::npos) continue;
      findings_.add(
          "brokers", fmt::format("{} is no address of a broker", in_quotes(broker)), "HOST:PORT");
    }
  }

  void check_login() {
    switch (cluster_.sasl) {
      case KafkaSasl::kNone:
        return;
      case KafkaSasl::kOauthBearer:
        if (cluster_.token_file.empty()) {
          findings_.add("sasl.mechanism", "oauthbearer needs sasl.token_file");
        }
        return;
      case KafkaSasl::kGssapi:
        if (cluster_.user.empty() || cluster_.keytab_file.empty()) {
          findings_.add("sasl.mechanism", "gssapi needs sasl.user and sasl.keytab_file");
        }
        return;
      case KafkaSasl::kPlain:
      case KafkaSasl::kScramSha256:
      case KafkaSasl::kScramSha512:
        if (cluster_.user.empty() || cluster_.password_file.empty()) {
          findings_.add("sasl.mechanism", "this mechanism needs sasl.user and sasl.password_file");
        }
        return;
    }
  }

  void check_expression(std::string_view key, const std::string& text) {
    // Compiling one recurses as deep as it is nested.
    constexpr std::size_t kMaxLength = 500;
    if (text.size() > kMaxLength) {
      findings_.add(
          key, "the expression is too long", fmt::format("at most {} characters", kMaxLength));
      return;
    }
    try {
      const std::regex compiled(text);
    } catch (const std::regex_error& problem) {
      findings_.add(key,
                    fmt::format("{} is no regular expression: {}", in_quotes(text), problem.what()),
                    "one such as orders-.*");
    }
  }

  KafkaClusterConfig& cluster_;
  Findings& findings_;
};

}  // namespace

void check_kafka_clusters(Config& config, const Places& places, std::vector<Problem>& problems) {
  std::set<std::string> names;
  std::set<std::string> aliases;
  for (std::size_t i = 0; i < config.kafka_clusters.size(); ++i) {
    auto& cluster = config.kafka_clusters[i];
    Findings findings(fmt::format("kafka_clusters[{}]", i), "Kafka cluster", places, problems);
    ClusterCheck(cluster, findings).run();
    if (!names.insert(cluster.name).second) {
      findings.add("name",
                   fmt::format("there is another Kafka cluster called {}", in_quotes(cluster.name)),
                   "a name of its own");
    }
    for (const auto& alias : cluster.aliases) {
      if (alias == "klag" || aliases.insert(alias).second) continue;
      findings.add("aliases", fmt::format("the names of {} do not tell two clusters apart", alias));
    }
  }
}

}  // namespace plumbline
