// SPDX-License-Identifier: Apache-2.0
#include "collectors/bpf/group_slots.h"

#include <algorithm>
#include <atomic>
#include <bit>

#include "agent/config/config.h"
#include "agent/identity/cgroups.h"

namespace plumbline::bpf {

std::uint32_t group_slots(const Config& config, std::size_t value_bytes, unsigned share) {
  constexpr std::uint64_t kFewest = 64;
  const auto wanted = std::bit_ceil(config.limits.cgroups + config.limits.cgroups / 4 + 1);
  const auto affordable = std::bit_floor(config.bpf.memory_bytes / share / value_bytes);
  return static_cast<std::uint32_t>(std::max(kFewest, std::min(wanted, affordable)));
}

std::uint32_t group_hierarchy(const CgroupIndex& cgroups) {
  if (cgroups.id_controller() == "memory") return GROUPS_MEMORY;
  if (cgroups.id_controller() == "pids") return GROUPS_PIDS;
  if (cgroups.id_controller() == "cpu") return GROUPS_CPU;
  return GROUPS_UNIFIED;
}

GroupNames::GroupNames(MappedArray<std::uint64_t> ids)
    : ids_(std::move(ids)), states_(ids_.size()) {}

std::uint64_t GroupNames::id(std::size_t slot) const {
  return std::atomic_ref(ids_[slot]).load(std::memory_order_acquire);
}

std::string_view GroupNames::name(std::size_t slot, CgroupIndex& cgroups) {
  if (slot == GROUPS_OVERFLOW) return kOtherGroups;
  const auto group = id(slot);
  if (group == 0) return {};
  auto& state = states_[slot];
  if (state.is_other) return kOtherGroups;
  const auto path = cgroups.path(group);
  if (path.starts_with('/')) return path;
  if (state.nameless_since == 0) state.nameless_since = tick_;
  state.is_other = tick_ - state.nameless_since >= kNamelessTicks;
  return state.is_other ? kOtherGroups : std::string_view{};
}

std::span<const std::uint32_t> GroupNames::gone(const CgroupIndex& cgroups) {
  living_.clear();
  for (const auto* group : cgroups.living()) living_.push_back(group->id);
  std::ranges::sort(living_);
  gone_.clear();
  for (std::uint32_t slot = 1; slot < ids_.size(); ++slot) {
    const auto group = id(slot);
    auto& state = states_[slot];
    if (group == 0 || std::ranges::binary_search(living_, group)) {
      state.gone_checks = 0;
    } else if (++state.gone_checks >= kGoneChecks) {
      gone_.push_back(slot);
    }
  }
  return gone_;
}

void GroupNames::release(std::size_t slot) {
  states_[slot] = {};
  std::atomic_ref(ids_[slot]).store(0, std::memory_order_release);
}

}  // namespace plumbline::bpf
