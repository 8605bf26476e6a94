// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "collectors/node/text.h"
#include "collectors/node/topic.h"

namespace plumbline::node {

// One cpu line of /proc/stat, in the order of its fields, in ticks of USER_HZ.
struct CpuTimes {
  enum Mode : std::size_t {
    kUser,
    kNice,
    kSystem,
    kIdle,
    kIoWait,
    kInterrupt,
    kSoftirq,
    kSteal,
    kGuest,
    kGuestNice,
    kModes
  };
  int number = -1;  // -1: the sum of all
  std::array<double, kModes> ticks{};
};

struct ProcStat {
  // More lines than the largest kernel configuration can have are not taken.
  static constexpr std::size_t kMaxCpus = 8192;
  static constexpr std::size_t kSoftirqTypes = 10;

  CpuTimes total;
  std::vector<CpuTimes> cpus;
  double context_switches = kAbsent;
  double interrupts = kAbsent;
  double boot_time = kAbsent;
  double processes = kAbsent;
  double running = kAbsent;
  double blocked = kAbsent;
  std::array<double, kSoftirqTypes> softirqs{};
};

// Fills `out` anew, keeping its memory; what the text does not have is absent.
void parse_proc_stat(std::string_view text, ProcStat& out);

// CPU time and scheduling counters of /proc/stat.
std::unique_ptr<Topic> make_cpu(const std::filesystem::path& proc);

}  // namespace plumbline::node
