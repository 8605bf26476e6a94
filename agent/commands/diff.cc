// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <ostream>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "agent/commands/fetch.h"
#include "agent/commands/load_manifests.h"
#include "agent/commands/program.h"
#include "agent/config/quantity.h"
#include "agent/generate/generate.h"

#include <nlohmann/json.hpp>

namespace plumbline {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostRuleBytes = 256U << 20U;  // of 10,000 manifests

// Alerts, each by the manifest it is of, its name and its tier, with the revision of the manifest.
using Alerts = std::map<std::tuple<std::string, std::string, std::string>, std::string>;

std::string text_of(const Json& object, std::string_view key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string value_of(const RuleLabels& labels, std::string_view key) {
  for (const auto& [name, value] : labels) {
    if (name == key) return value;
  }
  return {};
}

Alerts wanted_alerts(const std::vector<PlatformManifest>& manifests) {
  Alerts alerts;
  for (const auto& manifest : manifests) {
    for (const auto& alert : alerts_of(manifest)) {
      alerts[{manifest.common().name, alert.name, value_of(alert.labels, "slo_tier")}] =
          value_of(alert.annotations, "revision");
    }
  }
  return alerts;
}

// Those of ours in the answer of Prometheus: they say of which revision they are.
Result<Alerts> deployed_alerts(const std::string& answer) {
  const auto json = Json::parse(answer, nullptr, false);
  Alerts alerts;
  if (!json.is_object() || text_of(json, "status") != "success" || !json.contains("data") ||
      !json["data"].is_object()) {
    return Error{.code = Errc::kMalformed, .what = "the answer is not that of Prometheus"};
  }
  const auto groups = json["data"].value("groups", Json::array());
  for (const auto& group : groups) {
    if (!group.is_object()) continue;
    const auto rules = group.value("rules", Json::array());
    for (const auto& rule : rules) {
      if (!rule.is_object() || text_of(rule, "type") != "alerting") continue;
      const auto revision = text_of(rule.value("annotations", Json::object()), "revision");
      const auto labels = rule.value("labels", Json::object());
      if (revision.empty()) continue;
      alerts[{text_of(labels, "service"), text_of(rule, "name"), text_of(labels, "slo_tier")}] =
          revision;
    }
  }
  return alerts;
}

int compare(const Alerts& wanted, const Alerts& deployed, Program& program) {
  std::size_t differences = 0;
  const auto tell = [&](const Alerts::key_type& alert, const std::string& what) {
    ++differences;
    const auto& [manifest, name, tier] = alert;
    program.out << fmt::format(
        "{} {}{}{}: {}\n", manifest, name, tier.empty() ? "" : " ", tier, what);
  };
  for (const auto& [alert, revision] : wanted) {
    const auto there = deployed.find(alert);
    if (there == deployed.end()) {
      tell(alert, "not deployed");
    } else if (there->second != revision) {
      tell(alert, fmt::format("revision {} is deployed, not {}", there->second, revision));
    }
  }
  for (const auto& [alert, revision] : deployed) {
    if (!wanted.contains(alert)) tell(alert, "deployed, and no manifest asks for it");
  }
  return differences == 0 ? kDone : kFindings;
}

}  // namespace

int command_diff(const Invocation& invocation, Program& program) {
  const auto url = parse_url(invocation.value("prometheus"));
  if (!url) return fail(program, "--prometheus: " + url.error().what, kUsage);
  const auto timeout = parse_duration(invocation.value("timeout", "5s"));
  if (!timeout) return fail(program, "--timeout: " + timeout.error().what, kUsage);
  const auto loaded = load_checked_manifests(invocation.arguments);
  program.err << render(loaded.problems, program.err_colour);
  if (has_errors(loaded.problems)) return kUsage;
  const auto path = url->path == "/" ? std::string() : url->path;
  const auto answer = fetch(*url,
                            {.target = path + "/api/v1/rules",
                             .timeout = std::chrono::milliseconds(*timeout),
                             .most_bytes = kMostRuleBytes});
  const auto failed = [&](const Error& error) {
    return fail(
        program, fmt::format("no rules from {}: {}", url->authority(), error.what), kFailed);
  };
  if (!answer) return failed(answer.error());
  const auto deployed = deployed_alerts(*answer);
  if (!deployed) return failed(deployed.error());
  return compare(wanted_alerts(loaded.manifests), *deployed, program);
}

}  // namespace plumbline
