// SPDX-License-Identifier: Apache-2.0
#include "collectors/process/process_collector.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "agent/config/config.h"
#include "agent/identity/cgroups.h"
#include "collectors/bpf/group_probe.h"
#include "collectors/bpf/group_totals.h"
#include "collectors/bpf/hooks.h"
#include "collectors/bpf/pair_slots.h"
#include "collectors/process/process.h"
#include "collectors/process/signals.h"

#include "bpf/process_exec.skel.h"
#include "bpf/process_exit.skel.h"
#include "bpf/process_fork.skel.h"

namespace plumbline::process {
namespace {

using ForkProbe = bpf::GroupProbe<process_fork, process_count>;
using ExecProbe = bpf::GroupProbe<process_exec, process_count>;

struct ExitProbe {
  bpf::GroupProbe<process_exit, process_exits> groups;
  bpf::PairSlots statuses;
};

Result<ExitProbe> start_exit_probe(const bpf::Hooks& hooks, const CollectorContext& context) {
  auto groups =
      bpf::GroupProbe<process_exit, process_exits>::start(hooks, context, [](auto& object) {
        object->rodata->latency = bpf::make_latency_tables(kLifetimeRange);
      });
  if (!groups) return groups.error();
  auto statuses = bpf::MappedArray<pair_sum>::of(groups->object->maps.pair_sums);
  if (!statuses) return statuses.error();
  return ExitProbe{*std::move(groups), bpf::PairSlots(*std::move(statuses))};
}

// Keeps a probe that started, and says so or why it did not.
template <class Probe>
std::optional<Probe> keep(Result<Probe> probe, std::string_view mechanism, Coverage& coverage) {
  if (probe) {
    coverage.mechanism = mechanism;
    return *std::move(probe);
  }
  coverage.state = SignalState::kUnavailable;
  coverage.reason = probe.error().what;
  return {};
}

class ProcessCollector final : public Collector {
 public:
  explicit ProcessCollector(const CollectorContext& context)
      : context_(context), series_(context.clock.wall()) {}

  const CollectorInfo& info() const noexcept override { return kInfo; }

  Result<> open() override {
    const bpf::Hooks hooks(context_);
    series_ = SeriesTable(context_.clock.wall());
    fork_ = keep(ForkProbe::start(hooks, context_), "tp_btf/sched_process_fork", coverage_[0]);
    exec_ = keep(ExecProbe::start(hooks, context_), "tp_btf/sched_process_exec", coverage_[1]);
    exit_ = keep(start_exit_probe(hooks, context_), "tp_btf/sched_process_exit", coverage_[2]);
    return {};
  }

  std::span<const Coverage> coverage() const override { return coverage_; }

  Result<> collect(Clock::Steady /*deadline*/, Batch& out) override {
    context_.cgroups.refresh();
    if (fork_) take_counts(*fork_, &ProcessTotals::starts);
    if (exec_) take_counts(*exec_, &ProcessTotals::execs);
    if (exit_) take_exits();
    totals_.each([&](std::string_view path, const ProcessTotals& totals) {
      if (fork_) out.add(series_.get(kStarts, {path}), totals.starts);
      if (exec_) out.add(series_.get(kExecs, {path}), totals.execs);
      if (exit_) out.add(series_.get(kLifetime, {path}), totals.lifetime.view());
      totals.exits.add_points(path, series_, out);
    });
    totals_.sweep();
    series_.sweep();
    return {};
  }

 private:
  template <class Probe>
  void take_counts(Probe& probe, std::uint64_t ProcessTotals::*total) {
    probe.slots.visit(context_.cgroups, [&](std::string_view path, process_count& slot) {
      const auto count = bpf::take(slot.count);
      totals_.of(path).*total += count;
      context_.cgroups.events().add(EventKind::kProcess, path, count);
    });
    probe.slots.recycle(context_.cgroups);
  }

  void take_exits() {
    auto& slots = exit_->groups.slots;
    slots.visit(context_.cgroups, [this](std::string_view path, process_exits& slot) {
      auto& totals = totals_.of(path);
      const auto ended = bpf::take(slot.lifetime, totals.lifetime, kLifetimeRange);
      context_.cgroups.events().add(EventKind::kProcess, path, ended);
      totals.exits.add_unknown(bpf::take(slot.status_lost));
    });
    exit_->statuses.visit([&](std::uint32_t slot, std::uint32_t status, std::uint64_t count) {
      const auto path = slots.names().name(slot, context_.cgroups);
      if (path.empty()) return false;
      totals_.of(path).exits.add(status, count);
      return true;
    });
    slots.recycle(context_.cgroups);
  }

  CollectorContext context_;
  SeriesTable series_;
  std::array<Coverage, 3> coverage_{Coverage{.signal = "process.starts"},
                                    Coverage{.signal = "process.execs"},
                                    Coverage{.signal = "process.exits"}};
  std::optional<ForkProbe> fork_;
  std::optional<ExecProbe> exec_;
  std::optional<ExitProbe> exit_;
  bpf::GroupTotals<ProcessTotals> totals_;
};

}  // namespace

std::unique_ptr<Collector> make(const CollectorContext& context) {
  return std::make_unique<ProcessCollector>(context);
}

}  // namespace plumbline::process
