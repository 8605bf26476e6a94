// SPDX-License-Identifier: Apache-2.0
//
// The fields of destinations: `otlp` and `kafka`.
#include <array>
#include <string_view>

#include "agent/config/field_table.h"
#include "agent/config/fields.h"

namespace plumbline {
namespace {

using namespace field_table;

using std::string_view_literals::operator""sv;

constexpr std::array kCompressions{"none"sv, "gzip"sv, "zstd"sv};
constexpr std::array kKafkaEncodings{"otlp_proto"sv, "otlp_json"sv};
constexpr std::array kKafkaCompressions{"none"sv, "gzip"sv, "snappy"sv, "lz4"sv, "zstd"sv};
constexpr std::array kKafkaLogins{"none"sv, "PLAIN"sv, "SCRAM-SHA-256"sv, "SCRAM-SHA-512"sv};

constexpr std::array kOtlpFields{
    field<&OtlpConfig::endpoint>(
        {.key = "endpoint",
         .type = FieldType::kEndpoint,
         .description = "The receiver. grpc:// and grpcs:// speak OTLP/gRPC (port 4317 if none is "
                        "given), http:// and https:// OTLP/HTTP with protobuf; v1/metrics is "
                        "appended to their path.",
         .example = "grpc://127.0.0.1:4317",
         .effect = Effect::kDestinations}),
    field<&OtlpConfig::name>(
        {.key = "name",
         .type = FieldType::kText,
         .description =
             "What the destination is called in metrics and logs, and by what the journal "
             "knows how far it is. Default: otlp:HOST:PORT.",
         .example = "collector",
         .effect = Effect::kDestinations}),
    field<&OtlpConfig::compression>({.key = "compression",
                                     .type = FieldType::kChoice,
                                     .choices = kCompressions,
                                     .description = "How requests are compressed.",
                                     .effect = Effect::kDestinations}),
    field<&OtlpConfig::timeout>({.key = "timeout",
                                 .type = FieldType::kDuration,
                                 .min = 100,
                                 .max = 600 * kSecond,
                                 .description = "How long one request may take.",
                                 .effect = Effect::kDestinations}),
    field<&OtlpConfig::headers>(
        {.key = "headers",
         .type = FieldType::kTextMap,
         .description = "Sent with every request. Values are never printed or logged; headers_file "
                        "keeps them out of this file too.",
         .example = "{x-tenant: platform}",
         .effect = Effect::kDestinations}),
    field<&OtlpConfig::headers_file>(
        {.key = "headers_file",
         .type = FieldType::kReadableFile,
         .description = "More headers, one \"name: value\" a line; read again when it changes.",
         .example = "/etc/plumbline/headers",
         .effect = Effect::kDestinations}),
    field<&OtlpConfig::bearer_token_file>(
        {.key = "bearer_token_file",
         .type = FieldType::kReadableFile,
         .description = "Holds a token, sent as \"authorization: Bearer …\"; read again when it "
                        "changes.",
         .example = "/var/run/secrets/token",
         .effect = Effect::kDestinations}),
    field<&OtlpConfig::ca_file>(
        {.key = "ca_file",
         .type = FieldType::kReadableFile,
         .description = "Certificates (PEM) to trust instead of those of the system.",
         .example = "/etc/plumbline/ca.pem",
         .effect = Effect::kDestinations}),
    field<&OtlpConfig::certificate_file>(
        {.key = "certificate_file",
         .type = FieldType::kReadableFile,
         .description = "Our own certificate (PEM), for receivers that ask for one.",
         .example = "/etc/plumbline/client.pem",
         .effect = Effect::kDestinations}),
    field<&OtlpConfig::key_file>({.key = "key_file",
                                  .type = FieldType::kReadableFile,
                                  .description = "The key (PEM) of certificate_file.",
                                  .example = "/etc/plumbline/client.key",
                                  .effect = Effect::kDestinations}),
    field<&OtlpConfig::server_name>(
        {.key = "server_name",
         .type = FieldType::kText,
         .description = "The name the receiver's certificate must have, if not the endpoint's.",
         .example = "collector.example.com",
         .effect = Effect::kDestinations}),
    field<&OtlpConfig::max_request_bytes>(
        {.key = "max_request",
         .type = FieldType::kSize,
         .min = 16 * kKibi,
         .max = 64 * kMebi,
         .description = "A request before compression. Many receivers refuse more than 4 MiB.",
         .effect = Effect::kDestinations}),
    field<&OtlpConfig::filter, &FilterConfig::signals>(
        {.key = "filter.signals",
         .type = FieldType::kTextList,
         .description = "Which of metrics, traces and logs it gets. Default: all.",
         .example = "[metrics]",
         .effect = Effect::kDestinations}),
    field<&OtlpConfig::filter, &FilterConfig::include>(
        {.key = "filter.include",
         .type = FieldType::kTextList,
         .description = "Metrics it gets, by patterns of their names. Default: all.",
         .example = "[system.*, kafka.*]",
         .effect = Effect::kDestinations}),
    field<&OtlpConfig::filter, &FilterConfig::exclude>(
        {.key = "filter.exclude",
         .type = FieldType::kTextList,
         .description = "Metrics it does not get, even if filter.include names them.",
         .example = "[system.filesystem.*]",
         .effect = Effect::kDestinations}),
    field<&OtlpConfig::filter, &FilterConfig::resource>(
        {.key = "filter.resource",
         .type = FieldType::kTextMap,
         .description = "Resource attributes with patterns; it gets what matches all of them.",
         .example = "{k8s.namespace.name: pay-*}",
         .effect = Effect::kDestinations}),
};

constexpr std::array kKafkaFields{
    field<&KafkaConfig::brokers>({.key = "brokers",
                                  .type = FieldType::kTextList,
                                  .description =
                                      "Some brokers of the cluster, HOST:PORT; the others are "
                                      "learned from them. Port 9092 if none is given.",
                                  .example = "[kafka-1:9092, kafka-2:9092]",
                                  .effect = Effect::kDestinations}),
    field<&KafkaConfig::name>(
        {.key = "name",
         .type = FieldType::kText,
         .description =
             "What the destination is called in metrics and logs, and by what the journal "
             "knows how far it is. Default: kafka:BROKER/TOPIC of the first broker and of metrics.",
         .example = "cluster",
         .effect = Effect::kDestinations}),
    field<&KafkaConfig::metrics_topic>(
        {.key = "topics.metrics",
         .type = FieldType::kText,
         .description = "The topic of metrics. These are the ones that the Collector's Kafka "
                        "receiver reads by default.",
         .effect = Effect::kDestinations}),
    field<&KafkaConfig::traces_topic>({.key = "topics.traces",
                                       .type = FieldType::kText,
                                       .description = "The topic of spans.",
                                       .effect = Effect::kDestinations}),
    field<&KafkaConfig::logs_topic>({.key = "topics.logs",
                                     .type = FieldType::kText,
                                     .description = "The topic of log records.",
                                     .effect = Effect::kDestinations}),
    field<&KafkaConfig::encoding>(
        {.key = "encoding",
         .type = FieldType::kChoice,
         .choices = kKafkaEncodings,
         .description = "How a message is written; the receiver's `encoding` must be the same.",
         .effect = Effect::kDestinations}),
    field<&KafkaConfig::compression>({.key = "compression",
                                      .type = FieldType::kChoice,
                                      .choices = kKafkaCompressions,
                                      .description =
                                          "How messages are compressed. Before Kafka 2.1 there "
                                          "is no zstd.",
                                      .effect = Effect::kDestinations}),
    field<&KafkaConfig::timeout>(
        {.key = "timeout",
         .type = FieldType::kDuration,
         .min = 100,
         .max = 300 * kSecond,
         .description = "How long the brokers may take to confirm a message. One that they have "
                        "not confirmed is not sent anew but waited for further.",
         .effect = Effect::kDestinations}),
    field<&KafkaConfig::max_message_bytes>(
        {.key = "max_message",
         .type = FieldType::kSize,
         .min = 16 * kKibi,
         .max = 64 * kMebi,
         .description = "A message before compression. Brokers refuse more than 1 MiB after it, "
                        "unless the topic's max.message.bytes says otherwise.",
         .effect = Effect::kDestinations}),
    field<&KafkaConfig::client_id>({.key = "client_id",
                                    .type = FieldType::kText,
                                    .description = "Who this is in the brokers' logs and quotas.",
                                    .effect = Effect::kDestinations}),
    field<&KafkaConfig::login>(
        {.key = "sasl.mechanism",
         .type = FieldType::kChoice,
         .choices = kKafkaLogins,
         .description = "How to log in. SCRAM with Kafka 4 needs librdkafka 2.6.1 or newer on "
                        "this machine; PLAIN over TLS works with any.",
         .effect = Effect::kDestinations}),
    field<&KafkaConfig::username>({.key = "sasl.username",
                                   .type = FieldType::kText,
                                   .description = "The name to log in with.",
                                   .example = "plumbline",
                                   .effect = Effect::kDestinations}),
    field<&KafkaConfig::password_file>(
        {.key = "sasl.password_file",
         .type = FieldType::kReadableFile,
         .description = "Holds the password in its first line; read again when it changes.",
         .example = "/etc/plumbline/kafka.password",
         .effect = Effect::kDestinations}),
    field<&KafkaConfig::tls>({.key = "tls.enabled",
                              .type = FieldType::kFlag,
                              .description = "Whether the brokers speak TLS on these ports.",
                              .effect = Effect::kDestinations}),
    field<&KafkaConfig::ca_file>(
        {.key = "tls.ca_file",
         .type = FieldType::kReadableFile,
         .description = "Certificates (PEM) to trust instead of those of the system.",
         .example = "/etc/plumbline/ca.pem",
         .effect = Effect::kDestinations}),
    field<&KafkaConfig::certificate_file>(
        {.key = "tls.certificate_file",
         .type = FieldType::kReadableFile,
         .description = "Our own certificate (PEM), for brokers that ask for one.",
         .example = "/etc/plumbline/client.pem",
         .effect = Effect::kDestinations}),
    field<&KafkaConfig::key_file>({.key = "tls.key_file",
                                   .type = FieldType::kReadableFile,
                                   .description = "The key (PEM) of tls.certificate_file.",
                                   .example = "/etc/plumbline/client.key",
                                   .effect = Effect::kDestinations}),
    field<&KafkaConfig::verify_name>(
        {.key = "tls.verify_name",
         .type = FieldType::kFlag,
         .description = "Whether a broker's certificate must have the name by which it is reached.",
         .effect = Effect::kDestinations}),
    field<&KafkaConfig::filter, &FilterConfig::signals>(
        {.key = "filter.signals",
         .type = FieldType::kTextList,
         .description = "Which of metrics, traces and logs it gets. Default: all.",
         .example = "[metrics]",
         .effect = Effect::kDestinations}),
    field<&KafkaConfig::filter, &FilterConfig::include>(
        {.key = "filter.include",
         .type = FieldType::kTextList,
         .description = "Metrics it gets, by patterns of their names. Default: all.",
         .example = "[system.*, kafka.*]",
         .effect = Effect::kDestinations}),
    field<&KafkaConfig::filter, &FilterConfig::exclude>(
        {.key = "filter.exclude",
         .type = FieldType::kTextList,
         .description = "Metrics it does not get, even if filter.include names them.",
         .example = "[system.filesystem.*]",
         .effect = Effect::kDestinations}),
    field<&KafkaConfig::filter, &FilterConfig::resource>(
        {.key = "filter.resource",
         .type = FieldType::kTextMap,
         .description = "Resource attributes with patterns; it gets what matches all of them.",
         .example = "{k8s.namespace.name: pay-*}",
         .effect = Effect::kDestinations}),
};

}  // namespace

std::span<const Field<OtlpConfig>> otlp_fields() {
  return kOtlpFields;
}

std::span<const Field<KafkaConfig>> kafka_fields() {
  return kKafkaFields;
}

}  // namespace plumbline
