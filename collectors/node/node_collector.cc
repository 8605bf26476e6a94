// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/node_collector.h"

#include <algorithm>
#include <vector>

#include "collectors/node/cgroup_groups.h"
#include "collectors/node/clock_state.h"
#include "collectors/node/cpu.h"
#include "collectors/node/disk.h"
#include "collectors/node/limits.h"
#include "collectors/node/load.h"
#include "collectors/node/memory.h"
#include "collectors/node/netstat.h"
#include "collectors/node/network.h"
#include "collectors/node/pressure.h"
#include "collectors/node/schedstat.h"
#include "collectors/node/signals.h"
#include "collectors/node/sockets.h"
#include "collectors/node/softnet.h"
#include "collectors/node/tables.h"
#include "collectors/node/vmstat.h"

namespace plumbline::node {
namespace {

class Node final : public Collector {
 public:
  explicit Node(const CollectorContext& context)
      : context_(context), boot_(boot_time(context.clock)), series_(boot_) {}

  const CollectorInfo& info() const noexcept override { return kNodeInfo; }

  Result<> open() override {
    const auto& proc = context_.proc;
    topics_.push_back(make_cpu(proc));
    topics_.push_back(make_schedstat(proc));
    topics_.push_back(make_load(proc));
    topics_.push_back(make_limits(proc));
    topics_.push_back(make_clock_state());
    topics_.push_back(make_memory(proc));
    topics_.push_back(make_vmstat(proc));
    topics_.push_back(make_pressure(proc));
    topics_.push_back(make_disk(proc, context_.sys, device_names_));
    topics_.push_back(make_network(proc));
    topics_.push_back(make_softnet(proc));
    topics_.push_back(make_sockets(proc));
    topics_.push_back(make_netstat(proc));
    topics_.push_back(make_conntrack(proc));
    topics_.push_back(make_arp(proc));
    topics_.push_back(make_cgroups(context_.cgroups, device_names_, boot_));
    // The first reading says what this machine offers.
    Batch probe;
    read_all(probe);
    for (const auto& topic : topics_) coverage_.push_back(topic->coverage());
    const bool nothing = std::ranges::all_of(coverage_, [](const Coverage& signal) {
      return signal.state == SignalState::kUnavailable || signal.signal == "node.clock";
    });
    if (nothing) {
      return Error{Errc::kUnavailable, "nothing can be read below " + proc.string()};
    }
    return {};
  }

  std::span<const Coverage> coverage() const override { return coverage_; }

  Result<> collect(Clock::Steady /*deadline*/, Batch& out) override {
    read_all(out);
    for (std::size_t i = 0; i < topics_.size(); ++i) {
      if (topics_[i]->state() != coverage_[i].state) coverage_[i] = topics_[i]->coverage();
    }
    return {};
  }

 private:
  void read_all(Batch& out) {
    Tick tick{.out = out, .series = series_, .buffer = buffer_, .clock = context_.clock};
    for (const auto& topic : topics_) topic->collect(tick);
    series_.sweep();
  }

  CollectorContext context_;
  UnixNanos boot_;
  SeriesTable series_;
  ReadBuffer buffer_;
  DeviceNames device_names_;
  std::vector<std::unique_ptr<Topic>> topics_;
  std::vector<Coverage> coverage_;
};

}  // namespace

std::unique_ptr<Collector> make_node(const CollectorContext& context) {
  return std::make_unique<Node>(context);
}

}  // namespace plumbline::node
