// SPDX-License-Identifier: Apache-2.0
#include "collectors/gpu/division.h"

#include <algorithm>

namespace plumbline::gpu {
namespace {

template <class Value>
void add(std::optional<Value>& to, const std::optional<Value>& value) {
  if (value) to = to.value_or(Value{}) + *value;
}

GpuShare& share_of(Holder holder, std::string_view group, std::vector<GpuShare>& shares) {
  const auto found = std::ranges::find_if(shares, [&](const GpuShare& share) {
    return share.holder == holder && share.group == group;
  });
  if (found != shares.end()) return *found;
  return shares.emplace_back(GpuShare{.holder = holder, .group = group});
}

// Scales one value of the shares to `whole` where they are more, and gives `rest` what they leave.
template <class Value>
void fit(std::optional<Value> GpuShare::*value,
         const std::optional<Value>& whole,
         bool all_known,
         std::vector<GpuShare>& shares,
         GpuShare& rest) {
  if (!whole) return;
  Value sum{};
  for (const auto& share : shares) sum += (share.*value).value_or(Value{});
  if (sum <= *whole) {
    if (all_known) rest.*value = *whole - sum;
    return;
  }
  const auto factor = static_cast<double>(*whole) / static_cast<double>(sum);
  for (auto& share : shares) {
    if (share.*value) {
      share.*value = static_cast<Value>(static_cast<double>(*(share.*value)) * factor);
    }
  }
  rest.*value = Value{};
}

}  // namespace

void divide(const GpuReading& reading, ProcessGroups& groups, std::vector<GpuShare>& out) {
  out.clear();
  if (!reading.processes_known) return;
  bool all_memory = true;
  bool all_utilization = true;
  for (const auto& process : reading.processes) {
    const auto* const group = groups.find(process.pid);
    const bool known = group != nullptr && !group->path.empty();
    auto& share = share_of(known ? Holder::kGroup : Holder::kUnknown,
                           known ? std::string_view(group->path) : std::string_view(),
                           out);
    ++share.processes;
    all_memory = all_memory && process.memory;
    all_utilization = all_utilization && process.utilization;
    add(share.memory, process.memory);
    add(share.utilization, process.utilization);
  }
  GpuShare rest{.holder = Holder::kUnattributed};
  fit(&GpuShare::memory, reading.memory_used, all_memory, out, rest);
  fit(&GpuShare::utilization, reading.utilization, all_utilization, out, rest);
  out.push_back(rest);
}

}  // namespace plumbline::gpu
