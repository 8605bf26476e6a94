// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/program.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <ostream>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/commands/help.h"
#include "agent/commands/load_manifests.h"
#include "agent/core/version.h"
#include "agent/identity/team.h"
#include "collectors/registry.h"

namespace plumbline {
namespace {

using Command = int (*)(const Invocation&, Program&);

constexpr std::array<std::pair<std::string_view, Command>, 17> kCommands{
    {{"run", command_run},
     {"check", command_check},
     {"status", command_status},
     {"doctor", command_doctor},
     {"catalog", command_catalog},
     {"explain", command_explain},
     {"generate", command_generate},
     {"runbook", command_runbook},
     {"diff", command_diff},
     {"schema", command_schema},
     {"journal stats", command_journal_stats},
     {"journal verify", command_journal_verify},
     {"journal dump", command_journal_dump},
     {"journal export", command_journal_export},
     {"journal vacuum", command_journal_vacuum},
     {"replay", command_replay},
     {"completion", command_completion}}};

int execute(const Invocation& invocation, Program& program) {
  for (const auto& [name, command] : kCommands) {
    if (name == invocation.verb->name) return command(invocation, program);
  }
  return kUsage;
}

int explain(const UsageError& error, Program& program) {
  program.err << "plumbline: " << error.what << '\n';
  if (!error.suggestion.empty()) {
    program.err << fmt::format("did you mean \"{}\"?\n", error.suggestion);
  }
  const auto of = error.verb == nullptr ? error.group : std::string(error.verb->name);
  program.err << fmt::format(
      "`plumbline{}{} --help` lists what there is\n", of.empty() ? "" : " ", of);
  return kUsage;
}

std::string help_text(const HelpRequest& request) {
  if (request.verb != nullptr) return verb_help(*request.verb);
  return request.group.empty() ? program_help() : group_help(request.group);
}

int dispatch(const Parsed& parsed, Program& program) {
  if (const auto* invocation = std::get_if<Invocation>(&parsed))
    return execute(*invocation, program);
  if (const auto* error = std::get_if<UsageError>(&parsed)) return explain(*error, program);
  if (const auto* help = std::get_if<HelpRequest>(&parsed)) {
    program.out << help_text(*help);
  } else {
    program.out << "plumbline " << version() << '\n';
  }
  return kDone;
}

}  // namespace

int run_command(std::span<const std::string> arguments, Program& program) {
  const int code = dispatch(parse_arguments(arguments), program);
  // A full disk behind `plumbline catalog > file` must not look like success.
  if (!program.out.flush()) {
    program.err << "plumbline: the output could not be written\n";
    return code == kDone ? kFailed : code;
  }
  return code;
}

int fail(Program& program, std::string_view why, ExitCode code) {
  program.err << "plumbline: " << why << '\n';
  return code;
}

LoadOptions load_options(const Invocation& invocation, const Program& program) {
  LoadOptions options{.file = invocation.value("config"),
                      .otlp = invocation.values("otlp"),
                      .manifests = invocation.value("manifests"),
                      .environment = program.environment,
                      .team_rule_problem = [](const std::string& rule) {
                        const auto parsed = TeamRules::parse({&rule, 1});
                        return parsed ? std::string() : parsed.error().what;
                      }};
  for (const auto& entry : collector_registry()) options.collectors.emplace_back(entry.info->name);
  static constexpr std::array<std::pair<const char*, const char*>, 5> kKeys{
      {{"listen", "listen"},
       {"state-dir", "state_dir"},
       {"log-format", "log.format"},
       {"log-level", "log.level"},
       {"stdout", "stdout.format"}}};
  for (const auto& [name, key] : kKeys) {
    if (!invocation.has(name)) continue;
    options.settings.push_back({fmt::format("--{}", name), key, invocation.value(name)});
  }
  if (invocation.has("deny-hook")) {
    const auto hooks = fmt::format("{}", fmt::join(invocation.values("deny-hook"), ","));
    options.settings.push_back({"--deny-hook", "bpf.deny_hooks", hooks});
  }
  for (const auto& text : invocation.values("set")) options.settings.push_back({"--set", "", text});
  return options;
}

void add_manifest_problems(const LoadOptions& options, LoadedConfig& loaded) {
  if (options.manifests.empty()) return;
  auto manifests = load_checked_manifests({options.manifests});
  std::ranges::move(manifests.problems, std::back_inserter(loaded.problems));
}

}  // namespace plumbline
