// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/cgroup_series.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "collectors/node/cgroup_signals.h"

namespace plumbline::node {
namespace {

// The metric of a slot, with its attributes behind the path.
struct SlotSeries {
  const MetricSpec* metric;
  std::string_view first = {};
  std::string_view second = {};
};

// In the order of CgroupValues::Slot.
constexpr std::array<SlotSeries, CgroupValues::kSlots> kSlotSeries{{
    {.metric = &kGroupCpuTime, .first = "user"},
    {.metric = &kGroupCpuTime, .first = "system"},
    {.metric = &kGroupCpuLimit},
    {.metric = &kGroupPeriods},
    {.metric = &kGroupThrottledPeriods},
    {.metric = &kGroupThrottledTime},
    {.metric = &kGroupMemoryUsage},
    {.metric = &kGroupMemoryLimit},
    {.metric = &kGroupMemoryRss},
    {.metric = &kGroupMemoryCache},
    {.metric = &kGroupWorkingSet},
    {.metric = &kGroupSwap},
    {.metric = &kGroupKernelMemory},
    {.metric = &kGroupFaults, .first = "minor"},
    {.metric = &kGroupFaults, .first = "major"},
    {.metric = &kGroupMemoryEvents, .first = "low"},
    {.metric = &kGroupMemoryEvents, .first = "high"},
    {.metric = &kGroupMemoryEvents, .first = "max"},
    {.metric = &kGroupMemoryEvents, .first = "oom"},
    {.metric = &kGroupOomKills},
    {.metric = &kGroupPressureTime, .first = "cpu", .second = "some"},
    {.metric = &kGroupPressureTime, .first = "cpu", .second = "full"},
    {.metric = &kGroupPressureTime, .first = "memory", .second = "some"},
    {.metric = &kGroupPressureTime, .first = "memory", .second = "full"},
    {.metric = &kGroupPressureTime, .first = "io", .second = "some"},
    {.metric = &kGroupPressureTime, .first = "io", .second = "full"},
    {.metric = &kGroupThreads},
}};
static_assert(kSlotSeries.back().metric == &kGroupThreads);

SeriesRef make_series(const MetricSpec& metric,
                      UnixNanos start,
                      std::initializer_list<AttributeValue> values) {
  const auto since = metric.instrument == Instrument::kGauge ? 0 : start;
  return Series::make(metric, std::span(values.begin(), values.size()), since);
}

AttributeValue attribute(std::string_view text) {
  return text.empty() ? AttributeValue{} : AttributeValue{text};
}

}  // namespace

void CgroupSeries::report(const CgroupValues& values, const DeviceNames& names, Batch& out) {
  for (std::size_t slot = 0; slot < values.slots.size(); ++slot) {
    if (!std::isnan(values.slots[slot])) report_slot(slot, values.slots[slot], out);
  }
  for (const auto& read : values.disks) {
    const auto& known = disk(read.number, names);
    if (!known.measured) continue;
    out.add(known.series[0], read.bytes_read);
    out.add(known.series[1], read.bytes_written);
    out.add(known.series[2], read.reads);
    out.add(known.series[3], read.writes);
  }
}

void CgroupSeries::report_slot(std::size_t slot, double value, Batch& out) {
  auto& series = series_[slot];
  if (!series) {
    const auto& [metric, first, second] = kSlotSeries[slot];
    series = make_series(*metric, start_, {path_, attribute(first), attribute(second)});
  }
  out.add(series, value);
}

CgroupSeries::Disk& CgroupSeries::disk(std::pair<int, int> number, const DeviceNames& names) {
  const auto found = std::ranges::find(disks_, number, &Disk::number);
  if (found != disks_.end()) return *found;
  auto name = std::string(names.find(number.first, number.second));
  if (name.empty()) name = fmt::format("{}:{}", number.first, number.second);
  const auto make = [&](const MetricSpec& metric, std::string_view direction) {
    return make_series(metric, start_, {path_, name, direction});
  };
  // One group does not meet endless disks, but a machine may in years.
  if (disks_.size() == CgroupValues::kMaxDisks) disks_.erase(disks_.begin());
  return disks_.emplace_back(Disk{.number = number,
                                  .measured = is_measured_disk(name),
                                  .series = {make(kGroupDiskIo, "read"),
                                             make(kGroupDiskIo, "write"),
                                             make(kGroupDiskOperations, "read"),
                                             make(kGroupDiskOperations, "write")}});
}

}  // namespace plumbline::node
