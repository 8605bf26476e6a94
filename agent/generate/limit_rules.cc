// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/limit_rules.h"

#include <algorithm>

#include <fmt/format.h>

#include "agent/generate/alert_parts.h"
#include "agent/generate/indicator.h"
#include "agent/generate/promql.h"
#include "agent/generate/slo_rules.h"
#include "collectors/clickhouse/signals.h"
#include "collectors/node/cpu_signals.h"

namespace plumbline {
namespace {

using std::chrono::minutes;

constexpr double kMemoryAtLeast = 0.8;  // a server keeps a tenth for the rest of the machine
constexpr auto kBackupAge = std::chrono::hours(26);  // a night, and two hours to make it

LimitAlert disk(const ClickHouseCluster& cluster) {
  constexpr std::string_view kDisk = "plumbline.clickhouse.disk.name";
  const auto by_disk = by("max", {"server.address", "server.port", kDisk});
  const auto servers = servers_of(cluster);
  const auto one = with(a_server(cluster), {kDisk, "default"});
  const auto used = cluster.alert_on_disk;
  return {
      limit_alert(cluster.common,
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
  return {
      limit_alert(cluster.common,
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
  return {
      limit_alert(cluster.common,
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
  return {limit_alert(
              cluster.common,
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
  auto rule =
      limit_alert(cluster.common,
                  {"Backup",
                   "warning",
                   minutes(10),
                   fmt::format("the newest backup is older than {} hours", kBackupAge.count()),
                   "The newest backup that any server remembers is {{ $value | humanizeDuration }} "
                   "old."},
                  fmt::format("min({}) > $age",
                              series(clickhouse::kBackupAge, with(servers_of(cluster), made))));
  rule.age = kBackupAge;
  return {std::move(rule),
          {{series(clickhouse::kBackupAge, with(a_server(cluster), made)), "3600", "100000"}}};
}

}  // namespace

std::vector<LimitAlert> limit_alerts(const PlatformManifest& manifest) {
  std::vector<LimitAlert> alerts;
  if (const auto* cluster = std::get_if<ClickHouseCluster>(&manifest.kind)) {
    if (cluster->retention_days + cluster->memory_gb + cluster->shards + cluster->replication > 0) {
      alerts.push_back(drift_alert(cluster->common));
    }
    alerts.push_back(cpu(*cluster));
    alerts.push_back(disk(*cluster));
    if (cluster->replication * cluster->shards > 0) alerts.push_back(servers(*cluster));
    if (cluster->memory_gb > 0) alerts.push_back(memory(*cluster));
    if (cluster->backup_to_s3) alerts.push_back(backup(*cluster));
    for (auto& trouble : trouble_of(*cluster)) alerts.push_back(std::move(trouble));
    return alerts;
  }
  if (const auto* kafka = std::get_if<KafkaCluster>(&manifest.kind)) return alerts_of(*kafka);
  if (const auto* pipeline = std::get_if<DataPipeline>(&manifest.kind)) return alerts_of(*pipeline);
  return alerts;
}

}  // namespace plumbline
