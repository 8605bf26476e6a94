// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/generate.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "agent/generate/alertmanager.h"
#include "agent/generate/indicator.h"
#include "agent/generate/limit_rules.h"
#include "agent/generate/openslo_file.h"
#include "agent/generate/rule_file.h"
#include "agent/generate/rule_tests.h"
#include "agent/generate/slo_rules.h"
#include "agent/manifest/revision.h"

namespace plumbline {
namespace {

using Files = std::vector<GeneratedFile>;

// What a file is made of: its first line says so, and every alert.
struct Origin {
  explicit Origin(const PlatformManifest& manifest)
      : revision(revision_of(manifest)),
        text(fmt::format("{}, revision {}", manifest.common().name, revision)) {}

  std::string rules(std::vector<RuleGroup> groups) const {
    for (auto& group : groups) stamp(group.alerts);
    return rule_file(text, groups);
  }
  void stamp(std::vector<AlertRule>& alerts) const {
    for (auto& alert : alerts) alert.annotations.emplace_back("revision", revision);
  }

  std::string revision;
  std::string text;
};

std::string rules_path(const std::string& name) {
  return fmt::format("{}/{}.yml", kRulesFolder, name);
}
std::string tests_path(const std::string& name) {
  return fmt::format("{}/{}.yml", kTestsFolder, name);
}
std::string rules_from_tests(const std::string& name) {
  return fmt::format("../rules/{}.yml", name);
}

void add_limits(const PlatformManifest& manifest, const Origin& origin, Files& files) {
  const auto name = manifest.common().name + "-limits";
  const auto limits = limit_alerts(manifest);
  if (limits.empty()) return;
  RuleGroup group{.name = name};
  for (const auto& limit : limits) group.alerts.push_back(limit.rule);
  files.push_back({rules_path(name), origin.rules({std::move(group)})});
  files.push_back({tests_path(name), limit_tests(origin.text, limits, rules_from_tests(name))});
}

}  // namespace

std::vector<GeneratedFile> files_of(const PlatformManifest& manifest) {
  const auto& common = manifest.common();
  const Origin origin(manifest);
  Files files;
  const auto indicators = indicators_of(manifest);
  for (const auto& indicator : indicators) {
    files.push_back({rules_path(indicator.slo), origin.rules(slo_rules(common, indicator))});
    if (indicator.test_series.empty()) continue;
    files.push_back({tests_path(indicator.slo),
                     slo_tests(origin.text, indicator, rules_from_tests(indicator.slo))});
  }
  add_limits(manifest, origin, files);
  if (!indicators.empty()) {
    files.push_back({fmt::format("{}/{}.yaml", kOpenSloFolder, common.name),
                     openslo_file(manifest, indicators, origin.text)});
  }
  return files;
}

std::vector<AlertRule> alerts_of(const PlatformManifest& manifest) {
  std::vector<AlertRule> alerts;
  for (const auto& indicator : indicators_of(manifest)) {
    for (auto& group : slo_rules(manifest.common(), indicator)) {
      std::ranges::move(group.alerts, std::back_inserter(alerts));
    }
  }
  for (auto& limit : limit_alerts(manifest)) alerts.push_back(std::move(limit.rule));
  Origin(manifest).stamp(alerts);
  return alerts;
}

void generate_files(const std::vector<PlatformManifest>& manifests,
                    const std::function<void(const GeneratedFile&)>& take) {
  take({"alertmanager/alertmanager.yml", alertmanager_file(manifests)});
  for (const auto& manifest : manifests) {
    for (const auto& file : files_of(manifest)) take(file);
  }
}

}  // namespace plumbline
