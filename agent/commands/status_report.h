// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/config/problem.h"
#include "agent/core/result.h"

namespace plumbline {

// What an agent answers at /api/v1/status, for people.
struct StatusReport {
  std::vector<std::string> findings;  // what needs a look, the worst first
  std::string text;                   // all of it, findings first
};

// `body` may come from anybody: control characters in it are escaped. Error: kMalformed, it is not
// the status of an agent.
Result<StatusReport> status_report(std::string_view body, Colour colour);

}  // namespace plumbline
