// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/generate.h"

#include <fmt/format.h>

#include "agent/generate/alertmanager.h"
#include "agent/generate/dashboard_link.h"
#include "agent/generate/limit_rules.h"
#include "agent/generate/rule_file.h"
#include "agent/generate/rule_tests.h"
#include "agent/generate/slo_rules.h"

namespace plumbline {
namespace {

std::string rules_path(const std::string& name) {
  return fmt::format("{}/{}.yml", kRulesFolder, name);
}
std::string tests_path(const std::string& name) {
  return fmt::format("{}/{}.yml", kTestsFolder, name);
}
std::string rules_from_tests(const std::string& name) {
  return fmt::format("../rules/{}.yml", name);
}

void link(const PlatformManifest& manifest, const GenerateOptions& options, RuleGroup& group) {
  for (auto& alert : group.alerts) {
    alert.annotations.emplace_back("dashboard_url",
                                   options.grafana + dashboard_path(manifest, alert));
  }
}

void add_limits(const PlatformManifest& manifest,
                const GenerateOptions& options,
                std::vector<GeneratedFile>& files) {
  const auto& service = manifest.common().name;
  const auto name = service + "-limits";
  const auto limits = limit_alerts(manifest);
  RuleGroup group{.name = name};
  for (const auto& limit : limits) group.alerts.push_back(limit.rule);
  link(manifest, options, group);
  files.push_back({rules_path(name), rule_file(service, {group})});
  files.push_back({tests_path(name), limit_tests(service, limits, rules_from_tests(name))});
}

}  // namespace

std::vector<GeneratedFile> files_of(const PlatformManifest& manifest,
                                    const GenerateOptions& options) {
  const auto& common = manifest.common();
  std::vector<GeneratedFile> files;
  for (const auto& indicator : indicators_of(manifest)) {
    auto groups = slo_rules(common, indicator);
    for (auto& group : groups) link(manifest, options, group);
    files.push_back({rules_path(indicator.slo), rule_file(common.name, groups)});
    files.push_back({tests_path(indicator.slo),
                     slo_tests(common.name, indicator, rules_from_tests(indicator.slo))});
  }
  add_limits(manifest, options, files);
  return files;
}

void generate_files(const std::vector<PlatformManifest>& manifests,
                    const std::function<void(const GeneratedFile&)>& take,
                    const GenerateOptions& options) {
  take({"alertmanager/alertmanager.yml", alertmanager_file(manifests)});
  for (const auto& manifest : manifests) {
    for (const auto& file : files_of(manifest, options)) take(file);
  }
}

}  // namespace plumbline
