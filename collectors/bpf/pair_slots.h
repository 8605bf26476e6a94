// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "collectors/bpf/mapped_array.h"
#include "collectors/bpf/pairs.h"

namespace plumbline::bpf {

// The user-space half of pairs.bpf.h: its sums, read in place.
class PairSlots {
 public:
  explicit PairSlots(MappedArray<pair_sum> pairs)
      : pairs_(std::move(pairs)), idle_(pairs_.size()) {}

  // Calls accept(slot, other, sum) for every pair that has one; it returns false to be asked again
  // next time. Frees pairs that were idle for a while, so call it before the slots of groups are
  // recycled.
  template <class Accept>
  void visit(Accept&& accept) {
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      auto& pair = pairs_[i];
      const auto key = std::atomic_ref(pair.key).load(std::memory_order_acquire);
      if (key == 0) continue;
      const auto sum = std::atomic_ref(pair.sum).load(std::memory_order_relaxed);
      if (sum == 0) {
        if (++idle_[i] >= kIdleVisits) release(i);
        continue;
      }
      idle_[i] = 0;
      if (accept(pair_slot(key), pair_other(key), sum)) {
        std::atomic_ref(pair.sum).fetch_sub(sum, std::memory_order_relaxed);
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

  MappedArray<pair_sum> pairs_;
  std::vector<std::uint8_t> idle_;
};

}  // namespace plumbline::bpf
