// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

#include "agent/core/batch.h"
#include "agent/core/series.h"
#include "collectors/bpf/group_probe.h"
#include "collectors/bpf/group_totals.h"
#include "collectors/bpf/hooks.h"
#include "collectors/collector.h"
#include "collectors/memory/memory_events.h"

#include "bpf/memory_oom_kill.skel.h"

namespace plumbline::memory {

// OOM kills by the best means of this machine: per group by a program, else per node from
// /proc/vmstat.
class OomKills {
 public:
  Coverage open(const bpf::Hooks& hooks, const CollectorContext& context);
  // Fails when /proc/vmstat is the means and cannot be read.
  Result<> collect(CgroupIndex& cgroups, SeriesTable& series, Batch& out);

 private:
  using Probe = bpf::GroupProbe<memory_oom_kill, oom_count>;

  std::optional<Probe> probe_;
  bpf::GroupTotals<std::uint64_t> totals_;
  std::filesystem::path vmstat_;  // empty: not needed, or of no use
  UnixNanos boot_ = 0;
};

}  // namespace plumbline::memory
