// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "collectors/gpu/groups.h"
#include "collectors/gpu/reading.h"

namespace plumbline::gpu {

// Who uses a part of a GPU.
enum class Holder : std::uint8_t {
  kGroup,         // processes of one control group
  kUnknown,       // processes whose group is not to be seen: of another pid namespace, or gone
  kUnattributed,  // what the GPU uses and no process does
};
inline constexpr std::array<std::string_view, 3> kHolderNames{"group", "unknown", "unattributed"};

struct GpuShare {
  Holder holder = Holder::kGroup;
  std::string_view group;  // of kGroup; a view into ProcessGroups
  std::uint64_t processes = 0;
  std::optional<std::uint64_t> memory;
  std::optional<double> utilization;
};

// Divides one GPU among its processes: shares of one group are one, and together they are never
// more than the GPU uses (what processes claim beyond it is scaled down); what is left over is
// unattributed, and told only when the whole and the parts are known. `out` is filled anew.
void divide(const GpuReading& reading, ProcessGroups& groups, std::vector<GpuShare>& out);

}  // namespace plumbline::gpu
