// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "agent/core/batch.h"
#include "agent/core/histogram.h"
#include "agent/core/series.h"
#include "collectors/bpf/group_totals.h"
#include "collectors/bpf/last_seen.h"
#include "collectors/bpf/latency.h"
#include "collectors/tcp/tcp_events.h"

namespace plumbline::tcp {

// The names of a kernel enum by value, from the kernel's own type information.
class Names {
 public:
  Names() = default;
  // `prefix` is what all names begin with and is left out: "SKB_DROP_REASON_".
  Names(std::unordered_map<std::int64_t, std::string> enumerators, std::string_view prefix);

  // The number itself when it has no name; empty for TCP_NO_REASON.
  std::string_view of(std::int32_t value);

 private:
  std::unordered_map<std::int64_t, std::string> names_;
};

struct Reasons {
  Names resets;  // enum sk_rst_reason
  Names drops;   // enum skb_drop_reason
};

// The error.type of a failed connect(): "ECONNREFUSED", "canceled".
std::string_view failure_name(std::int32_t detail);
std::string_view retransmit_name(std::int32_t detail);

// From what the kernel's tables show at each read to cumulative values by cgroup path. Each add()
// takes one entry as it is now and tells for how many reads it has not changed.
class Totals {
 public:
  // `tick`: of the kernel's timer, in which it counts how long a peer had no room.
  explicit Totals(std::chrono::nanoseconds tick) : tick_(tick) {}

  // `group` is empty when it is not known.
  std::uint32_t add(const tcp_count_key& key, std::uint64_t now, std::string_view group);
  std::uint32_t add(const tcp_latency_key& key,
                    const latency_histogram& now,
                    std::string_view group);
  // `walk`: the number of the last walk; sums of an older one are those of a group that has no
  // connection any more. 0: there are no walks.
  std::uint32_t add(std::uint64_t cgroup,
                    const tcp_group& now,
                    std::uint64_t walk,
                    std::string_view group);

  // How many events the last add() found new.
  std::uint64_t gained() const { return gained_; }

  void emit(Reasons& reasons, SeriesTable& series, Batch& out) const;

  // Once after each read of all tables.
  void sweep();

 private:
  struct Group {
    std::array<ExpHistogram, TCP_LATENCIES> latencies = make_histograms();
    std::map<std::pair<std::uint32_t, std::int32_t>, std::uint64_t> counts;  // by what and detail
    bool has_connections = false;
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t limited = 0;  // ticks
    std::uint32_t read = 0;     // to which `present` belongs
    tcp_group present{};
  };

  static std::array<ExpHistogram, TCP_LATENCIES> make_histograms();
  void emit_connections(const Group& total,
                        AttributeValue group,
                        SeriesTable& series,
                        Batch& out) const;

  std::chrono::nanoseconds tick_;
  bool walked_ = false;
  std::uint64_t gained_ = 0;
  bpf::LastSeen<tcp_count_key, std::uint64_t> counts_;
  bpf::LastSeen<tcp_latency_key, latency_histogram> latencies_;
  bpf::LastSeen<std::uint64_t, tcp_group> groups_;
  bpf::GroupTotals<Group> totals_;
  std::uint32_t read_ = 1;
};

// Backlogs and drops of listening sockets, by cgroup path and port.
class Listeners {
 public:
  // A port that nobody listens on any more is shown for so many reads, then forgotten.
  static constexpr std::uint32_t kIdleReads = 60;
  // Distinct (cgroup, port) pairs told apart; what comes later counts as port 0.
  static constexpr std::size_t kMost = 512;

  void add(std::uint64_t address, const tcp_listener& now, std::string_view group);
  void emit(SeriesTable& series, Batch& out) const;
  // Once after each read of the whole table.
  void sweep();

 private:
  struct Port {
    std::uint64_t drops = 0;
    std::uint64_t backlog = 0;  // as of `read`
    std::uint64_t limit = 0;
    std::uint32_t read = 0;
  };
  struct Less {  // finds without making a string
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return std::pair<std::string_view, std::uint32_t>(a) <
             std::pair<std::string_view, std::uint32_t>(b);
    }
  };

  Port& of(std::string_view group, std::uint32_t port);

  bpf::LastSeen<std::uint64_t, std::uint32_t> drops_;  // by socket
  std::map<std::pair<std::string, std::uint32_t>, Port, Less> ports_;
  std::uint32_t read_ = 1;
};

}  // namespace plumbline::tcp
