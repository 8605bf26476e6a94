// SPDX-License-Identifier: Apache-2.0
#include "collectors/memory/memory_collector.h"

#include <array>

#include "agent/identity/cgroups.h"
#include "collectors/bpf/hooks.h"
#include "collectors/memory/oom_kills.h"
#include "collectors/memory/reclaim.h"
#include "collectors/memory/signals.h"

#include "bpf/memory_direct_reclaim.skel.h"
#include "bpf/memory_memcg_reclaim.skel.h"

namespace plumbline::memory {
namespace {

class MemoryCollector final : public Collector {
 public:
  explicit MemoryCollector(const CollectorContext& context)
      : context_(context), series_(context.clock.wall()) {}

  const CollectorInfo& info() const noexcept override { return kInfo; }

  Result<> open() override {
    const bpf::Hooks hooks(context_);
    series_ = SeriesTable(context_.clock.wall());
    coverage_ = {
        oom_kills_.open(hooks, context_),
        direct_.open(hooks,
                     context_,
                     "memory.direct_reclaim",
                     "tp_btf/mm_vmscan_direct_reclaim_begin, _end"),
        memcg_.open(
            hooks, context_, "memory.memcg_reclaim", "tp_btf/mm_vmscan_memcg_reclaim_begin, _end")};
    return {};
  }

  std::span<const Coverage> coverage() const override { return coverage_; }

  Result<> collect(Clock::Steady /*deadline*/, Batch& out) override {
    context_.cgroups.refresh();
    direct_.collect(context_.cgroups, series_, out);
    memcg_.collect(context_.cgroups, series_, out);
    auto done = oom_kills_.collect(context_.cgroups, series_, out);
    series_.sweep();
    return done;
  }

 private:
  CollectorContext context_;
  SeriesTable series_;
  std::array<Coverage, 3> coverage_;
  OomKills oom_kills_;
  Reclaim<memory_direct_reclaim> direct_{"direct"};
  Reclaim<memory_memcg_reclaim> memcg_{"memcg"};
};

}  // namespace

std::unique_ptr<Collector> make(const CollectorContext& context) {
  return std::make_unique<MemoryCollector>(context);
}

}  // namespace plumbline::memory
