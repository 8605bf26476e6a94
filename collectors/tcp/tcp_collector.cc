// SPDX-License-Identifier: Apache-2.0
#include "collectors/tcp/tcp_collector.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <optional>
#include <vector>

#include "agent/identity/cgroups.h"
#include "collectors/bpf/group_namer.h"
#include "collectors/tcp/signals.h"
#include "collectors/tcp/tcp.h"
#include "collectors/tcp/tcp_probes.h"

namespace plumbline::tcp {
namespace {

using namespace std::chrono_literals;

// A walk may take a thousandth of the time: it is made every second until it costs a millisecond,
// some 3,000 connections, and then less often.
constexpr auto kWalkShare = 1000;
constexpr Clock::Steady::duration kShortestPause = 900ms;
constexpr Clock::Steady::duration kLongestPause = 60s;

constexpr std::array<std::string_view, TCP_LOSSES> kLosses{
    "connection", "listener", "count", "latency", "group"};

// One tick of the kernel's timer: what the clocks that it moves are exact to.
std::chrono::nanoseconds kernel_tick() {
  timespec tick{};
  ::clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
  return std::chrono::seconds(tick.tv_sec) + std::chrono::nanoseconds(tick.tv_nsec);
}

class TcpCollector final : public Collector {
 public:
  explicit TcpCollector(const CollectorContext& context)
      : context_(context), series_(context.clock.wall()) {}

  const CollectorInfo& info() const noexcept override { return kInfo; }

  Result<> open() override {
    series_ = SeriesTable(context_.clock.wall());
    probes_.emplace(context_);
    return {};
  }

  std::span<const Coverage> coverage() const override {
    return probes_ ? probes_->coverage() : std::span<const Coverage>();
  }

  Result<> collect(Clock::Steady /*deadline*/, Batch& out) override {
    context_.cgroups.refresh();
    TRY(walk());
    TRY(read_tables());
    totals_.emit(probes_->reasons(), series_, out);
    if (probes_->can_walk()) listeners_.emit(series_, out);
    const auto losses = probes_->losses();
    for (std::size_t i = 0; i < losses.size(); ++i) {
      out.add(series_.get(kLost, {kLosses[i]}), losses[i]);
    }
    totals_.sweep();
    listeners_.sweep();
    names_.sweep();
    series_.sweep();
    return {};
  }

 private:
  Result<> walk() {
    const auto begin = context_.clock.steady();
    if (!probes_->can_walk() || begin < next_walk_) return {};
    const auto number = probes_->walk();
    if (!number) return number.error();
    walk_ = *number;
    const auto end = context_.clock.steady();
    next_walk_ = end + std::clamp((end - begin) * kWalkShare, kShortestPause, kLongestPause);
    return {};
  }

  // Reads one table into the totals and takes out what idle, removed groups left in it. `add(key,
  // value, group)` tells for how many reads the entry has not changed.
  template <class Key, class Value, class GroupOf, class Add>
  Result<> read(bpf::HashTable<Key, Value>& table, GroupOf&& group_of, Add&& add) {
    std::vector<Key> idle;
    const auto take = [&](const Key& key, const Value& value) {
      const auto group = names_.of(group_of(key), context_.cgroups);
      if (!group) return std::uint32_t{0};
      const auto idle_reads = add(key, value, *group);
      context_.cgroups.events().add(EventKind::kSocket, *group, totals_.gained());
      return idle_reads;
    };
    TRY(table.each([&](const Key& key, const Value& value) {
      const auto idle_reads = take(key, value);
      if (names_.may_leave(group_of(key), idle_reads, context_.cgroups)) idle.push_back(key);
    }));
    for (const auto& key : idle) {
      Value last{};
      if (table.remove(key, last)) take(key, last);
    }
    return {};
  }

  Result<> read_tables() {
    auto& tables = probes_->tables();
    const auto group_of = [](const auto& key) { return key.cgroup; };
    const auto add = [this](const auto& key, const auto& now, std::string_view group) {
      return totals_.add(key, now, group);
    };
    TRY(read(tables.counts, group_of, add));
    TRY(read(tables.latencies, group_of, add));
    TRY(read(
        tables.groups,
        [](std::uint64_t cgroup) { return cgroup; },
        [this](std::uint64_t cgroup, const tcp_group& now, std::string_view group) {
          return totals_.add(cgroup, now, walk_, group);
        }));
    return read_listeners(tables.listeners);
  }

  Result<> read_listeners(bpf::HashTable<std::uint64_t, tcp_listener>& table) {
    std::vector<std::uint64_t> closed;
    TRY(table.each([&](std::uint64_t address, const tcp_listener& now) {
      const auto group = names_.of(now.cgroup, context_.cgroups);
      if (!group) return;
      listeners_.add(address, now, *group);
      if (now.closed != 0) closed.push_back(address);
    }));
    for (const auto address : closed) table.remove(address);
    return {};
  }

  CollectorContext context_;
  SeriesTable series_;
  std::optional<Probes> probes_;
  bpf::GroupNamer names_;
  Totals totals_{kernel_tick()};
  Listeners listeners_;
  std::uint64_t walk_ = 0;
  Clock::Steady next_walk_{};
};

}  // namespace

std::unique_ptr<Collector> make(const CollectorContext& context) {
  return std::make_unique<TcpCollector>(context);
}

}  // namespace plumbline::tcp
