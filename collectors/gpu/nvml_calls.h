// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "collectors/gpu/nvml_library.h"

namespace plumbline::gpu {

// Every function that is ever called, in the order of kCallNames.
enum class Call : std::uint8_t {
  kInit,
  kShutdown,
  kDriverVersion,
  kDeviceCount,
  kHandle,
  kUuid,
  kName,
  kSerial,
  kPci,
  kUtilization,
  kEncoder,
  kDecoder,
  kMemory,
  kFields,
  kPower,
  kEnergy,
  kTemperature,
  kClock,
  kSlowdowns,
  kProcesses,
  kSamples,
};

inline constexpr std::array<std::string_view, 21> kCallNames{
    "init",   "shutdown", "driver_version", "device_count", "handle",    "uuid",      "name",
    "serial", "pci",      "utilization",    "encoder",      "decoder",   "memory",    "fields",
    "power",  "energy",   "temperature",    "clock",        "slowdowns", "processes", "samples"};
inline constexpr std::size_t kCalls = kCallNames.size();

// The driver takes a lock of its whole resource manager for most calls, so each of them is time
// taken from the workload: what they cost is counted.
struct CallTally {
  std::uint64_t calls = 0;
  std::uint64_t failures = 0;  // answers other than a value or "not supported"
  std::chrono::nanoseconds time{0};
};

using CallTallies = std::array<CallTally, kCalls>;

// The library with its bill, which outlives it: the driver may be loaded anew.
class Nvml {
 public:
  Nvml(NvmlLibrary library, CallTallies& tallies)
      : library_(std::move(library)), tallies_(tallies) {}

  const NvmlLibrary& library() const { return library_; }
  const NvmlFunctions& functions() const { return library_.functions(); }

  // kFunctionNotFound when this library has no such function. Real time, whatever the clock of the
  // agent says: it is a price.
  template <class... Parameters, class... Arguments>
  nvml::Status call(Call which, nvml::Status (*function)(Parameters...), Arguments... arguments) {
    if (function == nullptr) return nvml::Status::kFunctionNotFound;
    const auto begun = std::chrono::steady_clock::now();
    const auto status = function(arguments...);
    auto& tally = tallies_.at(static_cast<std::size_t>(which));
    tally.time += std::chrono::steady_clock::now() - begun;
    ++tally.calls;
    if (status != nvml::Status::kSuccess && status != nvml::Status::kNotSupported) ++tally.failures;
    return status;
  }

 private:
  NvmlLibrary library_;
  CallTallies& tallies_;
};

}  // namespace plumbline::gpu
