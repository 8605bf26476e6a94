// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/generate/limit_rules.h"

namespace plumbline {

// Alerts on nodes, Kafka clusters and the agents themselves; they belong to no manifest.
std::vector<LimitAlert> node_alerts(const std::string& team);

}  // namespace plumbline
