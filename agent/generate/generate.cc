// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/generate.h"

#include <fmt/format.h>

#include "agent/generate/alertmanager.h"
#include "agent/generate/dashboard_link.h"
#include "agent/generate/limit_rules.h"
#include "agent/generate/node_rules.h"
#include "agent/generate/rule_file.h"
#include "agent/generate/rule_tests.h"
#include "agent/generate/runbook_links.h"
#include "agent/generate/slo_rules.h"

namespace plumbline {
namespace {

// Of no manifest: those are called by a manifest and what of it they are of.
constexpr const char* kNodeFile = "plumbline";

void link_dashboard(const GenerateOptions& options, const std::string& path, AlertRule& alert) {
  alert.annotations.emplace_back("dashboard_url", options.grafana + path);
}

class FileMaker {
 public:
  explicit FileMaker(const GenerateOptions& options) : options_(options) {}

  void add(const std::string& service, const std::string& name, std::vector<RuleGroup> groups) {
    for (auto& group : groups) {
      for (auto& alert : group.alerts) link_runbook(options_.runbooks, alert);
    }
    files_.push_back(
        {fmt::format("{}/{}.yml", kRulesFolder, name), rule_file(service, groups, options_.scale)});
  }

  void add_tests(const std::string& name,
                 const std::function<std::string(const std::string&)>& make) {
    if (options_.scale.divisor != 1) return;
    files_.push_back(
        {fmt::format("{}/{}.yml", kTestsFolder, name), make(fmt::format("../rules/{}.yml", name))});
  }

  void add_limits(const std::string& service,
                  const std::string& name,
                  const std::vector<LimitAlert>& limits,
                  const std::function<void(AlertRule&)>& complete) {
    RuleGroup group{.name = name};
    for (const auto& limit : limits) {
      group.alerts.push_back(limit.rule);
      complete(group.alerts.back());
    }
    add(service, name, {group});
    add_tests(name, [&](const auto& rules) { return limit_tests(service, limits, rules); });
  }

  std::vector<GeneratedFile> take() { return std::move(files_); }

 private:
  const GenerateOptions& options_;
  std::vector<GeneratedFile> files_;
};

}  // namespace

std::vector<GeneratedFile> files_of(const PlatformManifest& manifest,
                                    const GenerateOptions& options) {
  const auto& common = manifest.common();
  const auto complete = [&](AlertRule& alert) {
    describe_alert(manifest, alert);
    link_dashboard(options, dashboard_path(manifest, alert), alert);
  };
  FileMaker files(options);
  for (const auto& indicator : indicators_of(manifest)) {
    auto groups = slo_rules(common, indicator);
    for (auto& group : groups) {
      for (auto& alert : group.alerts) complete(alert);
    }
    files.add(common.name, indicator.slo, std::move(groups));
    files.add_tests(indicator.slo,
                    [&](const auto& rules) { return slo_tests(common.name, indicator, rules); });
  }
  files.add_limits(common.name, common.name + "-limits", limit_alerts(manifest), complete);
  return files.take();
}

void generate_files(const std::vector<PlatformManifest>& manifests,
                    const std::function<void(const GeneratedFile&)>& take,
                    const GenerateOptions& options) {
  take({"alertmanager/alertmanager.yml", alertmanager_file(manifests)});
  FileMaker nodes(options);
  nodes.add_limits(kNodeFile, kNodeFile, node_alerts(options.node_team), [&](AlertRule& alert) {
    describe_node_alert(alert);
    link_dashboard(options, node_dashboard_path(alert), alert);
  });
  for (const auto& file : nodes.take()) take(file);
  for (const auto& manifest : manifests) {
    for (const auto& file : files_of(manifest, options)) take(file);
  }
}

}  // namespace plumbline
