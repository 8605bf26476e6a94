// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <vector>

#include "collectors/gpu/gpu_fields.h"
#include "collectors/gpu/nvml_calls.h"
#include "collectors/gpu/reading.h"

namespace plumbline::gpu {

// A counter of 32 bits that begins anew at its end, as one that does not.
class Unwrapped {
 public:
  std::uint64_t next(std::uint64_t value, bool is_32_bit);

 private:
  std::optional<std::uint64_t> last_;
  std::uint64_t base_ = 0;
};

// One GPU and the calls that it answers. What it does not support is asked once; what it does not
// know now is asked again. The worker's thread only.
class GpuDevice {
 public:
  static constexpr std::size_t kFirstList = 64;
  static constexpr std::size_t kMaxList = 65'536;

  // What became of a look.
  enum class Outcome : std::uint8_t {
    kRead,
    kLost,    // of this GPU nothing more will come before it was reset
    kBroken,  // the library has lost the driver
    kFailed,  // something that the driver does not explain
  };

  GpuDevice(Nvml& nvml, nvml::Device handle) : nvml_(&nvml), handle_(handle) {}

  // Uuid, model, serial and address. Error status: of the uuid, without which nothing can be told.
  nvml::Status identify(GpuIdentity& out);
  Outcome read(Tier tier, GpuReading& out);

 private:
  // Whether there is a value; a status that says more about the GPU is kept in outcome_.
  template <class... Parameters, class... Arguments>
  bool ask(Call which, nvml::Status (*function)(Parameters...), Arguments... arguments) {
    if (unsupported_.test(static_cast<std::size_t>(which))) return false;
    return judge(which, nvml_->call(which, function, handle_, arguments...));
  }
  bool judge(Call which, nvml::Status status);
  void note(nvml::Status status);

  void read_utilization(GpuReading& out);
  void read_memory(GpuReading& out);
  void read_board(Tier tier, GpuReading& out);
  void read_fields(Tier tier, GpuReading& out);
  void take_fields(GpuReading& out);
  void read_processes(GpuReading& out);
  void read_samples(GpuReading& out);
  void take_samples(GpuReading& out);
  template <class Item, class Read>
  nvml::Status read_list(std::vector<Item>& list, Read read);

  Nvml* nvml_;
  nvml::Device handle_;
  Outcome outcome_ = Outcome::kRead;
  std::bitset<kCalls> unsupported_;
  bool has_memory_split_ = true;
  std::bitset<kFields> unsupported_fields_;
  std::vector<nvml::FieldValue> fields_;
  std::vector<nvml::ProcessInfo> processes_;
  std::vector<nvml::ProcessSample> samples_;
  unsigned long long last_seen_ = 0;  // µs: the newest sample of this GPU
  bool samples_known_ = false;
  Unwrapped pcie_sent_;
  Unwrapped pcie_received_;
};

}  // namespace plumbline::gpu
