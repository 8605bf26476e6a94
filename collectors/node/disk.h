// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collectors/node/text.h"
#include "collectors/node/topic.h"

namespace plumbline::node {

// One line of /proc/diskstats. Older kernels have fewer fields: the rest is absent.
struct DiskStats {
  enum Field : std::size_t {
    kReads,
    kReadsMerged,
    kSectorsRead,
    kReadMillis,
    kWrites,
    kWritesMerged,
    kSectorsWritten,
    kWriteMillis,
    kInFlight,
    kIoMillis,
    kWeightedMillis,
    kDiscards,
    kDiscardsMerged,
    kSectorsDiscarded,
    kDiscardMillis,
    kFlushes,
    kFlushMillis,
    kFields
  };
  int major = 0;
  int minor = 0;
  std::string_view name;
  std::array<double, kFields> fields{};
};

// The next disk; lines that make no sense are passed over.
std::optional<DiskStats> take_disk(std::string_view& text);

// Disks that are measured: those that are no partition, and neither loop, RAM, floppy nor
// compressed-memory devices.
bool is_measured_disk(std::string_view name);

// The names of block devices by their numbers, as far as the disk topic has seen them.
class DeviceNames {
 public:
  // What the map holds at most; a machine with more has nameless ones.
  static constexpr std::size_t kMax = 4096;

  void set(int major, int minor, std::string_view name);
  // Empty when not known. Valid until the next set().
  std::string_view find(int major, int minor) const;

 private:
  struct Device {
    std::pair<int, int> number;
    std::string name;
  };
  std::vector<Device> devices_;  // sorted by number
};

// `names` is filled along the way and outlives the topic.
std::unique_ptr<Topic> make_disk(const std::filesystem::path& proc,
                                 const std::filesystem::path& sys,
                                 DeviceNames& names);

}  // namespace plumbline::node
