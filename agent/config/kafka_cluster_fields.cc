// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string_view>

#include "agent/config/field_table.h"
#include "agent/config/fields.h"

namespace plumbline {
namespace {

using field_table::field;
using field_table::kSecond;
using std::string_view_literals::operator""sv;

constexpr std::array kMechanisms{
    "none"sv, "plain"sv, "scram-sha-256"sv, "scram-sha-512"sv, "oauthbearer"sv, "gssapi"sv};

constexpr std::array kKafkaClusterFields{
    field<&KafkaClusterConfig::name>(
        {.key = "name",
         .type = FieldType::kText,
         .description = "What the cluster is called in metrics (kafka.cluster.alias).",
         .example = "main",
         .effect = Effect::kCollectors}),
    field<&KafkaClusterConfig::brokers>(
        {.key = "brokers",
         .type = FieldType::kTextList,
         .description = "HOST:PORT of one or more brokers. The others are learned from the first "
                        "that answers.",
         .example = "[kafka-1:9092, kafka-2:9092]",
         .effect = Effect::kCollectors}),
    field<&KafkaClusterConfig::tls>({.key = "tls",
                                     .type = FieldType::kFlag,
                                     .description = "Speak TLS.",
                                     .effect = Effect::kCollectors}),
    field<&KafkaClusterConfig::ca_file>(
        {.key = "ca_file",
         .type = FieldType::kReadableFile,
         .description = "Certificates (PEM) to trust instead of those of the system.",
         .example = "/etc/plumbline/kafka-ca.pem",
         .effect = Effect::kCollectors}),
    field<&KafkaClusterConfig::certificate_file>(
        {.key = "certificate_file",
         .type = FieldType::kReadableFile,
         .description = "Our own certificate (PEM), for brokers that ask for one.",
         .example = "/etc/plumbline/client.pem",
         .effect = Effect::kCollectors}),
    field<&KafkaClusterConfig::key_file>({.key = "key_file",
                                          .type = FieldType::kReadableFile,
                                          .description = "The key (PEM) of certificate_file.",
                                          .example = "/etc/plumbline/client.key",
                                          .effect = Effect::kCollectors}),
    field<&KafkaClusterConfig::server_name>(
        {.key = "server_name",
         .type = FieldType::kText,
         .description = "The name that certificates of brokers must have, if not the one they are "
                        "reached by.",
         .example = "kafka.example.com",
         .effect = Effect::kCollectors}),
    field<&KafkaClusterConfig::sasl>({.key = "sasl.mechanism",
                                      .type = FieldType::kChoice,
                                      .choices = kMechanisms,
                                      .description = "How the agent logs in.",
                                      .effect = Effect::kCollectors}),
    field<&KafkaClusterConfig::user>({.key = "sasl.user",
                                      .type = FieldType::kText,
                                      .description = "The user of plain and scram; the principal "
                                                     "of gssapi (Kerberos).",
                                      .example = "plumbline",
                                      .effect = Effect::kCollectors}),
    field<&KafkaClusterConfig::password_file>(
        {.key = "sasl.password_file",
         .type = FieldType::kReadableFile,
         .description = "Holds the user's password; read again when it changes.",
         .example = "/var/run/secrets/kafka-password",
         .effect = Effect::kCollectors}),
    field<&KafkaClusterConfig::token_file>(
        {.key = "sasl.token_file",
         .type = FieldType::kReadableFile,
         .description = "Holds the token of oauthbearer; read again when it changes.",
         .example = "/var/run/secrets/kafka-token",
         .effect = Effect::kCollectors}),
    field<&KafkaClusterConfig::keytab_file>(
        {.key = "sasl.keytab_file",
         .type = FieldType::kReadableFile,
         .description = "Holds the principal's key for gssapi, which needs libgssapi-krb5-2; where "
                        "librdkafka logs in too (division, canary), libsasl2-modules-gssapi-mit "
                        "and krb5-user.",
         .example = "/etc/plumbline/plumbline.keytab",
         .effect = Effect::kCollectors}),
    field<&KafkaClusterConfig::service>(
        {.key = "sasl.service",
         .type = FieldType::kText,
         .description = "What brokers are called in Kerberos (sasl.kerberos.service.name).",
         .effect = Effect::kCollectors}),
    field<&KafkaClusterConfig::topics>(
        {.key = "topics",
         .type = FieldType::kText,
         .description = "A regular expression: topics whose whole name it matches are looked at. "
                        "Default: all but Kafka's internal ones.",
         .example = "orders\\..*",
         .effect = Effect::kCollectors}),
    field<&KafkaClusterConfig::exclude_topics>(
        {.key = "exclude_topics",
         .type = FieldType::kText,
         .description = "A regular expression: topics it matches are not looked at.",
         .example = "test-.*",
         .effect = Effect::kCollectors}),
    field<&KafkaClusterConfig::groups>(
        {.key = "groups",
         .type = FieldType::kText,
         .description = "A regular expression: groups whose whole name it matches are looked at. "
                        "Default: all.",
         .example = "ingest-.*",
         .effect = Effect::kCollectors}),
    field<&KafkaClusterConfig::exclude_groups>(
        {.key = "exclude_groups",
         .type = FieldType::kText,
         .description = "A regular expression: groups it matches are not looked at.",
         .example = "console-consumer-.*",
         .effect = Effect::kCollectors}),
    field<&KafkaClusterConfig::timeout>(
        {.key = "timeout",
         .type = FieldType::kDuration,
         .min = 100,
         .max = 60 * kSecond,
         .description = "How long one look at the whole cluster may take.",
         .effect = Effect::kCollectors}),
    field<&KafkaClusterConfig::partition_series>(
        {.key = "partition_series",
         .type = FieldType::kCount,
         .min = 0,
         .max = 1'000'000,
         .description = "How many partitions, and how many partitions of groups, get series of "
                        "their own. Those with the worst lag come first; sums are always whole.",
         .effect = Effect::kCollectors}),
    field<&KafkaClusterConfig::aliases>(
        {.key = "aliases",
         .type = FieldType::kTextList,
         .description = "Emit lag under the names of other exporters too, so that their dashboards "
                        "go on working: klag, kminion, kafka_exporter.",
         .example = "[kminion]",
         .effect = Effect::kCollectors}),
    field<&KafkaClusterConfig::division_topic>(
        {.key = "division.topic",
         .type = FieldType::kText,
         .description =
             "Agents with the same topic here divide the cluster among them, each series "
             "told by one of them: they are a consumer group of this name. The topic is "
             "made if it is missing. Without it the agent looks at everything.",
         .example = "plumbline-division",
         .effect = Effect::kCollectors}),
    field<&KafkaClusterConfig::canary_topic>(
        {.key = "canary.topic",
         .type = FieldType::kText,
         .description = "A topic of its own, to which each look writes a message for every "
                        "partition and reads it back: how long that takes, what is late and what "
                        "is lost. It is made if it is missing. Without it nothing is written.",
         .example = "plumbline-canary",
         .effect = Effect::kCollectors}),
};

}  // namespace

std::span<const Field<KafkaClusterConfig>> kafka_cluster_fields() {
  return kKafkaClusterFields;
}

}  // namespace plumbline
