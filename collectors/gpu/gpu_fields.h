// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "collectors/gpu/reading.h"

namespace plumbline::gpu {

// How often what is read: the dearer a call, or the slower its value changes, the more seldom.
enum class Tier : std::uint8_t {
  kFast,    // each tick: utilization
  kMedium,  // every second one: memory, power, clocks, temperature
  kSlow,    // every sixth: processes, errors, links
};

// A value that nvmlDeviceGetFieldValues() gives: its number in the library, how often it is read,
// and what it becomes. One of the members is set.
struct FieldSpec {
  unsigned id;
  Tier tier;
  std::optional<double> GpuReading::*real = nullptr;
  std::optional<std::uint64_t> GpuReading::*whole = nullptr;
  std::optional<bool> GpuReading::*flag = nullptr;
  std::optional<Slowdown> slowdown = std::nullopt;
  double unit = 1;  // of the library in ours
  unsigned scope = 0;
};

inline constexpr unsigned kPcieSentField = 197;
inline constexpr unsigned kPcieReceivedField = 198;
inline constexpr unsigned kAllLinks = ~0U;

inline constexpr std::array kFieldTable{
    FieldSpec{.id = 82, .tier = Tier::kMedium, .real = &GpuReading::memory_temperature},
    FieldSpec{.id = 83, .tier = Tier::kMedium, .real = &GpuReading::energy, .unit = 1e-3},
    FieldSpec{.id = 186, .tier = Tier::kMedium, .real = &GpuReading::power, .unit = 1e-3},
    FieldSpec{.id = 74, .tier = Tier::kMedium, .slowdown = Slowdown::kSoftwarePower, .unit = 1e-9},
    FieldSpec{.id = 76, .tier = Tier::kMedium, .slowdown = Slowdown::kSyncBoost, .unit = 1e-9},
    FieldSpec{
        .id = 269, .tier = Tier::kMedium, .slowdown = Slowdown::kSoftwareThermal, .unit = 1e-9},
    FieldSpec{
        .id = 270, .tier = Tier::kMedium, .slowdown = Slowdown::kHardwareThermal, .unit = 1e-9},
    FieldSpec{.id = 271, .tier = Tier::kMedium, .slowdown = Slowdown::kPowerBrake, .unit = 1e-9},
    FieldSpec{.id = kPcieSentField, .tier = Tier::kMedium, .whole = &GpuReading::pcie_sent},
    FieldSpec{.id = kPcieReceivedField, .tier = Tier::kMedium, .whole = &GpuReading::pcie_received},
    FieldSpec{.id = 190, .tier = Tier::kSlow, .real = &GpuReading::power_limit, .unit = 1e-3},
    FieldSpec{.id = 94, .tier = Tier::kSlow, .whole = &GpuReading::pcie_replays},
    FieldSpec{.id = 138,
              .tier = Tier::kSlow,
              .whole = &GpuReading::nvlink_sent,
              .unit = 1024,
              .scope = kAllLinks},
    FieldSpec{.id = 139,
              .tier = Tier::kSlow,
              .whole = &GpuReading::nvlink_received,
              .unit = 1024,
              .scope = kAllLinks},
    FieldSpec{.id = 3, .tier = Tier::kSlow, .whole = &GpuReading::corrected},
    FieldSpec{.id = 4, .tier = Tier::kSlow, .whole = &GpuReading::uncorrected},
    FieldSpec{.id = 142, .tier = Tier::kSlow, .whole = &GpuReading::remapped_corrected},
    FieldSpec{.id = 143, .tier = Tier::kSlow, .whole = &GpuReading::remapped_uncorrected},
    FieldSpec{.id = 144, .tier = Tier::kSlow, .flag = &GpuReading::remap_pending},
    FieldSpec{.id = 145, .tier = Tier::kSlow, .flag = &GpuReading::remap_failed},
    FieldSpec{.id = 230, .tier = Tier::kSlow, .whole = &GpuReading::recovery_action},
};
inline constexpr std::size_t kFields = kFieldTable.size();

// Its place in the table; kFields: it is not there.
std::size_t field_index(unsigned id);
// Takes the value out: until it is read again it is not known.
void forget(const FieldSpec& spec, GpuReading& out);
// A value of success. What is no number of its type (negative, NaN) stays unknown.
void take(const FieldSpec& spec, const nvml::FieldValue& value, GpuReading& out);

}  // namespace plumbline::gpu
