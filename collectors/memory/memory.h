// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/core/batch.h"
#include "agent/core/histogram.h"
#include "agent/core/series.h"
#include "collectors/bpf/latency.h"
#include "collectors/memory/memory_events.h"

namespace plumbline::memory {

// Of one group, since the programs were loaded.
struct ReclaimTotals {
  ExpHistogram duration = bpf::make_latency_histogram();
  std::uint64_t pages = 0;
};

// Moves what a kernel slot has counted into the totals of its group.
void take(reclaim_stalls& from, ReclaimTotals& into);

// `kind` is "direct" or "memcg".
void add_points(std::string_view path,
                std::string_view kind,
                const ReclaimTotals& totals,
                SeriesTable& series,
                Batch& out);

// The line "oom_kill N" of /proc/vmstat; nothing on kernels before 4.13, which lack it.
std::optional<std::uint64_t> oom_kills(std::string_view vmstat);

}  // namespace plumbline::memory
