// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "collectors/bpf/mapped_array.h"
#include "collectors/sched/sched_events.h"

namespace plumbline::sched {

// The kernel's table of (victim, culprit) slots, read in place.
class PairSlots {
 public:
  explicit PairSlots(bpf::MappedArray<sched_pair> pairs)
      : pairs_(std::move(pairs)), idle_(pairs_.size()) {}

  // Calls accept(victim slot, culprit slot, ns) for every pair with a waiting time; it returns
  // false to be asked again next time. Frees pairs that were idle for a while, so call it before
  // the slots of groups are recycled.
  template <class Accept>
  void visit(Accept&& accept) {
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      auto& pair = pairs_[i];
      const auto key = std::atomic_ref(pair.key).load(std::memory_order_acquire);
      if (key == 0) continue;
      const auto ns = std::atomic_ref(pair.ns).load(std::memory_order_relaxed);
      if (ns == 0) {
        if (++idle_[i] >= kIdleVisits) release(i);
        continue;
      }
      idle_[i] = 0;
      if (accept(sched_pair_victim(key), sched_pair_culprit(key), ns)) {
        std::atomic_ref(pair.ns).fetch_sub(ns, std::memory_order_relaxed);
      }
    }
  }

 private:
  // Shorter than the time after which the slot of a removed group gets a new owner.
  static constexpr std::uint8_t kIdleVisits = 8;

  void release(std::size_t i) {
    idle_[i] = 0;
    std::atomic_ref(pairs_[i].key).store(0, std::memory_order_release);
  }

  bpf::MappedArray<sched_pair> pairs_;
  std::vector<std::uint8_t> idle_;
};

}  // namespace plumbline::sched
