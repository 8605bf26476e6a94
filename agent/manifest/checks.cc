// SPDX-License-Identifier: Apache-2.0
#include "agent/manifest/checks.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "agent/config/findings.h"
#include "agent/config/quantity.h"
#include "agent/config/value.h"
#include "agent/manifest/exclusion.h"
#include "agent/manifest/fields.h"

namespace plumbline {
namespace {

constexpr std::size_t kNameMax = 63;    // a DNS label, as Kubernetes names things
constexpr std::size_t kTopicMax = 249;  // Kafka, Topic.MAX_NAME_LENGTH
constexpr std::uint64_t kDayMs = 24ULL * 3600 * 1000;
constexpr std::uint64_t kFinestEdgeMs = 125;  // 2^-3 s

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameMax && is_lower_or_digit(text.front()) &&
         is_lower_or_digit(text.back()) &&
         std::ranges::all_of(text, [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

bool is_plain(std::string_view text, std::string_view marks) {
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') ||
           marks.find(c) != std::string_view::npos;
  });
}

void check_common(const ManifestCommon& common, Findings& findings) {
  constexpr std::string_view kExpected = "lower case letters, digits and '-', at most 63";
  if (findings.has_place("metadata.name") && !is_name(common.name)) {
    findings.add("metadata.name",
                 fmt::format("{} cannot be the name of a manifest", in_quotes(common.name)),
                 std::string(kExpected),
                 "");
  }
  if (!is_name(common.name_space)) {
    findings.add("metadata.namespace",
                 fmt::format("{} cannot be a namespace", in_quotes(common.name_space)),
                 std::string(kExpected));
  }
  if (!is_plain(common.owner, " ._@/-") || common.owner.size() > kNameMax) {
    findings.add("spec.owner",
                 fmt::format("{} cannot be the name of a team", in_quotes(common.owner)),
                 "letters, digits, spaces and ._@/-, at most 63");
  }
  for (const auto& text : common.maintenance) {
    if (parse_exclusion(text)) continue;
    findings.add("spec.maintenance",
                 fmt::format("{} is no time with a reason", in_quotes(text)),
                 "such as 2026-11-21T22:00:00Z/2026-11-21T23:00:00Z new disks");
  }
  const auto window = static_cast<std::uint64_t>(common.window.count());
  if (window % kDayMs != 0) {
    findings.add("spec.objectives.window",
                 "a period is whole days",
                 "a duration such as 30d",
                 format_duration(window / kDayMs * kDayMs));
  }
}

void check_reach(const PlatformManifest& manifest, Findings& findings) {
  for (const auto& named : objectives_of(manifest)) {
    const auto& objective = named.objective;
    for (const auto& tier : kBurnTiers) {
      if (is_reachable(tier, objective)) continue;
      findings.add(named.key,
                   fmt::format("with a target of {} not even a complete outage burns the budget "
                               "{:.3g} times too fast, so the alert of tier {} can never fire",
                               format_percent(objective.target_ppm),
                               burn_factor(tier, objective),
                               tier.name),
                   fmt::format("more than {:.2f}", 100 - 100 / burn_factor(tier, objective)));
      break;
    }
  }
}

void check_edge(std::string_view key, std::chrono::milliseconds limit, Findings& findings) {
  const auto below = static_cast<std::uint64_t>(limit.count());
  auto edge = kFinestEdgeMs;
  while (edge * 2 <= below) edge *= 2;
  if (below == edge) return;
  findings.add(key,
               fmt::format("{} is not an edge of the histogram's buckets: how many queries were "
                           "faster is not known",
                           format_duration(below)),
               fmt::format("{} or {}", format_duration(edge), format_duration(edge * 2)),
               format_duration(edge));
}

void check_cluster(const ClickHouseCluster& cluster, Findings& findings) {
  check_edge("spec.objectives.latency.below", cluster.latency_below, findings);
  const auto servers = cluster.replication * cluster.shards;
  if (!cluster.endpoints.empty() && cluster.endpoints.size() < servers) {
    findings.add("spec.endpoints",
                 fmt::format("{} endpoints are not the {} servers of {} shards with {} replicas",
                             cluster.endpoints.size(),
                             servers,
                             cluster.shards,
                             cluster.replication),
                 "an endpoint for each server");
  }
  for (const auto& endpoint : cluster.endpoints) {
    const auto colon = endpoint.rfind(':');
    const auto port = parse_count(std::string_view(endpoint).substr(
        colon == std::string::npos ? endpoint.size() : colon + 1));
    if (port && *port > 0 && *port <= 65535 && is_plain(endpoint.substr(0, colon), "._-[]:")) {
      continue;
    }
    findings.add("spec.endpoints",
                 fmt::format("{} is no address of a server", in_quotes(endpoint)),
                 "HOST:PORT, such as ch-1:8123");
  }
}

// Told with the text blotted out wherever the file repeats it.
void refuse_secret(const PlatformManifest& manifest,
                   std::string_view key,
                   const std::string& secret,
                   std::string expected,
                   std::vector<Problem>& problems) {
  if (problems.size() >= kMaxProblems) return;
  const auto place = manifest.places.find(fmt::format("manifest.{}", key));
  if (place == manifest.places.end()) return;
  auto blotted = *place->second.source;
  for (auto at = blotted.text.find(secret); at != std::string::npos;
       at = blotted.text.find(secret, at)) {
    blotted.text.replace(at, secret.size(), secret.size(), '*');
  }
  problems.push_back({.source = std::make_shared<const Source>(std::move(blotted)),
                      .at = place->second.at,
                      .length = place->second.length,
                      .what = "a secret in the clear: whoever reads the manifest has it",
                      .expected = std::move(expected)});
}

bool has_password(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return false;
  const auto authority = url.substr(scheme + 3, url.find('/', scheme + 3) - scheme - 3);
  return authority.find('@') != std::string_view::npos;
}

void check_secrets(const PlatformManifest& manifest, std::vector<Problem>& problems) {
  for (const auto& [key, info, value] : manifest_values(manifest)) {
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr || !has_password(*text)) continue;
    refuse_secret(manifest, key, *text, "the URL without user and password", problems);
  }
}

void check_receiver(const PlatformManifest& manifest,
                    const DataPipeline& pipeline,
                    Findings& findings,
                    std::vector<Problem>& problems) {
  constexpr std::string_view kKey = "spec.alerting.onFailure";
  const auto& address = pipeline.on_failure;
  if (!pipeline.slack_url_file.starts_with('/')) {
    findings.add("spec.alerting.slackUrlFile",
                 "the path is not absolute",
                 "a path such as /etc/alertmanager/slack-url");
  }
  if (address.empty() || !slack_channel(address).empty()) return;
  if (address.find("hooks.slack.com") != std::string::npos) {
    refuse_secret(manifest,
                  kKey,
                  address,
                  "slack://#CHANNEL, and the URL in the file that slackUrlFile names",
                  problems);
  } else if (!has_password(address)) {
    findings.add(kKey,
                 fmt::format("{} is nobody who can be told", in_quotes(address)),
                 "slack://#CHANNEL, such as slack://#data-alerts");
  }
}

void check_pipeline(const DataPipeline& pipeline, Findings& findings) {
  const auto check_topic = [&](std::string_view key, const std::string& topic) {
    if (!findings.has_place(key) || (is_plain(topic, "._-") && topic.size() <= kTopicMax)) return;
    findings.add(key,
                 fmt::format("{} cannot be the name of a topic", in_quotes(topic)),
                 "letters, digits, '.', '_' and '-', at most 249");
  };
  check_topic("spec.source.topic", pipeline.topic);
  check_topic("spec.deadLetterTopic", pipeline.dead_letter_topic);
  const auto& group = pipeline.consumer_group;
  if (findings.has_place("spec.source.consumerGroup") &&
      (group.empty() || group.find_first_of("{}\n") != std::string::npos)) {
    findings.add("spec.source.consumerGroup",
                 fmt::format("{} is no group whose alerts could be told", in_quotes(group)),
                 "a name without braces");
  }
}

}  // namespace

std::string slack_channel(std::string_view address) {
  constexpr std::string_view kScheme = "slack://#";
  if (!address.starts_with(kScheme)) return {};
  const auto channel = address.substr(kScheme.size());
  return is_plain(channel, "_-.") ? fmt::format("#{}", channel) : std::string();
}

void check_manifest(const PlatformManifest& manifest, std::vector<Problem>& problems) {
  Findings findings("manifest", "manifest", manifest.places, problems);
  const auto kinds = manifest_kinds();
  for (const auto key :
       std::ranges::find(kinds, kind_of(manifest), &ManifestKind::name)->required) {
    if (!findings.has_place(key)) {
      findings.add(
          "", fmt::format("{} is missing", key), fmt::format("a {} needs it", kind_of(manifest)));
    }
  }
  check_common(manifest.common(), findings);
  check_reach(manifest, findings);
  check_secrets(manifest, problems);
  if (const auto* cluster = std::get_if<ClickHouseCluster>(&manifest.kind)) {
    check_cluster(*cluster, findings);
  } else if (const auto* pipeline = std::get_if<DataPipeline>(&manifest.kind)) {
    check_pipeline(*pipeline, findings);
    check_receiver(manifest, *pipeline, findings, problems);
  } else if (const auto* service = std::get_if<Service>(&manifest.kind)) {
    check_edge("spec.objectives.latency.below", service->latency_below, findings);
  }
  const auto& slos = manifest.common().slos;
  for (std::size_t i = 0; i < slos.size(); ++i) {
    check_slo(slos[i], fmt::format("{}[{}]", kSlosKey, i), findings);
  }
}

}  // namespace plumbline
