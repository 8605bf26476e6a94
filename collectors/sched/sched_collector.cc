// SPDX-License-Identifier: Apache-2.0
#include "collectors/sched/sched_collector.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "agent/config/config.h"
#include "agent/identity/cgroups.h"
#include "collectors/bpf/group_probe.h"
#include "collectors/bpf/group_totals.h"
#include "collectors/bpf/hooks.h"
#include "collectors/bpf/latency.h"
#include "collectors/bpf/pair_slots.h"
#include "collectors/sched/sched.h"
#include "collectors/sched/sched_events.h"
#include "collectors/sched/signals.h"

#include "bpf/sched_switch.skel.h"

namespace plumbline::sched {
namespace {

struct Probe {
  bpf::GroupProbe<sched_switch, sched_group> groups;
  bpf::PairSlots pairs;
};

Result<Probe> start_probe(const CollectorContext& context) {
  const bpf::Hooks hooks(context);
  if (!hooks.obstacle() && (!hooks.has_member("sched_info", "last_queued") ||
                            !hooks.has_member("sched_entity", "cfs_rq"))) {
    return Error{.code = Errc::kUnsupported,
                 .what =
                     "the kernel keeps no run-queue times: it needs CONFIG_SCHED_INFO and "
                     "CONFIG_FAIR_GROUP_SCHED"};
  }
  auto groups = bpf::GroupProbe<sched_switch, sched_group>::start(
      hooks, context, [](auto& object) { object->rodata->latency = bpf::make_latency_tables(); });
  if (!groups) return groups.error();
  auto pairs = bpf::MappedArray<pair_sum>::of(groups->object->maps.pair_sums);
  if (!pairs) return pairs.error();
  return Probe{*std::move(groups), bpf::PairSlots(*std::move(pairs))};
}

class SchedCollector final : public Collector {
 public:
  explicit SchedCollector(const CollectorContext& context)
      : context_(context), series_(context.clock.wall()) {}

  const CollectorInfo& info() const noexcept override { return kInfo; }

  Result<> open() override {
    auto probe = start_probe(context_);
    if (!probe) {
      coverage_[0].state = SignalState::kUnavailable;
      coverage_[0].reason = probe.error().what;
      return {};
    }
    series_ = SeriesTable(context_.clock.wall());
    probe_ = std::move(*probe);
    coverage_[0].mechanism = "tp_btf/sched_switch (sched_info)";
    return {};
  }

  std::span<const Coverage> coverage() const override { return coverage_; }

  Result<> collect(Clock::Steady /*deadline*/, Batch& out) override {
    if (!probe_) return {};
    context_.cgroups.refresh();
    auto& groups = probe_->groups.slots;
    groups.visit(context_.cgroups, [this](std::string_view path, sched_group& slot) {
      interference_.add(path, bpf::kOtherGroups, take(slot, totals_.of(path)));
    });
    take_pairs();
    groups.recycle(context_.cgroups);
    totals_.each([&](std::string_view path, const GroupTimes& times) {
      add_points(path, times, series_, out);
    });
    interference_.add_points(series_, out);
    if (totals_.sweep() > 0) {
      interference_.keep([this](std::string_view path) { return totals_.contains(path); });
    }
    series_.sweep();
    return {};
  }

 private:
  void take_pairs() {
    auto& names = probe_->groups.slots.names();
    probe_->pairs.visit(
        [&](std::uint32_t victim_slot, std::uint32_t culprit_slot, std::uint64_t ns) {
          const auto victim = names.name(victim_slot, context_.cgroups);
          const auto culprit = names.name(culprit_slot, context_.cgroups);
          if (victim.empty() || culprit.empty()) return false;
          interference_.add(victim, culprit, ns);
          return true;
        });
  }

  CollectorContext context_;
  SeriesTable series_;
  std::array<Coverage, 1> coverage_{Coverage{.signal = "sched.run_queue"}};
  std::optional<Probe> probe_;
  bpf::GroupTotals<GroupTimes> totals_;
  Interference interference_;
};

}  // namespace

std::unique_ptr<Collector> make(const CollectorContext& context) {
  return std::make_unique<SchedCollector>(context);
}

}  // namespace plumbline::sched
