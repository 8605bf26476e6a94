// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/disk.h"

#include <unistd.h>

#include <algorithm>

#include "collectors/node/disk_signals.h"

namespace plumbline::node {
namespace {

constexpr double kSectorBytes = 512;  // in every file of the kernel, whatever the disk has
constexpr double kMilli = 1e-3;

// Whether a device is a whole disk, remembered by name: only those stand in /sys/block.
class WholeDisks {
 public:
  explicit WholeDisks(std::string block) : block_(std::move(block)) {}

  bool contains(std::string_view name) {
    const auto known = std::ranges::lower_bound(known_, name, {}, &Known::name);
    if (known != known_.end() && known->name == name) return known->whole;
    auto path = block_ + "/" + std::string(name);
    std::replace(
        path.begin() + static_cast<std::ptrdiff_t>(block_.size()) + 1, path.end(), '/', '!');
    const bool whole = ::access(path.c_str(), F_OK) == 0;
    if (known_.size() < DeviceNames::kMax) {
      known_.insert(known, {.name = std::string(name), .whole = whole});
    }
    return whole;
  }

 private:
  struct Known {
    std::string name;
    bool whole;
  };
  std::string block_;
  std::vector<Known> known_;
};

class Disk final : public Topic {
 public:
  Disk(const std::filesystem::path& proc, const std::filesystem::path& sys, DeviceNames& names)
      : Topic("node.disk"),
        diskstats_(file(proc / "diskstats")),
        whole_disks_(sys / "block"),
        names_(names) {}

  void collect(Tick& tick) override {
    auto text = diskstats_.read(tick.buffer);
    if (!text) return;
    while (const auto disk = take_disk(*text)) {
      names_.set(disk->major, disk->minor, disk->name);
      if (is_measured_disk(disk->name) && whole_disks_.contains(disk->name)) report(tick, *disk);
    }
  }

 private:
  static void report(Tick& tick, const DiskStats& disk) {
    const auto direction = [&](const MetricSpec& metric,
                               std::string_view name,
                               DiskStats::Field field,
                               double factor) {
      tick.out.add(tick.series.get(metric, {disk.name, name}), disk.fields[field] * factor);
    };
    const auto single = [&](const MetricSpec& metric, DiskStats::Field field, double factor) {
      tick.out.add(tick.series.get(metric, {disk.name}), disk.fields[field] * factor);
    };
    direction(kDiskIo, "read", DiskStats::kSectorsRead, kSectorBytes);
    direction(kDiskIo, "write", DiskStats::kSectorsWritten, kSectorBytes);
    direction(kDiskOperations, "read", DiskStats::kReads, 1);
    direction(kDiskOperations, "write", DiskStats::kWrites, 1);
    direction(kDiskMerged, "read", DiskStats::kReadsMerged, 1);
    direction(kDiskMerged, "write", DiskStats::kWritesMerged, 1);
    direction(kDiskOperationTime, "read", DiskStats::kReadMillis, kMilli);
    direction(kDiskOperationTime, "write", DiskStats::kWriteMillis, kMilli);
    single(kDiskIoTime, DiskStats::kIoMillis, kMilli);
    single(kDiskWeightedIoTime, DiskStats::kWeightedMillis, kMilli);
    single(kDiskPending, DiskStats::kInFlight, 1);
    single(kDiskDiscards, DiskStats::kDiscards, 1);
    single(kDiskDiscardIo, DiskStats::kSectorsDiscarded, kSectorBytes);
    single(kDiskDiscardTime, DiskStats::kDiscardMillis, kMilli);
    single(kDiskFlushes, DiskStats::kFlushes, 1);
    single(kDiskFlushTime, DiskStats::kFlushMillis, kMilli);
  }

  TextFile& diskstats_;
  WholeDisks whole_disks_;
  DeviceNames& names_;
};

}  // namespace

std::optional<DiskStats> take_disk(std::string_view& text) {
  while (!text.empty()) {
    auto line = take_line(text);
    const auto major = to_int(take_word(line));
    const auto minor = to_int(take_word(line));
    const auto name = take_word(line);
    if (!major || !minor || name.empty()) continue;
    DiskStats out{.major = *major, .minor = *minor, .name = name};
    for (auto& field : out.fields) field = take_number(line);
    return out;
  }
  return std::nullopt;
}

bool is_measured_disk(std::string_view name) {
  constexpr std::array<std::string_view, 4> kLeftOut{"loop", "ram", "zram", "fd"};
  const auto number = name.find_first_of("0123456789");
  return std::ranges::find(kLeftOut, name.substr(0, number)) == kLeftOut.end();
}

void DeviceNames::set(int major, int minor, std::string_view name) {
  const std::pair number(major, minor);
  const auto found = std::ranges::lower_bound(devices_, number, {}, &Device::number);
  if (found != devices_.end() && found->number == number) {
    if (found->name != name) found->name = name;
  } else if (devices_.size() < kMax) {
    devices_.insert(found, {.number = number, .name = std::string(name)});
  }
}

std::string_view DeviceNames::find(int major, int minor) const {
  const std::pair number(major, minor);
  const auto found = std::ranges::lower_bound(devices_, number, {}, &Device::number);
  return found != devices_.end() && found->number == number ? found->name : std::string_view{};
}

std::unique_ptr<Topic> make_disk(const std::filesystem::path& proc,
                                 const std::filesystem::path& sys,
                                 DeviceNames& names) {
  return std::make_unique<Disk>(proc, sys, names);
}

}  // namespace plumbline::node
