// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "collectors/node/text.h"

namespace plumbline::node {

// What is read of one group, in the units of the metrics; kAbsent where it is not.
struct CgroupValues {
  enum Slot : std::size_t {
    kCpuUser,
    kCpuSystem,
    kCpuLimit,
    kPeriods,
    kThrottledPeriods,
    kThrottledTime,
    kMemoryUsage,
    kMemoryLimit,
    kMemoryRss,
    kMemoryCache,
    kMemoryWorkingSet,
    kMemorySwap,
    kMemoryKernel,
    kMinorFaults,
    kMajorFaults,
    kEventLow,
    kEventHigh,
    kEventMax,
    kEventOom,
    kOomKills,
    kCpuSome,
    kCpuFull,
    kMemorySome,
    kMemoryFull,
    kIoSome,
    kIoFull,
    kThreads,
    kSlots
  };
  // Bytes and operations on one disk.
  struct Disk {
    std::pair<int, int> number;  // major, minor
    double bytes_read = kAbsent;
    double bytes_written = kAbsent;
    double reads = kAbsent;
    double writes = kAbsent;
  };
  // Disks of one group beyond this are left out.
  static constexpr std::size_t kMaxDisks = 16;

  CgroupValues() { clear(); }
  void clear() {
    slots.fill(kAbsent);
    inactive_file = cpu_quota = kAbsent;
    disks.clear();
  }
  // The disk of this number, added when it is new; nullptr when there are too many.
  Disk* disk(int major, int minor) {
    const std::pair number(major, minor);
    const auto found = std::ranges::find(disks, number, &Disk::number);
    if (found != disks.end()) return &*found;
    if (disks.size() == kMaxDisks) return nullptr;
    return &disks.emplace_back(Disk{.number = number});
  }

  std::array<double, kSlots> slots{};
  double inactive_file = kAbsent;  // for the working set
  double cpu_quota = kAbsent;      // v1: microseconds, until the period is read
  std::vector<Disk> disks;
};

}  // namespace plumbline::node
