// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/gpu/nvml_calls.h"

namespace plumbline::gpu {

struct GpuIdentity {
  std::string uuid;    // "GPU-…": hw.id
  std::string model;   // "NVIDIA H200"
  std::string serial;  // empty: the board has none, or does not tell
  std::string pci;     // "0000:1b:00.0", as sysfs and the kernel log write it
  bool operator==(const GpuIdentity&) const = default;
};

// Why a GPU is slower than it could be, as the driver counts the time of it.
enum class Slowdown : std::uint8_t {
  kSoftwarePower,
  kSyncBoost,
  kSoftwareThermal,
  kHardwareThermal,
  kPowerBrake,
};
inline constexpr std::array<std::string_view, 5> kSlowdownNames{
    "software_power", "sync_boost", "software_thermal", "hardware_thermal", "power_brake"};

struct GpuProcess {
  unsigned pid = 0;                     // of the host
  std::optional<std::uint64_t> memory;  // bytes
  std::optional<double> utilization;    // share of the SMs' time since the last look
};

// What one GPU said last; what it did not say, or cannot, is absent.
struct GpuReading {
  std::optional<double> utilization;  // ratios
  std::optional<double> encoder;
  std::optional<double> decoder;
  std::optional<double> memory_activity;
  std::optional<std::uint64_t> memory_total;  // bytes
  std::optional<std::uint64_t> memory_used;
  std::optional<std::uint64_t> memory_free;
  std::optional<std::uint64_t> memory_reserved;
  std::optional<double> power;        // W
  std::optional<double> power_limit;  // W
  std::optional<double> energy;       // J since the driver was loaded
  std::optional<double> temperature;  // °C
  std::optional<double> memory_temperature;
  std::optional<std::uint64_t> sm_clock;                                // Hz
  std::optional<std::uint64_t> memory_clock;                            // Hz
  std::array<std::optional<double>, kSlowdownNames.size()> slowdown{};  // s
  std::array<std::optional<bool>, kSlowdownNames.size()> is_slowed{};
  std::optional<std::uint64_t> pcie_sent;  // bytes
  std::optional<std::uint64_t> pcie_received;
  std::optional<std::uint64_t> pcie_replays;
  std::optional<std::uint64_t> nvlink_sent;  // bytes
  std::optional<std::uint64_t> nvlink_received;
  std::optional<std::uint64_t> corrected;  // ECC errors since the driver was loaded
  std::optional<std::uint64_t> uncorrected;
  std::optional<std::uint64_t> remapped_corrected;  // rows
  std::optional<std::uint64_t> remapped_uncorrected;
  std::optional<bool> remap_pending;
  std::optional<bool> remap_failed;
  std::optional<std::uint64_t> recovery_action;  // 0 none, 1 reset, 2 reboot, 3 drain, 4 both
  bool processes_known = false;
  std::vector<GpuProcess> processes;  // in the order of their pids
};

enum class GpuHealth : std::uint8_t {
  kOk,
  kDegraded,  // wants a reset or a row remapped
  kLost,      // the driver no longer reaches it
};

struct GpuState {
  GpuIdentity identity;
  GpuReading reading;
  GpuHealth health = GpuHealth::kOk;
};

// All that a look at the driver gave.
struct GpuSnapshot {
  bool working = false;
  bool absent = false;  // neither driver nor device: not a failure
  std::string problem;  // a sentence; empty while it works
  std::string driver;   // its version
  std::string library;  // the path
  std::string missing;  // functions that this library lacks
  std::vector<GpuState> gpus;
  unsigned unreachable = 0;  // that are there and not even tell their name
  CallTallies calls{};
};

}  // namespace plumbline::gpu
