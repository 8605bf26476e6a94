// SPDX-License-Identifier: Apache-2.0
#include "collectors/cgroups/cgroups_collector.h"

#include <array>
#include <memory>
#include <string_view>
#include <utility>

#include "agent/core/series.h"
#include "agent/identity/cgroups.h"
#include "collectors/cgroups/births.h"
#include "collectors/cgroups/signals.h"

namespace plumbline::cgroups {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(EventKind::kCount)> kKinds{
    "process", "socket", "block"};
constexpr std::array<std::string_view, EventTally::kOutcomes> kOwners{
    "named", "nobody", "unnamed", "earlier"};

class CgroupsCollector final : public Collector {
 public:
  explicit CgroupsCollector(const CollectorContext& context)
      : context_(context), series_(context.clock.wall()) {}

  const CollectorInfo& info() const noexcept override { return kInfo; }

  Result<> open() override {
    auto births = Births::start(context_);
    if (!births) {
      coverage_[0].state = SignalState::kDegraded;
      coverage_[0].mechanism = "a walk of the hierarchy, once a second";
      coverage_[0].reason =
          births.error().what + "; groups that are gone before a walk count as _other";
      return {};
    }
    series_ = SeriesTable(context_.clock.wall());
    births_ = *std::move(births);
    coverage_[0].mechanism = "tp_btf/cgroup_mkdir, tp_btf/cgroup_rmdir";
    return {};
  }

  std::span<const Coverage> coverage() const override { return coverage_; }

  Result<> collect(Clock::Steady /*deadline*/, Batch& out) override {
    if (births_) {
      context_.cgroups.set_feed(births_);
      context_.cgroups.refresh();
      const auto counts = births_->counts();
      out.add(series_.get(kChanges, {"made"}), counts.made);
      out.add(series_.get(kChanges, {"removed"}), counts.removed);
      out.add(series_.get(kChangesLost), counts.lost);
    }
    const auto& events = context_.cgroups.events();
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
      for (std::size_t owner = 0; owner < kOwners.size(); ++owner) {
        out.add(series_.get(kEvents, {kKinds[kind], kOwners[owner]}),
                events.of(static_cast<EventKind>(kind), static_cast<EventTally::Outcome>(owner)));
      }
    }
    series_.sweep();
    return {};
  }

 private:
  CollectorContext context_;
  SeriesTable series_;
  std::array<Coverage, 1> coverage_{Coverage{.signal = "cgroups.births"}};
  std::shared_ptr<Births> births_;
};

}  // namespace

std::unique_ptr<Collector> make(const CollectorContext& context) {
  return std::make_unique<CgroupsCollector>(context);
}

}  // namespace plumbline::cgroups
