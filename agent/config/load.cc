// SPDX-License-Identifier: Apache-2.0
#include "agent/config/load.h"

#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "agent/config/budgets.h"
#include "agent/config/checks.h"
#include "agent/config/findings.h"
#include "agent/config/key_values.h"
#include "agent/config/otlp_environment.h"
#include "agent/config/text_file.h"
#include "agent/config/yaml.h"

namespace plumbline {
namespace {

// The OpenTelemetry SDK specification: a value that cannot be decoded is ignored as a whole.
void read_environment(const Environment& environment, LoadedConfig& loaded) {
  const std::string attributes_name = "OTEL_RESOURCE_ATTRIBUTES";
  auto& attributes = loaded.config.resource_attributes;
  if (const auto text = environment(attributes_name)) {
    if (auto values = parse_key_values(*text)) {
      attributes = *std::move(values);
    } else {
      auto source = std::make_shared<const Source>(
          Source{.kind = Source::Kind::kArgument, .name = attributes_name, .text = *text});
      loaded.problems.push_back({.source = std::move(source),
                                 .at = {1, 1},
                                 .length = text->size(),
                                 .what = values.error().what,
                                 .expected = "key=value,key=value"});
    }
  }
  const auto name = environment("OTEL_SERVICE_NAME");
  if (name && !name->empty()) attributes["service.name"] = *name;
}

// A destination of the environment counts when the file names none.
void read_otlp_environment(const Environment& environment, LoadedConfig& loaded) {
  if (!loaded.config.otlp.empty() || !loaded.config.kafka.empty()) return;
  std::vector<EnvironmentProblem> problems;
  auto otlp = otlp_from_environment("METRICS", environment, problems);
  if (otlp) loaded.config.otlp.push_back(*std::move(otlp));
  for (auto& problem : problems) {
    auto source = std::make_shared<const Source>(
        Source{.kind = Source::Kind::kArgument, .name = problem.variable, .text = ""});
    loaded.problems.push_back({.source = std::move(source), .what = std::move(problem.what)});
  }
}

void read_config_file(const LoadOptions& options, ConfigReader& reader, LoadedConfig& loaded) {
  const auto path = options.file.empty() ? std::string(kDefaultConfigFile) : options.file;
  auto text = read_text_file(path);
  if (!text && options.file.empty() && ::access(path.c_str(), F_OK) != 0) return;
  const auto source = std::make_shared<const Source>(
      Source{.kind = Source::Kind::kFile, .name = path, .text = text ? *text : ""});
  if (!text) {
    loaded.problems.push_back({.source = source, .what = text.error().what});
    return;
  }
  loaded.file = path;
  reader.read(source, parse_yaml(source, loaded.problems));
}

void apply(const Setting& setting, ConfigReader& reader, std::vector<Problem>& problems) {
  const auto source = std::make_shared<const Source>(
      Source{.kind = Source::Kind::kArgument, .name = setting.flag, .text = setting.text});
  if (!setting.key.empty()) return reader.set(source, setting.key, 0);
  const auto equals = setting.text.find('=');
  if (equals == std::string::npos) {
    problems.push_back({.source = source,
                        .at = {1, 1},
                        .length = setting.text.size(),
                        .what = "there is no '='",
                        .expected = "KEY=VALUE, such as export.interval=5s"});
    return;
  }
  reader.set(source, std::string_view(setting.text).substr(0, equals), equals + 1);
}

// What a rule means is known elsewhere (agent/identity/team.h).
void check_teams(const LoadOptions& options, LoadedConfig& loaded) {
  if (!options.team_rule_problem) return;
  const auto& rules = loaded.config.identity.teams;
  Findings findings("identity", "identity.teams", loaded.places, loaded.problems);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    auto what = options.team_rule_problem(rules[i]);
    if (!what.empty()) findings.add(fmt::format("teams[{}]", i), std::move(what));
  }
}

void replace_destinations(const std::vector<std::string>& urls,
                          ConfigReader& reader,
                          LoadedConfig& loaded) {
  if (urls.empty()) return;
  loaded.config.otlp.clear();
  loaded.config.kafka.clear();
  std::erase_if(loaded.places, [](const auto& place) {
    return place.first.starts_with("otlp[") || place.first.starts_with("kafka[");
  });
  for (const auto& url : urls) {
    apply({.flag = "--otlp",
           .key = fmt::format("otlp.{}.endpoint", loaded.config.otlp.size()),
           .text = url},
          reader,
          loaded.problems);
  }
}

}  // namespace

std::optional<std::string> process_environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

LoadedConfig read_config(const LoadOptions& options) {
  LoadedConfig loaded;
  ConfigReader reader(loaded.config, loaded.places, loaded.problems, options.collectors);
  read_environment(options.environment, loaded);
  read_config_file(options, reader, loaded);
  read_otlp_environment(options.environment, loaded);
  replace_destinations(options.otlp, reader, loaded);
  for (const auto& setting : options.settings) apply(setting, reader, loaded.problems);
  check_destinations(loaded.config, loaded.places, loaded.problems);
  check_teams(options, loaded);
  check_budgets(loaded.config, loaded.places, loaded.problems);
  check_clickhouse(loaded.config, loaded.places, loaded.problems);
  check_kafka_clusters(loaded.config, loaded.places, loaded.problems);
  sort_problems(loaded.problems);
  return loaded;
}

Result<Config> load_config(const LoadOptions& options) {
  auto loaded = read_config(options);
  if (!has_errors(loaded.problems)) return std::move(loaded.config);
  std::erase_if(loaded.problems, [](const Problem& p) { return p.severity != Severity::kError; });
  return Error{.code = Errc::kMalformed, .what = render(loaded.problems)};
}

}  // namespace plumbline
