// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/cgroup_parsers.h"

#include <unistd.h>

#include <array>
#include <optional>

#include "collectors/node/pressure.h"

namespace plumbline::node {
namespace {

constexpr double kMicro = 1e-6;
constexpr double kNano = 1e-9;

using Slot = CgroupValues::Slot;

struct SlotKey {
  std::string_view key;
  Slot slot;
  double factor = 1;
};

// "key value" lines into slots.
template <std::size_t kSize>
void parse_slots(std::string_view text, const std::array<SlotKey, kSize>& keys, CgroupValues& out) {
  while (!text.empty()) {
    auto line = take_line(text);
    const auto key = take_word(line);
    for (const auto& wanted : keys) {
      if (wanted.key == key) out.slots[wanted.slot] = take_number(line) * wanted.factor;
    }
  }
}

// memory.stat of either version. All faults are counted together; the minor ones are the rest.
template <std::size_t kSize>
void parse_memory_stat(std::string_view text,
                       const std::array<SlotKey, kSize>& keys,
                       std::string_view inactive_file,
                       CgroupValues& out) {
  out.slots[Slot::kMinorFaults] = out.slots[Slot::kMajorFaults] = kAbsent;
  parse_slots(text, keys, out);
  out.slots[Slot::kMinorFaults] -= out.slots[Slot::kMajorFaults];
  const auto inactive = text.find(inactive_file);
  if (inactive == std::string_view::npos) return;
  text.remove_prefix(inactive + inactive_file.size());
  out.inactive_file = take_number(text);
}

std::optional<std::pair<int, int>> take_device(std::string_view& line) {
  auto word = take_word(line);
  const auto major = to_int(take_until(word, ':'));
  const auto minor = to_int(word);
  if (!major || !minor) return std::nullopt;
  return std::pair(*major, *minor);
}

void parse_blkio(std::string_view text,
                 double CgroupValues::Disk::*read,
                 double CgroupValues::Disk::*written,
                 CgroupValues& out) {
  while (!text.empty()) {
    auto line = take_line(text);
    const auto device = take_device(line);
    if (!device) continue;
    const auto kind = take_word(line);
    if (kind != "Read" && kind != "Write") continue;
    if (auto* disk = out.disk(device->first, device->second)) {
      disk->*(kind == "Read" ? read : written) = take_number(line);
    }
  }
}

void set_pressure(std::string_view text, Slot some, Slot full, CgroupValues& out) {
  const auto pressure = parse_pressure(text);
  out.slots[some] = pressure.some;
  out.slots[full] = pressure.full;
}

}  // namespace

void parse_cpu_stat_v2(std::string_view text, CgroupValues& out) {
  static constexpr std::array<SlotKey, 5> kKeys{
      SlotKey{.key = "user_usec", .slot = Slot::kCpuUser, .factor = kMicro},
      SlotKey{.key = "system_usec", .slot = Slot::kCpuSystem, .factor = kMicro},
      SlotKey{.key = "nr_periods", .slot = Slot::kPeriods},
      SlotKey{.key = "nr_throttled", .slot = Slot::kThrottledPeriods},
      SlotKey{.key = "throttled_usec", .slot = Slot::kThrottledTime, .factor = kMicro}};
  parse_slots(text, kKeys, out);
}

void parse_cpu_stat_v1(std::string_view text, CgroupValues& out) {
  static constexpr std::array<SlotKey, 3> kKeys{
      SlotKey{.key = "nr_periods", .slot = Slot::kPeriods},
      SlotKey{.key = "nr_throttled", .slot = Slot::kThrottledPeriods},
      SlotKey{.key = "throttled_time", .slot = Slot::kThrottledTime, .factor = kNano}};
  parse_slots(text, kKeys, out);
}

void parse_cpuacct_stat(std::string_view text, CgroupValues& out) {
  static const double kSecondsPerTick = 1.0 / static_cast<double>(::sysconf(_SC_CLK_TCK));
  const std::array<SlotKey, 2> keys{
      SlotKey{.key = "user", .slot = Slot::kCpuUser, .factor = kSecondsPerTick},
      SlotKey{.key = "system", .slot = Slot::kCpuSystem, .factor = kSecondsPerTick}};
  parse_slots(text, keys, out);
}

void parse_cpu_max(std::string_view text, CgroupValues& out) {
  const auto quota = take_number(text);
  const auto period = take_number(text);
  out.slots[Slot::kCpuLimit] = period > 0 ? quota / period : kAbsent;
}

void parse_cfs_quota(std::string_view text, CgroupValues& out) {
  const auto quota = take_number(text);
  out.cpu_quota = quota > 0 ? quota : kAbsent;
}

void parse_cfs_period(std::string_view text, CgroupValues& out) {
  const auto period = take_number(text);
  out.slots[Slot::kCpuLimit] = period > 0 ? out.cpu_quota / period : kAbsent;
}

void parse_memory_usage(std::string_view text, CgroupValues& out) {
  out.slots[Slot::kMemoryUsage] = take_number(text);
}

void parse_memory_max(std::string_view text, CgroupValues& out) {
  out.slots[Slot::kMemoryLimit] = take_number(text);
}

void parse_memory_swap(std::string_view text, CgroupValues& out) {
  out.slots[Slot::kMemorySwap] = take_number(text);
}

void parse_memory_stat_v2(std::string_view text, CgroupValues& out) {
  static constexpr std::array<SlotKey, 5> kKeys{
      SlotKey{.key = "anon", .slot = Slot::kMemoryRss},
      SlotKey{.key = "file", .slot = Slot::kMemoryCache},
      SlotKey{.key = "kernel", .slot = Slot::kMemoryKernel},
      SlotKey{.key = "pgfault", .slot = Slot::kMinorFaults},
      SlotKey{.key = "pgmajfault", .slot = Slot::kMajorFaults}};
  parse_memory_stat(text, kKeys, "\ninactive_file ", out);
}

void parse_memory_stat_v1(std::string_view text, CgroupValues& out) {
  static constexpr std::array<SlotKey, 6> kKeys{
      SlotKey{.key = "hierarchical_memory_limit", .slot = Slot::kMemoryLimit},
      SlotKey{.key = "total_rss", .slot = Slot::kMemoryRss},
      SlotKey{.key = "total_cache", .slot = Slot::kMemoryCache},
      SlotKey{.key = "total_swap", .slot = Slot::kMemorySwap},
      SlotKey{.key = "total_pgfault", .slot = Slot::kMinorFaults},
      SlotKey{.key = "total_pgmajfault", .slot = Slot::kMajorFaults}};
  // What v1 says when there is no limit: the largest number of whole pages.
  constexpr double kUnlimited = 9e18;
  parse_memory_stat(text, kKeys, "\ntotal_inactive_file ", out);
  if (out.slots[Slot::kMemoryLimit] > kUnlimited) out.slots[Slot::kMemoryLimit] = kAbsent;
}

void parse_memory_events(std::string_view text, CgroupValues& out) {
  static constexpr std::array<SlotKey, 5> kKeys{
      SlotKey{.key = "low", .slot = Slot::kEventLow},
      SlotKey{.key = "high", .slot = Slot::kEventHigh},
      SlotKey{.key = "max", .slot = Slot::kEventMax},
      SlotKey{.key = "oom", .slot = Slot::kEventOom},
      SlotKey{.key = "oom_kill", .slot = Slot::kOomKills}};
  parse_slots(text, kKeys, out);
}

void parse_oom_control(std::string_view text, CgroupValues& out) {
  static constexpr std::array<SlotKey, 1> kKeys{
      SlotKey{.key = "oom_kill", .slot = Slot::kOomKills}};
  parse_slots(text, kKeys, out);
}

void parse_memory_failcnt(std::string_view text, CgroupValues& out) {
  out.slots[Slot::kEventMax] = take_number(text);
}

void parse_io_stat(std::string_view text, CgroupValues& out) {
  while (!text.empty()) {
    auto line = take_line(text);
    const auto device = take_device(line);
    if (!device) continue;
    auto* const disk = out.disk(device->first, device->second);
    if (disk == nullptr) continue;
    while (!line.empty()) {
      auto word = take_word(line);
      const auto key = take_until(word, '=');
      const auto value = to_number(word);
      if (key == "rbytes") disk->bytes_read = value;
      if (key == "wbytes") disk->bytes_written = value;
      if (key == "rios") disk->reads = value;
      if (key == "wios") disk->writes = value;
    }
  }
}

void parse_blkio_bytes(std::string_view text, CgroupValues& out) {
  parse_blkio(text, &CgroupValues::Disk::bytes_read, &CgroupValues::Disk::bytes_written, out);
}

void parse_blkio_operations(std::string_view text, CgroupValues& out) {
  parse_blkio(text, &CgroupValues::Disk::reads, &CgroupValues::Disk::writes, out);
}

void parse_cpu_pressure(std::string_view text, CgroupValues& out) {
  set_pressure(text, Slot::kCpuSome, Slot::kCpuFull, out);
}

void parse_memory_pressure(std::string_view text, CgroupValues& out) {
  set_pressure(text, Slot::kMemorySome, Slot::kMemoryFull, out);
}

void parse_io_pressure(std::string_view text, CgroupValues& out) {
  set_pressure(text, Slot::kIoSome, Slot::kIoFull, out);
}

void parse_pids_current(std::string_view text, CgroupValues& out) {
  out.slots[Slot::kThreads] = take_number(text);
}

}  // namespace plumbline::node
