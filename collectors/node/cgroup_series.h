// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "agent/core/batch.h"
#include "collectors/node/cgroup_values.h"
#include "collectors/node/disk.h"

namespace plumbline::node {

// The series of one group, made when they are first needed. Held here and not in a SeriesTable:
// a thousand groups with thirty series each would be looked up by their long paths every second.
class CgroupSeries {
 public:
  CgroupSeries(std::string path, UnixNanos start) : path_(std::move(path)), start_(start) {}

  void report(const CgroupValues& values, const DeviceNames& names, Batch& out);

  const std::string& path() const { return path_; }

 private:
  struct Disk {
    std::pair<int, int> number;
    bool measured = false;
    std::array<SeriesRef, 4> series;  // bytes read and written, reads, writes
  };

  void report_slot(std::size_t slot, double value, Batch& out);
  Disk& disk(std::pair<int, int> number, const DeviceNames& names);

  std::string path_;
  UnixNanos start_;
  std::array<SeriesRef, CgroupValues::kSlots> series_;
  std::vector<Disk> disks_;  // at most as many as CgroupValues has
};

}  // namespace plumbline::node
