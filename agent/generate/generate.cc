// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/generate.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "agent/generate/alertmanager.h"
#include "agent/generate/dashboard_link.h"
#include "agent/generate/indicator.h"
#include "agent/generate/limit_rules.h"
#include "agent/generate/node_rules.h"
#include "agent/generate/openslo_file.h"
#include "agent/generate/rule_file.h"
#include "agent/generate/rule_tests.h"
#include "agent/generate/runbook_links.h"
#include "agent/generate/slo_rules.h"
#include "agent/manifest/revision.h"

namespace plumbline {
namespace {

// Of no manifest: those are called by a manifest and what of it they are of.
constexpr const char* kNodeFile = "plumbline";

void link_dashboard(const GenerateOptions& options, const std::string& path, AlertRule& alert) {
  alert.annotations.emplace_back("dashboard_url", options.grafana + path);
}

// What a file is made of: its first line says so, and every alert of a manifest.
struct Origin {
  std::string text;
  std::string revision = {};
};

Origin origin_of(const PlatformManifest& manifest) {
  auto revision = revision_of(manifest);
  return {.text = fmt::format("{}, revision {}", manifest.common().name, revision),
          .revision = std::move(revision)};
}

void stamp(const Origin& origin, AlertRule& alert) {
  if (!origin.revision.empty()) alert.annotations.emplace_back("revision", origin.revision);
}

class FileMaker {
 public:
  FileMaker(const GenerateOptions& options, Origin origin)
      : options_(options), origin_(std::move(origin)) {}

  const std::string& origin() const { return origin_.text; }

  void add(const std::string& name, std::vector<RuleGroup> groups) {
    for (auto& group : groups) {
      for (auto& alert : group.alerts) {
        stamp(origin_, alert);
        link_runbook(options_.runbooks, alert);
      }
    }
    files_.push_back({fmt::format("{}/{}.yml", kRulesFolder, name),
                      rule_file(origin_.text, groups, options_.scale)});
  }

  void add_tests(const std::string& name,
                 const std::function<std::string(const std::string&)>& make) {
    if (options_.scale.divisor != 1) return;
    files_.push_back(
        {fmt::format("{}/{}.yml", kTestsFolder, name), make(fmt::format("../rules/{}.yml", name))});
  }

  void add_limits(const std::string& name,
                  const std::vector<LimitAlert>& limits,
                  const std::function<void(AlertRule&)>& complete) {
    if (limits.empty()) return;
    RuleGroup group{.name = name};
    for (const auto& limit : limits) {
      group.alerts.push_back(limit.rule);
      complete(group.alerts.back());
    }
    add(name, {group});
    add_tests(name, [&](const auto& rules) { return limit_tests(origin_.text, limits, rules); });
  }

  void add_openslo(const PlatformManifest& manifest, const std::vector<Indicator>& indicators) {
    if (indicators.empty() || options_.scale.divisor != 1) return;
    files_.push_back({fmt::format("{}/{}.yaml", kOpenSloFolder, manifest.common().name),
                      openslo_file(manifest, indicators, origin_.text)});
  }

  std::vector<GeneratedFile> take() { return std::move(files_); }

 private:
  const GenerateOptions& options_;
  Origin origin_;
  std::vector<GeneratedFile> files_;
};

}  // namespace

std::vector<GeneratedFile> files_of(const PlatformManifest& manifest,
                                    const GenerateOptions& options,
                                    TestPlans& plans) {
  const auto& common = manifest.common();
  const auto complete = [&](AlertRule& alert) {
    describe_alert(manifest, alert);
    link_dashboard(options, dashboard_path(manifest, alert), alert);
  };
  FileMaker files(options, origin_of(manifest));
  const auto indicators = indicators_of(manifest);
  for (const auto& indicator : indicators) {
    auto groups = slo_rules(common, indicator);
    for (auto& group : groups) {
      for (auto& alert : group.alerts) complete(alert);
    }
    files.add(indicator.slo, std::move(groups));
    if (indicator.test_series.empty()) continue;
    files.add_tests(indicator.slo, [&](const auto& rules) {
      return slo_tests(files.origin(), indicator, plans, rules);
    });
  }
  files.add_limits(common.name + "-limits", limit_alerts(manifest), complete);
  files.add_openslo(manifest, indicators);
  return files.take();
}

std::vector<AlertRule> alerts_of(const PlatformManifest& manifest) {
  std::vector<AlertRule> alerts;
  for (const auto& indicator : indicators_of(manifest)) {
    for (auto& group : slo_rules(manifest.common(), indicator)) {
      std::ranges::move(group.alerts, std::back_inserter(alerts));
    }
  }
  for (auto& limit : limit_alerts(manifest)) alerts.push_back(std::move(limit.rule));
  const auto origin = origin_of(manifest);
  for (auto& alert : alerts) stamp(origin, alert);
  return alerts;
}

void generate_files(const std::vector<PlatformManifest>& manifests,
                    const std::function<void(const GeneratedFile&)>& take,
                    const GenerateOptions& options) {
  take({"alertmanager/alertmanager.yml", alertmanager_file(manifests)});
  FileMaker nodes(options, {.text = kNodeFile});
  nodes.add_limits(kNodeFile, node_alerts(options.node_team), [&](AlertRule& alert) {
    describe_node_alert(alert);
    link_dashboard(options, node_dashboard_path(alert), alert);
  });
  for (const auto& file : nodes.take()) take(file);
  TestPlans plans;
  for (const auto& manifest : manifests) {
    for (const auto& file : files_of(manifest, options, plans)) take(file);
  }
}

}  // namespace plumbline
