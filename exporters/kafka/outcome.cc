// SPDX-License-Identifier: Apache-2.0
#include "exporters/kafka/outcome.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include "agent/core/log.h"
#include "agent/core/series.h"

namespace plumbline {
namespace {

using Kind = SendOutcome::Kind;

constexpr std::size_t kMaxWords = 300;

constexpr int kScramMended = 0x02060100;  // librdkafka 2.6.1, as RD_KAFKA_VERSION is written

SendOutcome outcome(Kind kind, std::string reason) {
  return {.kind = kind, .reason = std::move(reason)};
}

std::string described(rd_kafka_resp_err_t error) {
  return fmt::format("{}: {}", rd_kafka_err2name(error), rd_kafka_err2str(error));
}

}  // namespace

SendOutcome outcome_of_report(int code, std::string_view topic) {
  const auto error = static_cast<rd_kafka_resp_err_t>(code);
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return {};
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
      return outcome(Kind::kTooLarge,
                     fmt::format("the topic {} takes no message of this size", topic));
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return outcome(
          Kind::kRetry,
          fmt::format("there is no topic {} and the cluster does not make one: create it", topic));
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return outcome(
          Kind::kRetry,
          fmt::format("no right to write to the topic {}: allow Write and Describe", topic));
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return outcome(
          Kind::kRetry,
          fmt::format("no right to write to any topic: allow Write and Describe on {}, and before "
                      "Kafka 2.8 IdempotentWrite on the cluster",
                      topic));
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
      return outcome(Kind::kRejected,
                     fmt::format("{} cannot be the name of a topic, or is internal", topic));
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT:
      return outcome(Kind::kRejected, fmt::format("the topic {}: {}", topic, described(error)));
    default:
      // Below 0 librdkafka itself speaks: no broker did.
      return outcome(code < 0 ? Kind::kUnreachable : Kind::kRetry,
                     fmt::format("the topic {}: {}", topic, described(error)));
  }
}

bool ends_attempt(int code) {
  return says_only_down(code) || is_login_refused(code) || code == RD_KAFKA_RESP_ERR__SSL;
}

bool is_login_refused(int code) {
  return code == RD_KAFKA_RESP_ERR__AUTHENTICATION;
}

bool says_only_down(int code) {
  return code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
}

std::string login_hint(KafkaLogin login, int version) {
  const bool scram = login == KafkaLogin::kScramSha256 || login == KafkaLogin::kScramSha512;
  if (!scram || version >= kScramMended) return {};
  return fmt::format(" (SCRAM with Kafka 4 needs librdkafka 2.6.1; here is {}.{}.{})",
                     version >> 24,
                     (version >> 16) & 0xff,
                     (version >> 8) & 0xff);
}

std::string broker_words(std::string_view text) {
  if (const auto scheme = text.find("://"); scheme < text.find(' ')) text.remove_prefix(scheme + 3);
  std::string out;
  // "host:port/bootstrap: " or "host:port/1: "
  const auto slash = text.find('/');
  const auto colon = text.find(": ");
  if (slash < colon && slash < text.find(' ') && colon != std::string_view::npos) {
    out = text.substr(0, slash);
    text.remove_prefix(colon);
  }
  out += text.substr(0, text.rfind(" (after "));
  return escape_line(valid_utf8(std::string_view(out).substr(0, kMaxWords)));
}

}  // namespace plumbline
