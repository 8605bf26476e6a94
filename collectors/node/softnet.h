// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "collectors/node/text.h"
#include "collectors/node/topic.h"

namespace plumbline::node {

// One line of /proc/net/softnet_stat.
struct SoftnetStats {
  int cpu = 0;
  double processed = kAbsent;
  double dropped = kAbsent;
  double squeezed = kAbsent;
  double backlog = kAbsent;
};

// The next line. Kernels before 5.14 do not name the CPU: there it is `line_number`.
std::optional<SoftnetStats> take_softnet(std::string_view& text, int line_number);

std::unique_ptr<Topic> make_softnet(const std::filesystem::path& proc);

}  // namespace plumbline::node
