// SPDX-License-Identifier: Apache-2.0
#include "collectors/bpf/group_slots.h"

#include <algorithm>
#include <atomic>
#include <bit>

#include "agent/config/config.h"
#include "agent/identity/cgroups.h"

namespace plumbline::bpf {

std::uint32_t group_slots(const Config& config, std::size_t value_bytes, unsigned share) {
  const auto wanted = std::bit_ceil(config.limits.cgroups + config.limits.cgroups / 4 + 1);
  const auto affordable = std::bit_floor(config.bpf.memory_bytes / share / value_bytes);
  return static_cast<std::uint32_t>(
      std::max(std::uint64_t{kFewestSlots}, std::min(wanted, affordable)));
}

std::uint32_t first_slots(const CgroupIndex& cgroups, std::uint32_t slots) {
  const auto wanted = std::bit_ceil(2 * cgroups.living_count());
  return std::clamp(static_cast<std::uint32_t>(wanted), std::min(kFirstSlots, slots), slots);
}

std::uint32_t group_hierarchy(const CgroupIndex& cgroups) {
  if (cgroups.id_controller() == "memory") return GROUPS_MEMORY;
  if (cgroups.id_controller() == "pids") return GROUPS_PIDS;
  if (cgroups.id_controller() == "cpu") return GROUPS_CPU;
  return GROUPS_UNIFIED;
}

GroupNames::GroupNames(std::span<std::uint64_t> ids, std::uint32_t& mask)
    : ids_(ids), shared_mask_(&mask), mask_(mask), states_(ids.size()) {}

std::uint64_t GroupNames::id(std::size_t slot) const {
  return std::atomic_ref(ids_[slot]).load(std::memory_order_acquire);
}

bool GroupNames::is_living(std::size_t slot, const CgroupIndex& cgroups) const {
  return slot != GROUPS_OVERFLOW && cgroups.is_living(id(slot));
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

std::span<const std::uint32_t> GroupNames::unused(const CgroupIndex& cgroups) {
  unused_.clear();
  for (std::uint32_t slot = 1; slot < size(); ++slot) {
    const auto group = id(slot);
    auto& state = states_[slot];
    if (group == 0 || (cgroups.is_living(group) && is_looked_for(slot, group))) {
      state.gone_checks = 0;
    } else if (++state.gone_checks >= kGoneChecks) {
      unused_.push_back(slot);
    }
  }
  return unused_;
}

bool GroupNames::is_looked_for(std::size_t slot, std::uint64_t group) const {
  const auto home = group_home(group);
  for (std::uint32_t step = 0; step < GROUPS_STEPS; ++step) {
    if ((group_place(home, step) & mask_) == slot) return true;
  }
  return false;
}

void GroupNames::release(std::size_t slot) {
  states_[slot] = {};
  std::atomic_ref(ids_[slot]).store(0, std::memory_order_release);
}

std::size_t GroupNames::wanted(const CgroupIndex& cgroups) const {
  const auto taken = std::ranges::count_if(ids_.first(size()), [](auto id) { return id != 0; });
  const auto groups = std::max(static_cast<std::size_t>(taken), cgroups.living().size());
  return std::clamp(std::bit_ceil(2 * groups), size(), ids_.size());
}

void GroupNames::resize(std::size_t slots) {
  mask_ = static_cast<std::uint32_t>(slots - 1);
  std::atomic_ref(*shared_mask_).store(mask_, std::memory_order_release);
}

}  // namespace plumbline::bpf
