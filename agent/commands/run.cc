// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "agent/commands/program.h"

namespace plumbline {

int command_run(const Invocation& invocation, Program& program) {
  const auto options = load_options(invocation, program);
  // The agent reads the same again; here it is told in full and in colour what is wrong.
  auto loaded = read_config(options);
  add_manifest_problems(options, loaded);
  program.err << render(loaded.problems, program.err_colour);
  if (has_errors(loaded.problems)) return kUsage;
  return program.run_agent(options);
}

}  // namespace plumbline
