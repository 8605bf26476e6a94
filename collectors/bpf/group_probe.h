// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "agent/core/result.h"
#include "collectors/bpf/group_slots.h"
#include "collectors/bpf/object.h"
#include "collectors/collector.h"

namespace plumbline::bpf {

// A running object S that counts per group: a Value in each slot of its group_values, which may
// take 1/Share of the memory for maps.
template <class S, class Value, unsigned Share = 8>
struct GroupProbe {
  Object<S> object;
  GroupSlots<Value> slots;

  // `configure(object)` sets what the object wants set before its load.
  template <class Configure>
  static Result<GroupProbe> start(const Hooks& hooks,
                                  const CollectorContext& context,
                                  Configure&& configure) {
    auto object = Object<S>::open(hooks);
    if (!object) return object.error();
    TRY(prepare_groups<Value>(*object, context.config, context.cgroups, Share));
    configure(*object);
    TRY(object->start());
    auto slots = GroupSlots<Value>::of(*object);
    if (!slots) return slots.error();
    return GroupProbe{*std::move(object), *std::move(slots)};
  }
  static Result<GroupProbe> start(const Hooks& hooks, const CollectorContext& context) {
    return start(hooks, context, [](const auto&) {});
  }
};

}  // namespace plumbline::bpf
