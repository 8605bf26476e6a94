// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "agent/config/config.h"
#include "agent/core/batch.h"
#include "agent/core/series.h"
#include "agent/identity/cgroups.h"
#include "collectors/bpf/group_probe.h"
#include "collectors/bpf/group_totals.h"
#include "collectors/collector.h"
#include "collectors/memory/memory.h"
#include "collectors/memory/signals.h"

namespace plumbline::memory {

// Stalls of one kind, measured by the object S (reclaim.bpf.h).
template <class S>
class Reclaim {
 public:
  // `kind` as in kReclaimKind. Both views are literals.
  explicit Reclaim(std::string_view kind) : kind_(kind) {}

  Coverage open(const bpf::Hooks& hooks,
                const CollectorContext& context,
                std::string_view signal,
                std::string_view mechanism) {
    auto probe = Probe::start(
        hooks, context, [](auto& object) { object->rodata->latency = bpf::make_latency_tables(); });
    if (!probe) {
      return {.signal = signal,
              .state = SignalState::kUnavailable,
              .mechanism = {},
              .reason = probe.error().what};
    }
    probe_ = *std::move(probe);
    return {.signal = signal, .mechanism = std::string(mechanism), .reason = {}};
  }

  void collect(CgroupIndex& cgroups, SeriesTable& series, Batch& out) {
    if (!probe_) return;
    probe_->slots.visit(cgroups, [this](std::string_view path, reclaim_stalls& slot) {
      take(slot, totals_.of(path));
    });
    probe_->slots.recycle(cgroups);
    totals_.each([&](std::string_view path, const ReclaimTotals& totals) {
      add_points(path, kind_, totals, series, out);
    });
    totals_.sweep();
    const std::uint64_t lost =
        std::atomic_ref(probe_->object->bss->stalls_lost).load(std::memory_order_relaxed);
    out.add(series.get(kReclaimLost, {kind_}), lost);
  }

 private:
  // Few groups are ever short of memory: a 32nd of the memory for maps is room for hundreds.
  using Probe = bpf::GroupProbe<S, reclaim_stalls, 32>;

  std::string_view kind_;
  std::optional<Probe> probe_;
  bpf::GroupTotals<ReclaimTotals> totals_;
};

}  // namespace plumbline::memory
