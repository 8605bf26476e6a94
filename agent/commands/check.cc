// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ostream>

#include <fmt/format.h>

#include "agent/commands/program.h"
#include "agent/config/changes.h"

#include <nlohmann/json.hpp>

namespace plumbline {
namespace {

using Json = nlohmann::ordered_json;

std::size_t count(const std::vector<Problem>& problems, Severity severity) {
  return static_cast<std::size_t>(
      std::count_if(problems.begin(), problems.end(), [&](const Problem& problem) {
        return problem.severity == severity;
      }));
}

Json json_of(const Problem& problem) {
  Json json{{"severity", problem.severity == Severity::kError ? "error" : "warning"},
            {"source", problem.source->name}};
  if (problem.at.line > 0) {
    json["line"] = problem.at.line;
    json["column"] = problem.at.column;
    json["length"] = problem.length;
  }
  json["message"] = problem.what;
  if (!problem.expected.empty()) json["expected"] = problem.expected;
  if (!problem.suggestion.empty()) json["suggestion"] = problem.suggestion;
  return json;
}

std::string as_json(const LoadedConfig& loaded) {
  Json json{{"version", 1},
            {"file", loaded.file.empty() ? Json(nullptr) : Json(loaded.file)},
            {"errors", count(loaded.problems, Severity::kError)},
            {"warnings", count(loaded.problems, Severity::kWarning)},
            {"problems", Json::array()}};
  for (const auto& problem : loaded.problems) json["problems"].push_back(json_of(problem));
  // What run would do; with errors it would do nothing.
  if (!has_errors(loaded.problems)) {
    for (auto& [key, text] : describe_config(loaded.config)) json["config"][key] = text;
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string plural(std::size_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

std::string summary(const LoadedConfig& loaded) {
  const auto name = loaded.file.empty() ? std::string("configuration") : loaded.file;
  const auto errors = count(loaded.problems, Severity::kError);
  const auto warnings = count(loaded.problems, Severity::kWarning);
  if (errors + warnings > 0) {
    return fmt::format("{}: {}, {}\n", name, plural(errors, "error"), plural(warnings, "warning"));
  }
  const auto& config = loaded.config;
  auto destinations = plural(config.otlp.size(), "OTLP destination");
  if (!config.kafka.empty()) destinations += ", " + plural(config.kafka.size(), "Kafka cluster");
  return fmt::format("{}: good; listens on {}, {}\n", name, config.listen, destinations);
}

}  // namespace

int command_check(const Invocation& invocation, Program& program) {
  auto options = load_options(invocation, program);
  if (!invocation.argument().empty()) {
    if (!options.file.empty()) {
      program.err << "plumbline: check takes one file, FILE or --config FILE\n";
      return kUsage;
    }
    options.file = invocation.argument();
  }
  auto loaded = read_config(options);
  add_manifest_problems(options, loaded);
  if (invocation.value("output", "table") == "json") {
    program.out << as_json(loaded);
  } else {
    program.out << render(loaded.problems, program.out_colour) << summary(loaded);
  }
  if (has_errors(loaded.problems)) return kUsage;
  return loaded.problems.empty() ? kDone : kFindings;
}

}  // namespace plumbline
