// SPDX-License-Identifier: Apache-2.0
//
// The user-space half of groups.bpf.h: per-cgroup counters read in place, without a system call.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "agent/core/result.h"
#include "collectors/bpf/group_totals.h"
#include "collectors/bpf/groups.h"
#include "collectors/bpf/mapped_array.h"
#include "collectors/bpf/object.h"

namespace plumbline {
class CgroupIndex;
struct Config;
}  // namespace plumbline

namespace plumbline::bpf {

// How many slots of `value_bytes` each a per-cgroup table gets: the limit on cgroups with room to
// spare, but at most 1/`share` of bpf.memory_bytes. A power of two, at least kFewestSlots.
std::uint32_t group_slots(const Config& config, std::size_t value_bytes, unsigned share);
inline constexpr std::uint32_t kFewestSlots = 64;
// In a small table the places where a group is looked for fill up while others are still free.
inline constexpr std::uint32_t kFirstSlots = 512;

// With how many of `slots` a table begins: twice as many as there are groups, and no fewer than
// kFirstSlots. From any thread.
std::uint32_t first_slots(const CgroupIndex& cgroups, std::uint32_t slots);

// What groups.bpf.h calls group_hierarchy.
std::uint32_t group_hierarchy(const CgroupIndex& cgroups);

// Sets the sizes and constants of an opened object that includes groups.bpf.h and declares
// group_values with elements of type Value. For `share` see group_slots.
template <class Value, class S>
Result<> prepare_groups(Object<S>& object,
                        const Config& config,
                        const CgroupIndex& cgroups,
                        unsigned share) {
  const auto slots = group_slots(config, sizeof(Value), share);
  object->bss->group_mask = first_slots(cgroups, slots) - 1;
  object->rodata->group_hierarchy = group_hierarchy(cgroups);
  for (bpf_map* map : {object->maps.group_ids, object->maps.group_values}) {
    if (const int error = bpf_map__set_max_entries(map, slots); error != 0) {
      return errno_error(-error, "cannot size a BPF map");
    }
  }
  return {};
}

// Which group owns which slot, whose slots can be used again, and when more are needed.
class GroupNames {
 public:
  // `ids`: all slots there may be; `mask`: the group_mask of the program. Both outlive it.
  GroupNames(std::span<std::uint64_t> ids, std::uint32_t& mask);

  // Slots in use now; a program may use no others.
  std::size_t size() const { return std::size_t{mask_} + 1; }
  // Of the group in this slot: 0 for a free one.
  std::uint64_t id(std::size_t slot) const;
  // Whether the slot's group is there: false for a free one and slot 0.
  bool is_living(std::size_t slot, const CgroupIndex& cgroups) const;
  // The path of the slot's group. Empty: free, or too young to be known, ask again at the next
  // collect. kOtherGroups for slot 0, and from then on for a group whose name does not turn up.
  std::string_view name(std::size_t slot, CgroupIndex& cgroups);

  // Once at the end of each collect, when what is in the slots was taken. Frees slots of groups
  // that have been gone for a while; `is_empty(slot)` says that nothing was counted since.
  template <class IsEmpty>
  void recycle(const CgroupIndex& cgroups, IsEmpty&& is_empty) {
    if (++tick_ % kCheckEvery != 0) return;
    for (const auto slot : unused(cgroups)) {
      if (is_empty(slot)) release(slot);
    }
  }

  // How many slots there should be: twice as many as are taken or as there are groups, so that a
  // wave of new ones does not fill the table first; never fewer than now.
  std::size_t wanted(const CgroupIndex& cgroups) const;
  void resize(std::size_t slots);

 private:
  // Looking which groups are gone costs a look-up per slot, so not at each tick.
  static constexpr std::uint32_t kCheckEvery = 4;
  // Ticks in which the index may still learn of a new group before it is called "_other".
  static constexpr std::uint32_t kNamelessTicks = 4;
  // Checks at which a group must have been gone: its last tasks may still be exiting, and what was
  // counted for it together with a nameless group waits for that one's name.
  static constexpr std::uint8_t kGoneChecks = 4;

  struct State {
    std::uint32_t nameless_since = 0;  // tick; 0: not nameless
    bool is_other = false;
    std::uint8_t gone_checks = 0;
  };

  std::span<const std::uint32_t> unused(const CgroupIndex& cgroups);
  // Whether a program looks for this group here; else it has found another slot since a resize.
  bool is_looked_for(std::size_t slot, std::uint64_t group) const;
  void release(std::size_t slot);

  std::span<std::uint64_t> ids_;
  std::uint32_t* shared_mask_;
  std::uint32_t mask_;
  std::vector<State> states_;
  std::vector<std::uint32_t> unused_;
  std::uint32_t tick_ = 1;
};

// Whether none of the counters in a slot has counted.
template <class Value>
bool is_empty(const Value& value) {
  return std::ranges::all_of(std::as_bytes(std::span(&value, 1)),
                             [](std::byte byte) { return byte == std::byte{0}; });
}

// The mapped counters themselves: a Value per slot, all of its fields counters that start at zero.
template <class Value>
class GroupSlots {
 public:
  // `object` must outlive it.
  template <class S>
  static Result<GroupSlots> of(const Object<S>& object) {
    auto ids = MappedArray<std::uint64_t>::of(object->maps.group_ids);
    if (!ids) return ids.error();
    const bpf_map* map = object->maps.group_values;
    auto& mask = object->bss->group_mask;
    auto values = MappedArray<Value>::of(map, std::size_t{mask} + 1);
    if (!values) return values.error();
    return GroupSlots(*std::move(ids), mask, map, *std::move(values));
  }

  // Calls visit(path, Value&) for every slot of a living group, and those of others where anything
  // was counted; several may have one path. kOtherGroups comes first.
  // The visitor takes each counter it finds (bpf::take).
  template <class Visit>
  void visit(CgroupIndex& cgroups, Visit&& visit) {
    for (std::size_t slot = 0; slot < names_.size(); ++slot) {
      if (!names_.is_living(slot, cgroups) && is_empty(values_[slot])) continue;
      const auto name = names_.name(slot, cgroups);
      if (!name.empty()) visit(name, values_[slot]);
    }
  }

  // Once at the end of each collect.
  void recycle(const CgroupIndex& cgroups) {
    names_.recycle(cgroups, [this](std::size_t slot) { return is_empty(values_[slot]); });
    const auto wanted = names_.wanted(cgroups);
    if (wanted == names_.size()) return;
    // Without memory for more it goes on with what it has, and the rest counts as kOtherGroups.
    auto more = MappedArray<Value>::of(map_, wanted);
    if (!more) return;
    values_ = *std::move(more);
    names_.resize(wanted);
  }

  GroupNames& names() { return names_; }

 private:
  GroupSlots(MappedArray<std::uint64_t> ids,
             std::uint32_t& mask,
             const bpf_map* map,
             MappedArray<Value> values)
      : ids_(std::move(ids)), names_(ids_.all(), mask), map_(map), values_(std::move(values)) {}

  MappedArray<std::uint64_t> ids_;
  GroupNames names_;
  const bpf_map* map_;
  MappedArray<Value> values_;
};

}  // namespace plumbline::bpf
