// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/config/config.h"

namespace plumbline::kafka {

// Properties of librdkafka by their names; see its CONFIGURATION.md. May hold the password.
using RdSettings = std::vector<std::pair<std::string, std::string>>;

// How to reach a cluster that is looked at. `secret`: the password, when the login has one.
RdSettings rd_settings(const KafkaClusterConfig& config, std::string_view secret);

}  // namespace plumbline::kafka
