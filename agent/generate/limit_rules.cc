// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/limit_rules.h"

#include <algorithm>

#include <fmt/format.h>

#include "agent/generate/indicator.h"
#include "agent/generate/promql.h"
#include "agent/generate/slo_rules.h"
#include "agent/manifest/signals.h"
#include "collectors/clickhouse/signals.h"
#include "collectors/kafka/signals.h"
#include "collectors/node/cpu_signals.h"

namespace plumbline {
namespace {

using std::chrono::minutes;

constexpr double kMemoryAtLeast = 0.8;  // a server keeps a tenth for the rest of the machine
constexpr auto kBackupAge = std::chrono::hours(26);  // a night, and two hours to make it

struct Said {
  std::string_view name;  // "Disk"
  std::string severity;
  minutes wait;
  std::string summary;
  std::string description;
};

AlertRule alert(const ManifestCommon& common, Said said, std::string expr) {
  return {.name = camel_case(common.name) + std::string(said.name),
          .expr = std::move(expr),
          .wait = said.wait,
          .labels = alert_labels(common, std::move(said.severity)),
          .annotations = {{"summary", fmt::format("{}: {}", common.name, said.summary)},
                          {"description", std::move(said.description)}}};
}

// A field that does not say what is there. It may take a look of a minute to see that it is mended.
LimitAlert drift(const ManifestCommon& common) {
  constexpr std::string_view kField = "plumbline.manifest.field";
  const std::vector<Matcher> of_this{{"plumbline.manifest.name", common.name}};
  const auto one = series(manifests::kAgreement, with(of_this, {kField, "spec.owner"}));
  return {alert(common,
                {"Drift",
                 "warning",
                 minutes(15),
                 "its manifest does not say what is there",
                 "{{ $labels.plumbline_manifest_field }} disagrees with what the agents see. "
                 "Their logs say what is there instead; change that, or the manifest."},
                fmt::format(
                    "{} ({}) == 0", by("min", {kField}), series(manifests::kAgreement, of_this))),
          {{one, "1", "0"}}};
}

// The labels of one of its servers, so that a series of a test fits the matchers of the cluster.
std::vector<Matcher> a_server(const ClickHouseCluster& cluster) {
  if (cluster.endpoints.empty()) return {{"server.address", "ch-1"}};
  const auto& endpoint = cluster.endpoints.front();
  const auto colon = endpoint.rfind(':');
  return {{"server.address", endpoint.substr(0, colon)},
          {"server.port", endpoint.substr(colon + 1)}};
}

LimitAlert disk(const ClickHouseCluster& cluster) {
  constexpr std::string_view kDisk = "plumbline.clickhouse.disk.name";
  const auto by_disk = by("max", {"server.address", "server.port", kDisk});
  const auto servers = servers_of(cluster);
  const auto one = with(a_server(cluster), {kDisk, "default"});
  const auto used = cluster.alert_on_disk;
  return {
      alert(cluster.common,
            {"Disk",
             page_severity(cluster.common),
             minutes(10),
             fmt::format("a disk is more than {} % full", used),
             "Disk {{ $labels.plumbline_clickhouse_disk_name }} of "
             "{{ $labels.server_address }}:{{ $labels.server_port }} is "
             "{{ $value | printf \"%.1f\" }} % full. A full disk refuses every insert."},
            fmt::format("100 * (1 - {} ({})\n  / {} ({})) > {}",
                        by_disk,
                        series(clickhouse::kDiskFree, servers),
                        by_disk,
                        series(clickhouse::kDiskLimit, servers),
                        used)),
      {{series(clickhouse::kDiskFree, one), "100000", fmt::format("{}", (100 - used) * 1000 - 500)},
       {series(clickhouse::kDiskLimit, one), "100000", "100000"}}};
}

LimitAlert cpu(const ClickHouseCluster& cluster) {
  constexpr std::string_view kMode = "cpu.mode";
  const auto percent = cluster.alert_on_cpu;
  const auto idle = fmt::format("{}", (100. - static_cast<double>(percent)) / 100 - 0.005);
  auto up = series(clickhouse::kUp, with(a_server(cluster), {"instance", "node-1"}));
  const auto answers =
      fmt::to_string(std::max<std::uint64_t>(1, cluster.replication * cluster.shards));
  return {alert(cluster.common,
                {"Cpu",
                 "warning",
                 minutes(10),
                 fmt::format("a node with a server uses more than {} % of its CPU", percent),
                 "The CPUs of {{ $labels.instance }}, which has a ClickHouse server, are "
                 "{{ $value | printf \"%.1f\" }} % busy. Merges and queries begin to wait."},
                fmt::format("100 * (1 - sum by (job, instance) (avg_over_time({}[5m]))) > {}\n"
                            "and on (job, instance) {}",
                            series(node::kCpuUtilization, {{kMode, "idle|iowait", "=~"}}),
                            percent,
                            series(clickhouse::kUp, servers_of(cluster)))),
          {{series(node::kCpuUtilization, {{kMode, "idle"}, {"instance", "node-1"}}), "0.9", idle},
           {std::move(up), answers, answers}}};
}

LimitAlert servers(const ClickHouseCluster& cluster) {
  const auto declared = cluster.replication * cluster.shards;
  return {alert(cluster.common,
                {"Servers",
                 "warning",
                 minutes(10),
                 fmt::format("fewer servers answer than the {} that are declared", declared),
                 fmt::format("{{{{ $value }}}} servers answer; {} shards of {} replicas would be "
                             "{}. A server is down, is not watched by any agent, or the manifest "
                             "is old.",
                             cluster.shards,
                             cluster.replication,
                             declared)},
                fmt::format("sum({} ({})) < {}",
                            by("max", {"server.address", "server.port"}),
                            series(clickhouse::kUp, servers_of(cluster)),
                            declared)),
          // One series stands for all of them.
          {{series(clickhouse::kUp, a_server(cluster)),
            fmt::to_string(declared),
            fmt::to_string(declared - 1)}}};
}

LimitAlert memory(const ClickHouseCluster& cluster) {
  const auto at_least = kMemoryAtLeast * static_cast<double>(cluster.memory_gb) * 1e9;
  return {alert(cluster.common,
                {"Memory",
                 "warning",
                 minutes(30),
                 fmt::format("a server has less memory than the {} GB that are declared",
                             cluster.memory_gb),
                 "{{ $labels.server_address }}:{{ $labels.server_port }} may use "
                 "{{ $value | humanize1024 }}B. Its machine, its limit or the manifest is wrong."},
                fmt::format("{} ({}) < {}",
                            by("max", {"server.address", "server.port"}),
                            series(clickhouse::kMemoryLimit, servers_of(cluster)),
                            promql_number(at_least))),
          {{series(clickhouse::kMemoryLimit, a_server(cluster)),
            promql_number(at_least * 2),
            promql_number(at_least * 0.5)}}};
}

LimitAlert backup(const ClickHouseCluster& cluster) {
  constexpr std::string_view kStatus = "plumbline.clickhouse.backup.status";
  const Matcher made{kStatus, "BACKUP_CREATED"};
  return {alert(cluster.common,
                {"Backup",
                 "warning",
                 minutes(10),
                 fmt::format("the newest backup is older than {} hours", kBackupAge.count()),
                 "The newest backup that any server remembers is {{ $value | humanizeDuration }} "
                 "old."},
                fmt::format("min({}) > {}",
                            series(clickhouse::kBackupAge, with(servers_of(cluster), made)),
                            std::chrono::seconds(kBackupAge).count())),
          {{series(clickhouse::kBackupAge, with(a_server(cluster), made)), "3600", "100000"}}};
}

LimitAlert backlog(const DataPipeline& pipeline) {
  const auto of_group = with(group_of(pipeline), {"topic", pipeline.topic});
  const auto limit = pipeline.on_backlog;
  return {alert(pipeline.common,
                {"Backlog",
                 page_severity(pipeline.common),
                 minutes(10),
                 fmt::format("more than {} records wait to be read", limit),
                 fmt::format("{{{{ $value | humanize }}}} records of {} wait. The group reads too "
                             "slowly, or not at all.",
                             pipeline.topic)},
                fmt::format("sum({} ({})) > {}",
                            by("max", {kafka::spec::kCluster}),
                            series(kafka::kLagSum, of_group),
                            limit)),
          {{series(kafka::kLagSum, of_group), "0", fmt::to_string(limit * 2)}}};
}

LimitAlert stopped(const DataPipeline& pipeline) {
  const auto group = group_of(pipeline);
  return {alert(pipeline.common,
                {"Stopped",
                 page_severity(pipeline.common),
                 minutes(5),
                 "nobody reads: the consumer group has no members",
                 fmt::format("The consumer group of {} has had no members for five minutes; its "
                             "backlog grows.",
                             pipeline.topic)},
                fmt::format("sum({} ({})) == 0",
                            by("max", {kafka::spec::kCluster}),
                            series(kafka::kMembers, group))),
          {{series(kafka::kMembers, group), "3", "0"}}};
}

LimitAlert loss(const DataPipeline& pipeline) {
  const auto of_group = with(group_of(pipeline), {"topic", pipeline.topic});
  return {alert(pipeline.common,
                {"LossAhead",
                 page_severity(pipeline.common),
                 minutes(5),
                 "records will be deleted within the hour before they are read",
                 fmt::format("The oldest unread record of {} is deleted by the topic's retention "
                             "in {{{{ $value | humanizeDuration }}}}.",
                             pipeline.topic)},
                fmt::format("min({}) < 3600", series(kafka::kTimeToLoss, of_group))),
          {{series(kafka::kTimeToLoss, of_group), "500000", "600"}}};
}

LimitAlert dead_letters(const DataPipeline& pipeline) {
  const auto topic = topic_of(pipeline, pipeline.dead_letter_topic);
  return {alert(pipeline.common,
                {"DeadLetters",
                 "warning",
                 minutes(0),
                 "records could not be used",
                 fmt::format("{{{{ $value | humanize }}}} records went to {} in the last ten "
                             "minutes.",
                             pipeline.dead_letter_topic)},
                fmt::format("sum({} (increase({}[10m]))) > 0",
                            by("max", {kafka::spec::kCluster, "partition"}),
                            series(kafka::kEnd, topic))),
          {{series(kafka::kEnd, with(topic, {"partition", "0"})), "+0", "+10"}}};
}

LimitAlert log_disk(const KafkaCluster& cluster) {
  const auto of_directory = by("max", {kafka::spec::kCluster, "broker", "plumbline.kafka.log_dir"});
  const auto all = brokers_of(cluster);
  auto one = with(all, {"broker", "1"});
  const auto used = cluster.alert_on_disk;
  return {alert(cluster.common,
                {"LogDisk",
                 page_severity(cluster.common),
                 minutes(10),
                 fmt::format("the disk of a log directory is more than {} % full", used),
                 "The disk of {{ $labels.plumbline_kafka_log_dir }} on broker "
                 "{{ $labels.broker }} is {{ $value | printf \"%.1f\" }} % full. A broker whose "
                 "disk is full stops."},
                fmt::format("100 * (1 - {0} ({1})\n  / {0} ({2})) > {3}",
                            of_directory,
                            series(kafka::kDiskFree, all),
                            series(kafka::kDiskSize, all),
                            used)),
          {{series(kafka::kDiskFree, one), "100000", fmt::format("{}", (100 - used) * 1000 - 500)},
           {series(kafka::kDiskSize, one), "100000", "100000"}}};
}

LimitAlert brokers(const KafkaCluster& cluster) {
  const auto declared = cluster.brokers;
  const auto there = series(kafka::kBrokers, brokers_of(cluster));
  return {alert(cluster.common,
                {"Brokers",
                 "warning",
                 minutes(10),
                 fmt::format("there are fewer brokers than the {} that are declared", declared),
                 "{{ $value }} brokers are in the cluster. One is down, or the manifest is old."},
                fmt::format("max({}) < {}", there, declared)),
          {{there, fmt::to_string(declared), fmt::to_string(declared - 1)}}};
}

}  // namespace

std::vector<LimitAlert> limit_alerts(const PlatformManifest& manifest) {
  std::vector<LimitAlert> alerts;
  if (const auto* cluster = std::get_if<ClickHouseCluster>(&manifest.kind)) {
    if (cluster->retention_days + cluster->memory_gb + cluster->shards + cluster->replication > 0) {
      alerts.push_back(drift(cluster->common));
    }
    alerts.push_back(cpu(*cluster));
    alerts.push_back(disk(*cluster));
    if (cluster->replication * cluster->shards > 0) alerts.push_back(servers(*cluster));
    if (cluster->memory_gb > 0) alerts.push_back(memory(*cluster));
    if (cluster->backup_to_s3) alerts.push_back(backup(*cluster));
    return alerts;
  }
  if (const auto* kafka = std::get_if<KafkaCluster>(&manifest.kind)) {
    alerts.push_back(log_disk(*kafka));
    if (kafka->brokers > 0) alerts.push_back(brokers(*kafka));
    return alerts;
  }
  const auto* pipeline = std::get_if<DataPipeline>(&manifest.kind);
  if (pipeline == nullptr) return alerts;
  if (!pipeline->table.empty()) alerts.push_back(drift(pipeline->common));
  if (pipeline->on_backlog > 0) alerts.push_back(backlog(*pipeline));
  alerts.push_back(stopped(*pipeline));
  alerts.push_back(loss(*pipeline));
  if (!pipeline->dead_letter_topic.empty()) alerts.push_back(dead_letters(*pipeline));
  return alerts;
}

}  // namespace plumbline
