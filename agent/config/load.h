// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/config/config.h"
#include "agent/config/problem.h"
#include "agent/config/read.h"
#include "agent/core/result.h"

namespace plumbline {

// Read when no file is named; its absence is no error.
inline constexpr std::string_view kDefaultConfigFile = "/etc/plumbline/plumbline.yaml";

// One value from the command line, over the file: `--listen ADDR` or `--set key=value`.
struct Setting {
  std::string flag;  // how it was given, for messages: "--set"
  std::string key;   // dotted; empty: `text` is "key=value"
  std::string text;
};

// The value of an environment variable; nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
std::optional<std::string> process_environment(const std::string& name);

// Everything that decides the configuration. Kept by the agent, to load it again on SIGHUP.
struct LoadOptions {
  std::string file;  // empty: kDefaultConfigFile if it exists
  std::vector<Setting> settings;
  std::vector<std::string> otlp;        // URLs; when given, the file's destinations do not count
  std::vector<std::string> collectors;  // the names that exist; empty: any name is taken
  std::string manifests;                // the folder of the manifests; empty: none
  Environment environment = process_environment;
  // Why a rule of identity.teams makes no sense; empty: it does. Unset: any is taken.
  std::function<std::string(const std::string&)> team_rule_problem = {};
};

struct LoadedConfig {
  Config config;
  std::string file;  // what was read; empty: none
  Places places;
  std::vector<Problem> problems;  // sorted
};

// Defaults, then the environment (OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME,
// OTEL_EXPORTER_OTLP_*), the file, the command line, each over the one before; destinations of the
// environment count when the file has none. Never fails as a whole: what could not be used is in
// `problems`, all of it at once.
LoadedConfig read_config(const LoadOptions& options);

// The same for those who can do nothing but refuse. Error: kMalformed, with the rendered problems.
Result<Config> load_config(const LoadOptions& options);

}  // namespace plumbline
