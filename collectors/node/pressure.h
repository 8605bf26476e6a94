// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "collectors/node/text.h"
#include "collectors/node/topic.h"

namespace plumbline::node {

// Total stalled time since boot, in seconds.
struct Pressure {
  double some = kAbsent;
  double full = kAbsent;
};

// A PSI file of the machine or of a cgroup.
Pressure parse_pressure(std::string_view text);

std::unique_ptr<Topic> make_pressure(const std::filesystem::path& proc);

}  // namespace plumbline::node
