// SPDX-License-Identifier: Apache-2.0
//
// What boards of agents and their nodes have in common: a job and its instances.
#pragma once

#include <string_view>
#include <vector>

#include "dashboards/board.h"
#include "dashboards/query.h"

namespace plumbline::dashboards {

inline constexpr std::string_view kNoAgent =
    "No agent is scraped here: look at Status → Targets of this Prometheus";

// One line for each node.
inline constexpr Keys kNode{"job", "instance"};

std::vector<Matcher> instance_matchers();
std::vector<Variable> instance_variables();

// A mark where an agent started.
Mark restarts_mark();

}  // namespace plumbline::dashboards
