// SPDX-License-Identifier: Apache-2.0
#include "collectors/registry.h"

#include <array>

#include "collectors/sched/sched_collector.h"
#include "collectors/sched/signals.h"

namespace plumbline {
namespace {

constexpr std::array kCollectors{
    CollectorEntry{&sched::kInfo, &sched::make},
};

}  // namespace

std::span<const CollectorEntry> collector_registry() {
  return kCollectors;
}

}  // namespace plumbline
