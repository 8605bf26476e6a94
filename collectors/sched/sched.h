// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "agent/core/batch.h"
#include "agent/core/histogram.h"
#include "agent/core/series.h"
#include "collectors/bpf/group_totals.h"
#include "collectors/bpf/latency.h"
#include "collectors/sched/sched_events.h"

namespace plumbline::sched {

// A sum that the kernel counts ahead of and behind itself (sched_events.h); shown as a counter.
struct OffCpuTime {
  std::int64_t ns = 0;
  std::int64_t shown_ns = 0;  // the highest so far: what was shown once is never taken back

  void add(std::int64_t delta);
};

struct GroupTimes {
  ExpHistogram wait = bpf::make_latency_histogram();
  OffCpuTime io_wait;
  OffCpuTime sleep;
  std::uint64_t voluntary = 0;
  std::uint64_t involuntary = 0;
};

// Moves what a kernel slot has counted into the totals of its group; returns how long its waits
// were with an unknown holder, in ns.
std::uint64_t take(sched_group& from, GroupTimes& into);

void add_points(std::string_view path, const GroupTimes& times, SeriesTable& series, Batch& out);

// Seconds by (victim, culprit). Beyond kMost pairs a new culprit counts as "_other".
class Interference {
 public:
  static constexpr std::size_t kMost = 4096;

  void add(std::string_view victim, std::string_view culprit, std::uint64_t ns);
  void add_points(SeriesTable& series, Batch& out) const;
  // Drops the pairs of which a path is not alive any more. `alive(path)` tells.
  template <class Alive>
  void keep(Alive&& alive) {
    std::erase_if(victims_, [&](const auto& victim) { return !alive(victim.first); });
    size_ = 0;
    for (auto& [path, culprits] : victims_) {
      std::erase_if(culprits, [&](const auto& culprit) { return !alive(culprit.first); });
      size_ += culprits.size();
    }
  }
  std::size_t size() const { return size_; }

 private:
  using Culprits = std::map<std::string, std::uint64_t, std::less<>>;  // ns by path

  std::map<std::string, Culprits, std::less<>> victims_;
  std::size_t size_ = 0;
};

}  // namespace plumbline::sched
