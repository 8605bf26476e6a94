// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agent/generate/rule_file.h"
#include "agent/generate/test_plan.h"
#include "agent/manifest/kinds.h"

namespace plumbline {

struct GeneratedFile {
  std::string path;  // below the folder that is asked for
  std::string text;
};

struct GenerateOptions {
  std::string grafana;  // "https://grafana.example.com"; without it links begin with a slash
  std::string runbooks = "runbooks";  // the folder or URL that runbook_url names
  std::string node_team = "unowned";  // whose the alerts are that belong to no manifest
  DrillScale scale;                   // other than 1: rules and routes alone
};

// Everything of these manifests, a file at a time, since thousands of manifests make a gigabyte:
// the same bytes for the same manifests.
void generate_files(const std::vector<PlatformManifest>& manifests,
                    const std::function<void(const GeneratedFile&)>& take,
                    const GenerateOptions& options = {});

// Rules, their tests and OpenSLO documents of one manifest; `plans` serve the next one too.
std::vector<GeneratedFile> files_of(const PlatformManifest& manifest,
                                    const GenerateOptions& options,
                                    TestPlans& plans);

// Its alerts, as they stand in those rules.
std::vector<AlertRule> alerts_of(const PlatformManifest& manifest);

// The folders that hold nothing but what is generated.
inline constexpr const char* kRulesFolder = "prometheus/rules";
inline constexpr const char* kTestsFolder = "prometheus/tests";
inline constexpr const char* kOpenSloFolder = "openslo";

}  // namespace plumbline
