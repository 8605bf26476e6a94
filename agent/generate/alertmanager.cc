// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/alertmanager.h"

#include <set>

#include <fmt/format.h>

#include "agent/generate/promql.h"
#include "agent/manifest/checks.h"

namespace plumbline {
namespace {

std::string receiver(const DataPipeline& pipeline) {
  return fmt::format(
      "  - name: {}\n"
      "    slack_configs:\n"
      "      - api_url_file: {}\n"
      "        channel: {}\n"
      "        send_resolved: true\n"
      "        title: '{{{{ .CommonAnnotations.summary }}}}'\n"
      "        text: |-\n"
      "          {{{{ range .Alerts }}}}{{{{ .Annotations.description }}}}\n"
      "          {{{{ .Annotations.budget }}}} {{{{ .Annotations.exhaustion }}}}\n"
      "          {{{{ end }}}}\n",
      pipeline.common.name,
      quoted_text(pipeline.slack_url_file),
      quoted_text(slack_channel(pipeline.on_failure)));
}

// Each once, by name; who is called as a receiver for something else has none of his own.
std::set<std::string> teams_of(const std::vector<PlatformManifest>& manifests) {
  std::set<std::string> teams;
  for (const auto& manifest : manifests) teams.insert(manifest.common().owner);
  teams.erase(ManifestCommon{}.owner);
  teams.erase("default");
  for (const auto& manifest : manifests) teams.erase(manifest.common().name);
  return teams;
}

// A tier silences the slower ones of the same objective: one incident, one page. To be blind
// silences no page. What is blind since an agent or all of Kafka is down need not be told, nor what
// that costs of the cluster's own objective, nor a backlog that nobody reads, nor a loss that
// pages. All three labels are compared, and every alert has them or lacks them alike.
constexpr std::string_view kInhibitions =
    "inhibit_rules:\n"
    "  - source_matchers: ['slo_tier=\"fast\"']\n"
    "    target_matchers: ['slo_tier=~\"medium|slow|creeping|trickle\"']\n"
    "    equal: [cluster, namespace, slo]\n"
    "  - source_matchers: ['slo_tier=\"medium\"']\n"
    "    target_matchers: ['slo_tier=~\"slow|creeping|trickle\"']\n"
    "    equal: [cluster, namespace, slo]\n"
    "  - source_matchers: ['slo_tier=\"slow\"']\n"
    "    target_matchers: ['slo_tier=~\"creeping|trickle\"']\n"
    "    equal: [cluster, namespace, slo]\n"
    "  - source_matchers: ['slo_tier=\"creeping\"']\n"
    "    target_matchers: ['slo_tier=\"trickle\"']\n"
    "    equal: [cluster, namespace, slo]\n"
    "  - source_matchers: ['slo_tier=\"blind\"']\n"
    "    target_matchers: ['slo_tier=~\"slow|creeping|trickle\"']\n"
    "    equal: [cluster, namespace, slo]\n"
    "  - source_matchers: ['runbook=\"PlumblineAgentDown\"']\n"
    "    target_matchers: ['slo_tier=\"blind\"']\n"
    "    equal: [cluster]\n"
    "  - source_matchers: ['runbook=\"KafkaDown\"']\n"
    "    target_matchers: ['slo_tier=\"blind\"', 'topic=~\".+\"']\n"
    "    equal: [cluster]\n"
    "  - source_matchers: ['runbook=~\"KafkaDown|KafkaPartitionsOffline\"']\n"
    "    target_matchers: ['runbook=\"KafkaAvailabilityBurn\"']\n"
    "    equal: [cluster, kafka_cluster_alias]\n"
    "  - source_matchers: ['runbook=\"PipelineCompletenessBurn\"', 'slo_tier=~\"fast|medium\"']\n"
    "    target_matchers: ['runbook=\"PipelineLost\"']\n"
    "    equal: [cluster, namespace, service]\n"
    "  - source_matchers: ['runbook=~\"PipelineStopped|PipelineStalled\"']\n"
    "    target_matchers: ['runbook=\"PipelineBacklog\"']\n"
    "    equal: [cluster, namespace, service]\n";

}  // namespace

std::string alertmanager_file(const std::vector<PlatformManifest>& manifests) {
  std::string out =
      "# Written by `plumbline generate`; change the manifests, not this. The receiver default\n"
      "# tells nobody: give it an address, or take routes, receivers and inhibit_rules over into\n"
      "# a configuration that has one.\n"
      "route:\n"
      "  receiver: default\n"
      "  group_by: [cluster, namespace, service]\n"
      "  group_wait: 15s\n"
      "  group_interval: 5m\n"
      "  repeat_interval: 4h\n";
  std::string routes;
  std::string receivers = "receivers:\n  - name: default\n";
  // Beside whoever else is told.
  for (const auto& team : teams_of(manifests)) {
    routes +=
        fmt::format("    - receiver: {0}\n      matchers: ['team={0}']\n      continue: true\n",
                    quoted_text(team));
    receivers += fmt::format("  - name: {}\n", quoted_text(team));
  }
  for (const auto& manifest : manifests) {
    const auto* pipeline = std::get_if<DataPipeline>(&manifest.kind);
    if (pipeline == nullptr || pipeline->on_failure.empty()) continue;
    routes += fmt::format("    - receiver: {0}\n      matchers: ['service=\"{0}\"']\n",
                          pipeline->common.name);
    receivers += receiver(*pipeline);
  }
  if (!routes.empty()) out += "  routes:\n" + routes;
  return out + receivers + std::string(kInhibitions);
}

}  // namespace plumbline
