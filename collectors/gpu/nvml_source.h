// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "agent/core/clock.h"
#include "collectors/gpu/gpu_device.h"
#include "collectors/gpu/nvml_calls.h"
#include "collectors/gpu/reading.h"

namespace plumbline::gpu {

// The NVIDIA GPUs of this machine as its driver tells them: finds the library, opens it again with
// growing pauses when it fails, and looks at each GPU. Refers to nothing outside, because a call
// may never return; one thread at a time.
class NvmlSource {
 public:
  static constexpr std::chrono::seconds kFirstPause{5};
  static constexpr std::chrono::seconds kLongestPause{300};
  static constexpr std::chrono::seconds kLostPause{60};
  static constexpr std::uint64_t kMediumTicks = 2;
  static constexpr std::uint64_t kSlowTicks = 6;

  NvmlSource(std::vector<std::filesystem::path> places, std::filesystem::path sys);
  NvmlSource(const NvmlSource&) = delete;
  NvmlSource& operator=(const NvmlSource&) = delete;
  NvmlSource(NvmlSource&&) = delete;
  NvmlSource& operator=(NvmlSource&&) = delete;
  ~NvmlSource();

  // One look; `now` decides what is due.
  void look(Clock::Steady now);
  const GpuSnapshot& snapshot() const { return snapshot_; }

 private:
  struct Entry {
    GpuDevice device;
    Clock::Steady probe_at{};  // of a lost one
  };

  bool open(Clock::Steady now);
  bool list(unsigned count);
  void look_at(std::size_t index, Tier tier, Clock::Steady now);
  void fail(std::string problem, Clock::Steady now);
  void close();

  std::vector<std::filesystem::path> places_;
  std::filesystem::path sys_;
  CallTallies tallies_{};
  std::unique_ptr<Nvml> nvml_;
  std::vector<Entry> entries_;  // as snapshot_.gpus
  GpuSnapshot snapshot_;
  std::uint64_t tick_ = 0;
  unsigned failed_ = 0;  // GPUs with unexplained failures in this look
  bool broken_ = false;
  Clock::Steady retry_at_{};
  std::chrono::seconds pause_ = kFirstPause;
};

// What an operator can do about a status.
std::string sentence(nvml::Status status);

}  // namespace plumbline::gpu
