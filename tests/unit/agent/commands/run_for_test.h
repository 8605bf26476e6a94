// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "agent/commands/program.h"

namespace plumbline {

// What one command did: a whole program in the process of the test.
struct Ran {
  int code = -1;
  std::string out;
  std::string err;
  std::optional<LoadOptions> agent;  // what the agent was started with
};

inline Ran run_for_test(const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  Ran ran;
  Program program{.out = out,
                  .err = err,
                  .environment = [](const std::string&) { return std::nullopt; },
                  .run_agent =
                      [&](const LoadOptions& options) {
                        ran.agent = options;
                        return 0;
                      }};
  ran.code = run_command(arguments, program);
  ran.out = out.str();
  ran.err = err.str();
  return ran;
}

}  // namespace plumbline
