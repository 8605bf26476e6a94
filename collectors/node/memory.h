// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "collectors/node/fields.h"
#include "collectors/node/text.h"
#include "collectors/node/topic.h"

namespace plumbline::node {

// What follows from the lines of /proc/meminfo; in bytes and pages, kAbsent where a line is
// missing.
struct MemoryState {
  double total = kAbsent;
  double used = kAbsent;
  double free = kAbsent;
  double cached = kAbsent;
  double buffers = kAbsent;
  double swap_total = kAbsent;
  double swap_used = kAbsent;
  double swap_free = kAbsent;
  double hugepages_total = kAbsent;
  double hugepages_used = kAbsent;
  double hugepages_free = kAbsent;
};

// The fields of /proc/meminfo that become points.
FieldValues make_meminfo_values();
MemoryState to_memory_state(const FieldValues& meminfo);

std::unique_ptr<Topic> make_memory(const std::filesystem::path& proc);

}  // namespace plumbline::node
