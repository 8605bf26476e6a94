// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/hardware.h"

#include <set>
#include <utility>

#include "collectors/node/disk.h"
#include "collectors/node/hardware_signals.h"
#include "collectors/node/sysfs.h"
#include "collectors/node/text.h"

namespace plumbline::node {

std::size_t read_cpus(const std::filesystem::path& sys, SeriesTable& series, Batch& out) {
  constexpr double kKilo = 1e3;
  const auto root = sys / "devices/system/cpu";
  std::set<std::pair<double, double>> cores;
  std::size_t found = 0;
  for (const auto& name : list_names(root, "cpu")) {
    const auto number = to_int(std::string_view(name).substr(3));
    if (!number) continue;  // cpufreq, cpuidle
    const auto cpu = root / name;
    const std::pair core(read_number(cpu / "topology/physical_package_id"),
                         read_number(cpu / "topology/core_id"));
    if (core.second >= 0) cores.insert(core);  // absent while it is offline
    ++found;
    const std::int64_t id = *number;
    out.add(series.get(kCpuFrequency, {id}), read_number(cpu / "cpufreq/scaling_cur_freq") * kKilo);
    out.add(series.get(kCpuFrequencyLimit, {id, "min"}),
            read_number(cpu / "cpufreq/scaling_min_freq") * kKilo);
    out.add(series.get(kCpuFrequencyLimit, {id, "max"}),
            read_number(cpu / "cpufreq/scaling_max_freq") * kKilo);
    out.add(series.get(kCpuThrottles, {id}),
            read_number(cpu / "thermal_throttle/core_throttle_count"));
  }
  if (!cores.empty()) out.add(series.get(kCpuPhysicalCount), static_cast<double>(cores.size()));
  return found;
}

std::size_t read_disk_sizes(const std::filesystem::path& sys, SeriesTable& series, Batch& out) {
  constexpr double kSectorBytes = 512;
  std::size_t found = 0;
  for (const auto& name : list_names(sys / "block")) {
    if (!is_measured_disk(name)) continue;
    ++found;
    auto device = name;  // as /proc/diskstats has it
    for (auto& c : device) c = c == '!' ? '/' : c;
    out.add(series.get(kDiskLimit, {device}),
            read_number(sys / "block" / name / "size") * kSectorBytes);
  }
  return found;
}

std::size_t read_links(const std::filesystem::path& sys, SeriesTable& series, Batch& out) {
  constexpr double kMegabitBytes = 1e6 / 8;
  std::size_t found = 0;
  for (const auto& name : list_names(sys / "class/net")) {
    const auto link = sys / "class/net" / name;
    if (!std::filesystem::exists(link / "ifindex")) continue;  // bonding_masters is a file
    ++found;
    const auto state = read_text(link / "operstate");
    if (!state.empty() && state != "unknown") {
      out.add(series.get(kLinkUp, {name}), state == "up" ? 1 : 0);
    }
    const auto speed = read_number(link / "speed");
    if (speed > 0) out.add(series.get(kLinkSpeed, {name}), speed * kMegabitBytes);  // -1: unknown
    out.add(series.get(kLinkMtu, {name}), read_number(link / "mtu"));
    out.add(series.get(kLinkChanges, {name}), read_number(link / "carrier_changes"));
    out.add(series.get(kLinkQueue, {name}), read_number(link / "tx_queue_len"));
  }
  return found;
}

}  // namespace plumbline::node
