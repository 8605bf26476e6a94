// SPDX-License-Identifier: Apache-2.0
#include "collectors/gpu/emit.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "collectors/gpu/signals.h"

namespace plumbline::gpu {
namespace {

constexpr std::string_view kType = "gpu";

AttributeValue or_absent(std::string_view text) {
  return text.empty() ? AttributeValue{} : AttributeValue{text};
}

// Adds points of one GPU.
class Points {
 public:
  Points(const GpuIdentity& gpu, SeriesTable& series, Batch& out)
      : gpu_(gpu), series_(series), out_(out) {}

  template <class Value>
  void add(const MetricSpec& spec, const std::optional<Value>& value) {
    if (value) out_.add(series_.get(spec, {gpu_.uuid}), *value);
  }
  template <class Value>
  void add(const MetricSpec& spec,
           const std::optional<Value>& value,
           AttributeValue second,
           AttributeValue third = {}) {
    if (value) out_.add(series_.get(spec, {gpu_.uuid, second, third}), *value);
  }

 private:
  const GpuIdentity& gpu_;
  SeriesTable& series_;
  Batch& out_;
};

void emit_use(const GpuReading& reading, Points& points) {
  points.add(kUtilization, reading.utilization, "general");
  points.add(kUtilization, reading.encoder, "encoder");
  points.add(kUtilization, reading.decoder, "decoder");
  points.add(kMemoryActivity, reading.memory_activity);
  points.add(kMemoryUsage, reading.memory_used);
  points.add(kMemoryLimit, reading.memory_total);
  points.add(kMemoryReserved, reading.memory_reserved);
  if (reading.memory_used && reading.memory_total.value_or(0) > 0) {
    points.add(kMemoryUtilization,
               std::optional(static_cast<double>(*reading.memory_used) /
                             static_cast<double>(*reading.memory_total)));
  }
  points.add(kIo, reading.pcie_sent, "transmit");
  points.add(kIo, reading.pcie_received, "receive");
  points.add(kNvlinkIo, reading.nvlink_sent, "transmit");
  points.add(kNvlinkIo, reading.nvlink_received, "receive");
}

void emit_board(const GpuIdentity& gpu, const GpuReading& reading, Points& points) {
  points.add(kPower, reading.power, kType);
  points.add(kPowerLimit, reading.power_limit);
  points.add(hardware::kEnergy, reading.energy, or_absent(gpu.model));
  points.add(hardware::kTemperature, reading.temperature, or_absent(gpu.model), "core");
  points.add(hardware::kTemperature, reading.memory_temperature, or_absent(gpu.model), "memory");
  points.add(kClock, reading.sm_clock, "sm");
  points.add(kClock, reading.memory_clock, "memory");
  for (std::size_t i = 0; i < kSlowdownNames.size(); ++i) {
    points.add(kThrottleTime, reading.slowdown.at(i), kSlowdownNames.at(i));
    points.add(kThrottled, reading.is_slowed.at(i), kSlowdownNames.at(i));
  }
}

void emit_errors(const GpuReading& reading, Points& points) {
  points.add(hardware::kErrors, reading.corrected, kType, "corrected");
  points.add(hardware::kErrors, reading.uncorrected, kType, "uncorrected");
  points.add(kRemappedRows, reading.remapped_corrected, "corrected");
  points.add(kRemappedRows, reading.remapped_uncorrected, "uncorrected");
  points.add(kPcieReplays, reading.pcie_replays);
  points.add(kRecoveryAction, reading.recovery_action);
}

}  // namespace

void emit(const GpuState& gpu, std::string_view driver, SeriesTable& series, Batch& out) {
  const auto& identity = gpu.identity;
  out.add(series.get(kGpuInfo,
                     {identity.uuid,
                      or_absent(identity.model),
                      "nvidia",
                      or_absent(identity.serial),
                      or_absent(driver),
                      or_absent(identity.pci)}),
          1);
  constexpr std::array kStates{std::pair{GpuHealth::kOk, "ok"},
                               std::pair{GpuHealth::kDegraded, "degraded"},
                               std::pair{GpuHealth::kLost, "failed"}};
  for (const auto& [health, name] : kStates) {
    out.add(series.get(kStatus, {identity.uuid, kType, name}), gpu.health == health ? 1 : 0);
  }
  Points points(identity, series, out);
  emit_use(gpu.reading, points);
  emit_board(identity, gpu.reading, points);
  emit_errors(gpu.reading, points);
}

void emit(const GpuIdentity& gpu,
          std::span<const GpuShare> shares,
          SeriesTable& series,
          Batch& out) {
  for (const auto& share : shares) {
    const auto get = [&](const MetricSpec& spec) {
      return series.get(spec,
                        {or_absent(share.group),
                         gpu.uuid,
                         kHolderNames.at(static_cast<std::size_t>(share.holder))});
    };
    if (share.memory) out.add(get(kShareMemory), *share.memory);
    if (share.utilization) out.add(get(kShareUtilization), *share.utilization);
    if (share.holder != Holder::kUnattributed) out.add(get(kShareProcesses), share.processes);
  }
}

void emit_conditions(const GpuSnapshot& snapshot, SeriesTable& series, Batch& out) {
  const auto count = [&](GpuHealth health) {
    return std::ranges::count(snapshot.gpus, health, &GpuState::health);
  };
  out.add(series.get(kDevices, {"ok"}), count(GpuHealth::kOk));
  out.add(series.get(kDevices, {"degraded"}), count(GpuHealth::kDegraded));
  out.add(series.get(kDevices, {"lost"}), count(GpuHealth::kLost));
  out.add(series.get(kDevices, {"nameless"}), static_cast<std::int64_t>(snapshot.unreachable));
}

void emit_calls(const CallTallies& tallies, SeriesTable& series, Batch& out) {
  for (std::size_t i = 0; i < kCalls; ++i) {
    const auto& tally = tallies.at(i);
    if (tally.calls == 0) continue;
    const auto name = kCallNames.at(i);
    out.add(series.get(kCallCount, {name}), tally.calls);
    out.add(series.get(kCallFailures, {name}), tally.failures);
    out.add(series.get(kCallTime, {name}), std::chrono::duration<double>(tally.time).count());
  }
}

}  // namespace plumbline::gpu
