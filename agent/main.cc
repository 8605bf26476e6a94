// SPDX-License-Identifier: Apache-2.0
// Plumbline: one program for every verb. agent/runtime/agent.h draws what `run` does.
#include <unistd.h>

#include <iostream>
#include <string>
#include <vector>

#include "agent/commands/program.h"
#include "agent/commands/terminal.h"
#include "agent/runtime/run.h"

int main(int argc, char** argv) {
  plumbline::Program program{.out = std::cout, .err = std::cerr};
  program.out_colour = plumbline::colour_of_terminal(STDOUT_FILENO, program.environment);
  program.err_colour = plumbline::colour_of_terminal(STDERR_FILENO, program.environment);
  program.err_is_terminal = ::isatty(STDERR_FILENO) != 0;
  program.run_agent = plumbline::run_agent;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return plumbline::run_command(arguments, program);
}
