// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <span>
#include <string>

#include "agent/commands/arguments.h"
#include "agent/commands/exit_code.h"
#include "agent/config/load.h"
#include "agent/config/problem.h"

namespace plumbline {

// What a command has to do with the world. Tests bring their own.
struct Program {
  std::ostream& out;  // data
  std::ostream& err;  // what is said about it
  Colour out_colour = Colour::kOff;
  Colour err_colour = Colour::kOff;
  bool err_is_terminal = false;  // may be written over
  Environment environment = process_environment;
  // Runs until it is told to stop; the exit code.
  std::function<int(const LoadOptions&)> run_agent;
  std::filesystem::path proc = "/proc";
  std::filesystem::path sys = "/sys";
};

// The whole program but for the agent itself: `arguments` without the name of the program.
int run_command(std::span<const std::string> arguments, Program& program);

// One file each.
int command_run(const Invocation& invocation, Program& program);
int command_check(const Invocation& invocation, Program& program);
int command_status(const Invocation& invocation, Program& program);
int command_doctor(const Invocation& invocation, Program& program);
int command_catalog(const Invocation& invocation, Program& program);
int command_explain(const Invocation& invocation, Program& program);
int command_generate(const Invocation& invocation, Program& program);
int command_runbook(const Invocation& invocation, Program& program);
int command_diff(const Invocation& invocation, Program& program);
int command_schema(const Invocation& invocation, Program& program);
int command_completion(const Invocation& invocation, Program& program);
int command_journal_stats(const Invocation& invocation, Program& program);
int command_journal_verify(const Invocation& invocation, Program& program);
int command_journal_dump(const Invocation& invocation, Program& program);
int command_journal_export(const Invocation& invocation, Program& program);
int command_journal_vacuum(const Invocation& invocation, Program& program);
int command_replay(const Invocation& invocation, Program& program);

// Says on standard error why a command ends, and returns `code`.
int fail(Program& program, std::string_view why, ExitCode code);

// The options that decide the configuration, as run, check and doctor share them.
LoadOptions load_options(const Invocation& invocation, const Program& program);

// What is wrong with the manifests, behind what is wrong with the configuration.
void add_manifest_problems(const LoadOptions& options, LoadedConfig& loaded);

}  // namespace plumbline
