// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "agent/core/result.h"
#include "collectors/bpf/hash_table.h"
#include "collectors/bpf/hooks.h"
#include "collectors/collector.h"
#include "collectors/tcp/tcp.h"

namespace plumbline::tcp {

// What the programs count in, whichever of them are there.
struct Tables {
  bpf::HashTable<tcp_count_key, std::uint64_t> counts;
  bpf::HashTable<tcp_latency_key, latency_histogram> latencies;
  bpf::HashTable<std::uint64_t, tcp_group> groups;
  bpf::HashTable<std::uint64_t, tcp_listener> listeners;
};

// The kernel side: one object for each group of hooks, all counting in the same tables, so that a
// refused hook takes one signal away.
class Probes {
 public:
  // Loads what this machine allows and says so in the coverage.
  explicit Probes(const CollectorContext& context);
  ~Probes();
  Probes(const Probes&) = delete;
  Probes& operator=(const Probes&) = delete;
  Probes(Probes&&) = delete;
  Probes& operator=(Probes&&) = delete;

  std::span<const Coverage> coverage() const { return coverage_; }
  Tables& tables() { return tables_; }
  Reasons& reasons() { return reasons_; }

  // Whether there are connections to walk over.
  bool can_walk() const;
  // Looks at every living connection and listener; returns the number of this walk, from 1 on.
  Result<std::uint64_t> walk();

  // By enum tcp_loss.
  std::array<std::uint64_t, TCP_LOSSES> losses() const;

 private:
  struct Objects;
  enum Signal : std::size_t {  // index into coverage_
    kSignalConnections,
    kSignalRoundTrips,
    kSignalBytes,
    kSignalListeners,
    kSignalCgroups,
    kSignalRetransmits,
    kSignalResets,
    kSignalDrops,
    kSignalReadWait,
    kSignalAcceptWait,
    kSignalWindows,
    kSignals,
  };

  void load_state(const bpf::Hooks& hooks, const CollectorContext& context);
  Result<> start_walks();
  void describe_groups(const CgroupIndex& cgroups);
  void load_retransmit(const bpf::Hooks& hooks, const CollectorContext& context);
  void load_reset(const bpf::Hooks& hooks, const CollectorContext& context);
  void load_drop(const bpf::Hooks& hooks, const CollectorContext& context);
  void load_read_wait(const bpf::Hooks& hooks, const CollectorContext& context);
  void load_accept_wait(const bpf::Hooks& hooks, const CollectorContext& context);

  std::array<Coverage, kSignals> coverage_;
  std::unique_ptr<Objects> objects_;
  Tables tables_;
  Reasons reasons_;
  std::uint64_t walks_ = 0;
};

}  // namespace plumbline::tcp
