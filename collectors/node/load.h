// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "collectors/node/text.h"
#include "collectors/node/topic.h"

namespace plumbline::node {

struct LoadAverage {
  double one = kAbsent;
  double five = kAbsent;
  double fifteen = kAbsent;
  double threads = kAbsent;
};

// /proc/loadavg: "1.75 1.89 1.49 4/97 5267".
LoadAverage parse_loadavg(std::string_view text);

// Load, uptime and the number of processes.
std::unique_ptr<Topic> make_load(const std::filesystem::path& proc);

}  // namespace plumbline::node
