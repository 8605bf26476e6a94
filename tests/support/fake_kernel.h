// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "agent/config/config.h"
#include "agent/core/log.h"
#include "agent/identity/cgroups.h"
#include "collectors/collector.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace plumbline {

// Directories that stand for /proc, /sys and a v2 cgroup hierarchy, and all that a collector is
// given. The process seems to have no capability until one is set.
class FakeKernel {
 public:
  FakeKernel();

  // `file` below the directory of all: "proc/vmstat".
  void write(std::string_view file, std::string_view text) const { root_.write(file, text); }
  // The mask of /proc/self/status CapEff.
  void set_capabilities(std::string_view hexadecimal) const;
  // Makes the group and returns its id.
  std::uint64_t make_group(std::string_view path) const;
  void remove_group(std::string_view path) const;
  // A second passes, after which the index sees what has changed.
  void tick();

  CollectorContext context();
  CgroupIndex& cgroups() { return cgroups_; }

  Config config;

 private:
  TempDir root_;
  ManualClock clock_;
  Log log_;
  CgroupIndex cgroups_;
};

}  // namespace plumbline
