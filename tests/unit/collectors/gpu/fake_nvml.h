// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "agent/config/config.h"
#include "agent/identity/cgroups.h"
#include "collectors/gpu/gpu_collector.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace plumbline::gpu {

// The driver's library of tests/fakes, held open so that its scenario can be set and its calls
// counted.
class FakeNvml {
 public:
  enum class Version : std::uint8_t { kCurrent, kOld };

  explicit FakeNvml(Version version = Version::kCurrent);

  const std::filesystem::path& path() const { return path_; }
  void scenario(const std::string& text) const;
  std::uint64_t calls(const char* function) const;
  // Inits without their shutdown.
  int live() const;

 private:
  struct Close {
    void operator()(void* handle) const;
  };
  std::filesystem::path path_;
  std::unique_ptr<void, Close> handle_;
};

// A machine with that library, and a collector on it.
class GpuMachine {
 public:
  explicit GpuMachine(const FakeNvml& nvml);

  std::unique_ptr<Collector> collector(
      std::chrono::milliseconds patience = std::chrono::seconds(60)) const;
  // What the next look gives, so much later.
  Batch collect(Collector& collector, std::chrono::seconds later = std::chrono::seconds(5));

  void add_process(unsigned pid, const std::string& group, unsigned start = 100) const;
  const TempDir& root() const { return root_; }
  ManualClock& clock() { return clock_; }

 private:
  std::filesystem::path library_;
  TempDir root_;
  ManualClock clock_;
  Config config_;
  mutable Log log_;
  mutable CgroupIndex cgroups_;
};

// The uuid of the fake's GPU of this index.
std::string uuid(int index);

}  // namespace plumbline::gpu
