// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "collectors/node/text.h"
#include "collectors/node/topic.h"

namespace plumbline::node {

struct CpuSchedule {
  int number = 0;
  double run_time = kAbsent;   // seconds
  double wait_time = kAbsent;  // seconds
  double runs = kAbsent;
};

// The next cpu line of /proc/schedstat (version 15 and later); domain lines are passed over.
std::optional<CpuSchedule> take_cpu_schedule(std::string_view& text);

std::unique_ptr<Topic> make_schedstat(const std::filesystem::path& proc);

}  // namespace plumbline::node
