// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "agent/core/batch.h"
#include "agent/core/histogram.h"
#include "agent/core/series.h"
#include "collectors/block/block_events.h"
#include "collectors/bpf/group_totals.h"
#include "collectors/bpf/last_seen.h"
#include "collectors/bpf/latency.h"

namespace plumbline::block {

std::string_view operation_name(std::uint32_t operation);

// The error.type of a blk_status_t ("MEDIUM", by the kernel's BLK_STS_ names) or, when negative, of
// an errno ("EIO").
std::string status_name(std::int32_t status);

// Names of block devices as /proc/diskstats has them, from the links in /sys/dev/block.
class DeviceNames {
 public:
  explicit DeviceNames(std::filesystem::path sys) : sys_(std::move(sys)) {}

  // A device that is gone keeps its last name; one never seen is "major:minor".
  const std::string& of(std::uint32_t device);
  // Reads the links again when next asked: a number can come to another device.
  void refresh() { fresh_.clear(); }

 private:
  std::filesystem::path sys_;
  std::unordered_map<std::uint32_t, std::string> names_;
  std::unordered_set<std::uint32_t> fresh_;
};

// From what the kernel's table shows at each read to cumulative series by device, operation and
// cgroup path.
class RequestTotals {
 public:
  // One entry as it is now. `group` is empty for requests of nobody. Returns for how many reads it
  // has not changed.
  std::uint32_t add(const block_key& key,
                    const block_stats& now,
                    std::string_view device,
                    std::string_view group);
  // How many requests the last add() found new.
  std::uint64_t gained() const { return gained_; }

  void emit(SeriesTable& series, Batch& out) const;

  // Once after each read of the whole table.
  void sweep();

 private:
  struct Totals {
    std::string device;
    std::string group;  // empty: nobody's
    std::uint32_t operation = 0;
    ExpHistogram queue = bpf::make_latency_histogram();
    ExpHistogram device_time = bpf::make_latency_histogram();
    std::uint64_t bytes = 0;
  };

  bpf::LastSeen<block_key, block_stats> seen_;
  // By device, operation and group in one string.
  bpf::GroupTotals<Totals, BLOCK_OPERATIONS> totals_;
  std::string name_;  // of the totals looked for; kept for its memory
  std::uint64_t gained_ = 0;
};

}  // namespace plumbline::block
