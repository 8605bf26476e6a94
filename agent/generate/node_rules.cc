// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/node_rules.h"

#include <fmt/format.h>

#include "agent/generate/alert_parts.h"
#include "agent/runtime/self_signals.h"
#include "collectors/kafka/signals.h"
#include "collectors/memory/signals.h"
#include "collectors/node/filesystem_signals.h"

namespace plumbline {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr double kFreeAtLeast = 0.1;
constexpr double kForecastBelow = 0.4;  // what has more free is not forecast: it has time
// Whoever is down makes objectives blind; those are seen again five minutes after it is back.
constexpr auto kUntilSeenAgain = minutes(10);

struct NodeAlert {
  std::string_view name;
  std::string_view service;  // "node", "kafka", "plumbline"
  minutes wait;
  std::string summary;
  std::string description;
  std::string severity = "warning";
  minutes linger{0};
};

LimitAlert alert(const std::string& team,
                 NodeAlert said,
                 std::string expr,
                 std::vector<LimitAlert::Input> inputs) {
  return {{.name = std::string(said.name),
           .expr = std::move(expr),
           .wait = said.wait,
           .linger = said.linger,
           .labels = {{"severity", std::move(said.severity)},
                      {"team", team},
                      {"namespace", "platform"},
                      {"service", std::string(said.service)}},
           .annotations = {{"summary", std::move(said.summary)},
                           {"description", std::move(said.description)}}},
          std::move(inputs)};
}

std::vector<Matcher> on_node(std::vector<Matcher> matchers) {
  matchers.push_back({"instance", "node-1"});
  return matchers;
}

// An agent that is there counts its series, whether it sends anything or is only scraped.
LimitAlert agent_down(const std::string& team) {
  const auto alive = series(self::kSeries, {});
  return alert(team,
               {"PlumblineAgentDown",
                "plumbline",
                minutes(5),
                "an agent has gone silent: its node cannot be seen",
                "The agent of {{ $labels.instance }} has told nothing for five minutes. Nothing on "
                "that node is measured, and objectives that need it are blind.",
                "warning",
                kUntilSeenAgain},
               fmt::format("max by (job, instance) (last_over_time({0}[6h]))\n"
                           "unless on (job, instance) {0}",
                           alive),
               {{series(self::kSeries, on_node({})), "1", "_"}});
}

LimitAlert destination_down(const std::string& team) {
  constexpr std::string_view kDestination = "plumbline.destination.name";
  return alert(team,
               {"PlumblineDestinationDown",
                "plumbline",
                minutes(10),
                "an agent cannot deliver what it measures",
                "The destination {{ $labels.plumbline_destination_name }} of the agent on "
                "{{ $labels.instance }} does not answer. What is measured waits on the node, as "
                "long as its budget lasts."},
               fmt::format("max by (job, instance, {}) ({}) == 0",
                           prometheus_label(kDestination),
                           series(self::kUp, {})),
               {{series(self::kUp, on_node({{kDestination, "backend"}})), "1", "0"}});
}

LimitAlert disk_filling(const std::string& team) {
  constexpr std::string_view kState = "system.filesystem.state";
  constexpr std::string_view kMode = "system.filesystem.mode";
  constexpr std::string_view kPoint = "system.filesystem.mountpoint";
  const auto free = series(node::kFilesystemUtilization, {{kState, "free"}, {kMode, "rw"}});
  const auto by_place = fmt::format("max by (job, instance, {}) ", prometheus_label(kPoint));
  auto found = alert(
      team,
      {"NodeDiskFilling",
       "node",
       minutes(10),
       "a file system is nearly full, or will be within four hours",
       "{{ $labels.system_filesystem_mountpoint }} of {{ $labels.instance }} has "
       "{{ $value | humanizePercentage }} free. A full file system stops whatever writes there."},
      fmt::format("{0}({1}) < {2}\n"
                  "and ({0}({1}) < {3}\n"
                  "  or {0}(predict_linear({1}[1h], $age)) < 0)",
                  by_place,
                  free,
                  kForecastBelow,
                  kFreeAtLeast),
      {{series(node::kFilesystemUtilization,
               on_node({{kState, "free"}, {kMode, "rw"}, {kPoint, "/data"}})),
        "0.5",
        "0.05"}});
  found.rule.age = hours(4);
  return found;
}

// A group's counter is born with its first kill.
LimitAlert oom_kills(const std::string& team) {
  const auto kills = series(memory::kOomKills, {});
  const auto seen = series(self::kSeries, {});
  const auto group = prometheus_label(memory::kCgroupPath);
  return alert(
      team,
      {
          "NodeOomKills",
          "node",
          minutes(0),
          "the kernel killed a process for want of memory",
          fmt::format("On {{{{ $labels.instance }}}} the OOM killer ended "
                      "{{{{ $value | humanize }}}} processes of {{{{ $labels.{} }}}} in the "
                      "last ten minutes.",
                      group),
      },
      fmt::format(
          "max by (job, instance, {}) (\n{})", group, grew(kills, seen, {"job", "instance"})),
      {{series(memory::kOomKills, on_node({{memory::kCgroupPath, "/shop"}})), "+0", "+1"},
       {series(self::kSeries, on_node({})), "+1", "+1"}});
}

LimitAlert kafka_down(const std::string& team) {
  const auto up = series(kafka::kUp, {});
  return alert(team,
               {"KafkaDown",
                "kafka",
                minutes(2),
                "a Kafka cluster does not answer",
                "No agent gets an answer of the Kafka cluster {{ $labels.kafka_cluster_alias }}. "
                "What is true of its topics is not known.",
                "critical",
                kUntilSeenAgain},
               fmt::format("{} ({}) == 0", by("max", {kafka::spec::kCluster}), up),
               {{series(kafka::kUp, {{kafka::spec::kCluster, "main"}}), "1", "0"}});
}

LimitAlert kafka_offline(const std::string& team) {
  const auto offline = series(kafka::kOffline, {});
  return alert(team,
               {"KafkaPartitionsOffline",
                "kafka",
                minutes(1),
                "partitions of a Kafka cluster have no leader",
                "{{ $value }} partitions of the Kafka cluster {{ $labels.kafka_cluster_alias }} "
                "are offline: nobody can write or read them.",
                "critical"},
               fmt::format("{} ({}) > 0", by("max", {kafka::spec::kCluster}), offline),
               {{series(kafka::kOffline, {{kafka::spec::kCluster, "main"}}), "0", "2"}});
}

}  // namespace

std::vector<LimitAlert> node_alerts(const std::string& team) {
  return {agent_down(team),
          destination_down(team),
          disk_filling(team),
          oom_kills(team),
          kafka_down(team),
          kafka_offline(team)};
}

}  // namespace plumbline
