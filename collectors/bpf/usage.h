// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "agent/core/result.h"
#include "collectors/bpf/object.h"

namespace plumbline::bpf {

// The BPF maps and programs this process holds.
struct Usage {
  std::uint64_t map_bytes = 0;      // kernel memory of all maps
  std::uint64_t program_bytes = 0;  // kernel memory of all programs
  std::vector<ProgramStats> programs;
};

// From /proc/self/fdinfo, where the kernel itself accounts for them (memlock:). A descriptor that
// closes meanwhile is left out.
Result<Usage> own_usage(const std::filesystem::path& proc);

}  // namespace plumbline::bpf
