// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/core/batch.h"
#include "agent/core/histogram.h"
#include "agent/core/series.h"
#include "collectors/bpf/latency.h"
#include "collectors/process/process_events.h"

namespace plumbline::process {

// Processes live from milliseconds to days.
inline constexpr auto kLifetimeRange = bpf::LatencyRange::kMilliseconds;

// How a process ended. Neither: not known.
struct Ending {
  std::optional<int> code;
  std::optional<int> signal;
};

// From a status as wait(2) gives it.
Ending ending(std::uint32_t status);

// "SIGKILL"; "SIGRTMIN+3"; "SIG77" for a number without a name.
std::string signal_name(int signal);

// Counts by status; a group's first kMost different ones, then one sum without.
class ExitCounts {
 public:
  static constexpr std::size_t kMost = 64;

  void add(std::uint32_t status, std::uint64_t count);
  void add_unknown(std::uint64_t count) { unknown_ += count; }
  void add_points(std::string_view path, SeriesTable& series, Batch& out) const;
  std::size_t size() const { return by_status_.size(); }

 private:
  struct Entry {
    Ending ending;
    std::string signal;
    std::uint64_t count;
  };

  std::vector<std::pair<std::uint32_t, Entry>> by_status_;
  std::uint64_t unknown_ = 0;
};

// Of one group, since the programs were loaded.
struct ProcessTotals {
  std::uint64_t starts = 0;
  std::uint64_t execs = 0;
  ExpHistogram lifetime = bpf::make_latency_histogram(kLifetimeRange);
  ExitCounts exits;
};

}  // namespace plumbline::process
