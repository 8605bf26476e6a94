// SPDX-License-Identifier: Apache-2.0
#include "agent/manifest/fields.h"

#include <algorithm>

#include <fmt/format.h>

#include "agent/manifest/common_fields.h"

namespace plumbline {
namespace {

using namespace manifest_table;
using std::string_view_literals::operator""sv;

constexpr auto kClickHouseCluster = joined(
    common_fields<ClickHouseCluster>(),
    std::array{
        field<&ClickHouseCluster::replication>(
            count("spec.replication",
                  0,
                  100,
                  "Replicas of each shard; with shards, an alert when fewer servers answer. 0: "
                  "not checked.")),
        field<&ClickHouseCluster::shards>(
            count("spec.shards", 0, 10'000, "Shards; see replication. 0: not checked.")),
        field<&ClickHouseCluster::cluster>(
            text("spec.cluster",
                 "Its name in system.clusters, whose shards and replicas are compared; none: "
                 "whichever fits.",
                 "metrics")),
        field<&ClickHouseCluster::memory_gb>(
            count("spec.memoryGB",
                  0,
                  100'000,
                  "Memory of each server; an alert when a server may use less than 80 % of it. "
                  "0: not checked.")),
        field<&ClickHouseCluster::retention_days>(
            count("spec.retentionDays",
                  0,
                  36'500,
                  "How long rows are kept: compared with the TTL of every table that has "
                  "partitions. 0: not checked.")),
        field<&ClickHouseCluster::backup_to_s3>(
            {.key = "spec.backupToS3",
             .type = FieldType::kFlag,
             .description = "Whether there are backups; an alert when the newest is older than "
                            "26 hours."}),
        field<&ClickHouseCluster::endpoints>(
            {.key = "spec.endpoints",
             .type = FieldType::kTextList,
             .description = "HOST:PORT of the servers as the agents name them in server.address "
                            "and server.port; none: all servers that are measured.",
             .example = "[ch-1:8123, ch-2:8123]"}),
        field<&ClickHouseCluster::alert_on_cpu>(
            count("spec.monitoring.alertOnCPU",
                  1,
                  99,
                  "Percent of the CPU of a node with a server; an alert above it.")),
        field<&ClickHouseCluster::alert_on_disk>(
            count("spec.monitoring.alertOnDisk",
                  1,
                  99,
                  "Percent of each disk of a server; an alert above it.")),
        field<&ClickHouseCluster::availability_target>(
            target("spec.objectives.availability.target",
                   "The share of looks at the servers that they answered, in percent.")),
        field<&ClickHouseCluster::queries_target>(
            target("spec.objectives.queries.target",
                   "The share of queries that did not fail, in percent.")),
        field<&ClickHouseCluster::latency_target>(
            target("spec.objectives.latency.target",
                   "The share of queries that took no longer than below, in percent.")),
        field<&ClickHouseCluster::latency_below>(
            {.key = "spec.objectives.latency.below",
             .type = FieldType::kDuration,
             .min = 125,
             .max = 128 * kSecond,
             .description = "How long a good query takes at most: an edge of the histogram's "
                            "buckets, 125ms, 250ms, 500ms, 1s, 2s and so on by doubling."})});

constexpr std::array kSources{"kafka"sv};
constexpr std::array kTransforms{"none"sv, "ksqlDb"sv};
constexpr std::array kSinks{"clickhouse"sv};

constexpr auto kDataPipeline = joined(
    common_fields<DataPipeline>(),
    std::array{
        field<&DataPipeline::source>({.key = "spec.source.type",
                                      .type = FieldType::kChoice,
                                      .choices = kSources,
                                      .description = "What the records come from."}),
        field<&DataPipeline::cluster>(
            text("spec.source.cluster",
                 "The Kafka cluster by its name in the agent's kafka_clusters; none: whichever has "
                 "the topic.",
                 "main")),
        field<&DataPipeline::topic>(text("spec.source.topic", "The topic that is read.")),
        field<&DataPipeline::consumer_group>(
            text("spec.source.consumerGroup", "The group that reads it.")),
        field<&DataPipeline::schema_registry>(
            {.key = "spec.source.schemaRegistry",
             .type = FieldType::kHttpUrl,
             .description = "Where the schemas of the records are. Kept: nothing samples them yet.",
             .example = "https://schema-registry:8081"}),
        field<&DataPipeline::dead_letter_topic>(
            text("spec.deadLetterTopic",
                 "Where records go that could not be used; a warning when there are new ones.",
                 "user.events.dead")),
        field<&DataPipeline::transform>({.key = "spec.transform.type",
                                         .type = FieldType::kChoice,
                                         .choices = kTransforms,
                                         .description = "What is done to the records on the way. "
                                                        "Kept."}),
        field<&DataPipeline::query>(
            text("spec.transform.query", "The query that does it. Kept.", "SELECT …")),
        field<&DataPipeline::sink>({.key = "spec.sink.type",
                                    .type = FieldType::kChoice,
                                    .choices = kSinks,
                                    .description = "Where they go."}),
        field<&DataPipeline::table>(
            text("spec.sink.table",
                 "The table they go to, DATABASE.TABLE; a warning when no server has it.",
                 "analytics.user_events")),
        field<&DataPipeline::partition_key>(
            text("spec.sink.partitionKey",
                 "The table's partition key; a warning when it is another.",
                 "toYYYYMM(time)")),
        field<&DataPipeline::order_key>(text("spec.sink.orderKey",
                                             "The table's order key; a warning when it is another.",
                                             "(user, time)")),
        field<&DataPipeline::on_backlog>(
            count("spec.alerting.onBacklog",
                  0,
                  1'000'000'000'000,
                  "Records that wait to be read; an alert when there are more for ten minutes. 0: "
                  "none.")),
        field<&DataPipeline::on_failure>(
            text("spec.alerting.onFailure",
                 "Who is told of this pipeline's alerts, as slack://#CHANNEL; none: whom "
                 "Alertmanager tells by default.",
                 "slack://#data-alerts")),
        field<&DataPipeline::slack_url_file>(
            text("spec.alerting.slackUrlFile",
                 "The file on Alertmanager's machine that holds the URL of the Slack webhook; the "
                 "URL itself is a secret and belongs into no manifest.")),
        field<&DataPipeline::fresh_within>(
            {.key = "spec.objectives.freshness.within",
             .type = FieldType::kDuration,
             .min = kSecond,
             .max = 7 * kDay,
             .description = "How old the oldest record that was not read yet may be."}),
        field<&DataPipeline::freshness_target>(
            target("spec.objectives.freshness.target",
                   "The share of time in which it is no older, in percent.")),
        field<&DataPipeline::completeness_target>(
            target("spec.objectives.completeness.target",
                   "The share of records that were not deleted unread, in percent."))});

constexpr std::array kNameRequired{"metadata.name"sv};
constexpr std::array kPipelineRequired{
    "metadata.name"sv, "spec.source.topic"sv, "spec.source.consumerGroup"sv};

constexpr std::array kKinds{
    ManifestKind{.name = "ClickHouseCluster",
                 .description = "A cluster of ClickHouse servers.",
                 .required = kNameRequired},
    ManifestKind{.name = "DataPipeline",
                 .description = "A stream of records from Kafka to a table.",
                 .required = kPipelineRequired},
    ManifestKind{.name = "KafkaCluster",
                 .description = "A cluster of Kafka brokers.",
                 .required = kNameRequired},
    ManifestKind{.name = "GpuPool", .description = "A pool of GPUs.", .required = kNameRequired},
    ManifestKind{.name = "ModelService",
                 .description = "A model that is served.",
                 .required = kNameRequired},
    ManifestKind{.name = "Service",
                 .description = "Anything that answers requests.",
                 .required = kNameRequired},
};

template <std::size_t... kIndex>
PlatformManifest manifest_of_kind(std::size_t index, std::index_sequence<kIndex...> /*all*/) {
  PlatformManifest manifest;
  using Kinds = decltype(manifest.kind);
  static_assert(std::variant_size_v<Kinds> == kKinds.size());
  ((index == kIndex ? void(manifest.kind.emplace<kIndex>()) : void()), ...);
  return manifest;
}

}  // namespace

std::span<const Field<ClickHouseCluster>> fields_of(const ClickHouseCluster& /*kind*/) {
  return kClickHouseCluster;
}

std::span<const Field<DataPipeline>> fields_of(const DataPipeline& /*kind*/) {
  return kDataPipeline;
}

std::span<const ManifestKind> manifest_kinds() {
  return kKinds;
}

std::vector<ManifestValue> manifest_values(const PlatformManifest& manifest) {
  std::vector<ManifestValue> values;
  const auto add = [&](const std::string& prefix, const auto& fields, const auto& owner) {
    for (const auto& field : fields) {
      values.push_back({prefix + std::string(field.info.key), &field.info, field.load(owner)});
    }
  };
  std::visit([&](const auto& kind) { add("", fields_of(kind), kind); }, manifest.kind);
  const auto& slos = manifest.common().slos;
  for (std::size_t i = 0; i < slos.size(); ++i) {
    add(fmt::format("{}[{}].", kSlosKey, i), slo_fields(), slos[i]);
  }
  return values;
}

PlatformManifest default_manifest(const ManifestKind& kind) {
  const auto index = std::ranges::find(kKinds, kind.name, &ManifestKind::name) - kKinds.begin();
  return manifest_of_kind(static_cast<std::size_t>(index),
                          std::make_index_sequence<kKinds.size()>());
}

std::string_view kind_of(const PlatformManifest& manifest) {
  return kKinds.at(manifest.kind.index()).name;
}

}  // namespace plumbline
