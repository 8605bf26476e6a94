// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "agent/identity/cgroups.h"
#include "collectors/bpf/group_slots.h"

namespace plumbline::bpf {

// Names for cgroup ids that a kernel table uses as keys. What was counted for a group before its
// name is known must wait, for it cannot be moved to another series later.
class GroupNamer {
 public:
  // Reads without change after which an entry of a removed group may leave the kernel's table. A
  // late event makes a new one.
  static constexpr std::uint32_t kIdleReads = 4;
  // Reads in which the index may still learn of a new group before it is called "_other" for good.
  static constexpr std::uint32_t kNamelessReads = 4;

  // The path of a group, "" for id 0, kOtherGroups for one whose name does not turn up. Nothing:
  // too young, ask again at the next read.
  std::optional<std::string_view> of(std::uint64_t id, CgroupIndex& cgroups) {
    if (id == 0) return std::string_view{};
    const auto path = cgroups.path(id);
    const auto known = nameless_.find(id);
    if (path.starts_with('/')) {
      if (known == nameless_.end()) return path;
      if (known->second.reads < kNamelessReads) {
        nameless_.erase(known);
        return path;
      }
    }
    auto& state = nameless_[id];
    if (state.asked_at != now_) ++state.reads;
    state.asked_at = now_;
    if (state.reads < kNamelessReads) return {};
    return kOtherGroups;
  }

  // Whether an entry of group `id` that has not changed for `idle` reads can be taken out.
  static bool may_leave(std::uint64_t id, std::uint32_t idle, const CgroupIndex& cgroups) {
    return id != 0 && idle >= kIdleReads && !cgroups.is_living(id);
  }

  // Once after each read of all tables: forgets the ids not asked for.
  void sweep() {
    std::erase_if(nameless_, [this](const auto& pair) { return pair.second.asked_at != now_; });
    ++now_;
  }

 private:
  struct State {
    std::uint32_t reads = 0;
    std::uint32_t asked_at = 0;
  };

  std::unordered_map<std::uint64_t, State> nameless_;
  std::uint32_t now_ = 1;
};

}  // namespace plumbline::bpf
