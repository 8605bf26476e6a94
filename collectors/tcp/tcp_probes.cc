// SPDX-License-Identifier: Apache-2.0
#include "collectors/tcp/tcp_probes.h"

#include <unistd.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "agent/config/config.h"
#include "agent/core/fd.h"
#include "agent/identity/cgroups.h"
#include "collectors/bpf/group_slots.h"
#include "collectors/bpf/hooks.h"
#include "collectors/bpf/latency.h"
#include "collectors/bpf/object.h"

#include "bpf/tcp_accept.skel.h"
#include "bpf/tcp_drop.skel.h"
#include "bpf/tcp_read_wait.skel.h"
#include "bpf/tcp_reset.skel.h"
#include "bpf/tcp_retransmit.skel.h"
#include "bpf/tcp_state.skel.h"

namespace plumbline::tcp {
namespace {

constexpr std::string_view kWalk = "walk over the living connections, tp_btf/inet_sock_set_state";

struct FreeLink {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};
using Link = std::unique_ptr<bpf_link, FreeLink>;

// The tables that several objects declare, by name, from the first that was loaded.
class SharedTables {
 public:
  Result<> lend(const bpf_object& object) const {
    bpf_map* map = nullptr;
    bpf_object__for_each_map(map, &object) {
      const auto known = tables_.find(bpf_map__name(map));
      if (known == tables_.end()) continue;
      if (const int error = bpf_map__reuse_fd(map, bpf_map__fd(known->second)); error != 0) {
        return errno_error(-error, std::string("cannot share BPF map ") + bpf_map__name(map));
      }
    }
    return {};
  }

  // `object` is loaded, and lives as long as this.
  void keep(const bpf_object& object) {
    const bpf_map* map = nullptr;
    bpf_object__for_each_map(map, &object) {
      if (!bpf_map__is_internal(map)) tables_.emplace(bpf_map__name(map), map);
    }
  }

  const bpf_map* find(std::string_view name) const {
    const auto found = tables_.find(name);
    return found == tables_.end() ? nullptr : found->second;
  }

  template <class Key, class Value>
  bpf::HashTable<Key, Value> table(std::string_view name) const {
    const auto* map = find(name);
    return map ? bpf::HashTable<Key, Value>(map) : bpf::HashTable<Key, Value>();
  }

 private:
  std::map<std::string, const bpf_map*, std::less<>> tables_;
};

// Runs an iterator's program over everything it iterates.
Result<> iterate(const bpf_link& link) {
  const Fd iterator(bpf_iter_create(bpf_link__fd(&link)));
  if (!iterator) return errno_error(errno, "cannot start a BPF iterator");
  std::array<char, 64> nothing{};
  for (;;) {
    const auto length = ::read(iterator.get(), nothing.data(), nothing.size());
    if (length == 0) return {};
    if (length < 0 && errno != EAGAIN && errno != EINTR) {
      return errno_error(errno, "a BPF iterator stopped");
    }
  }
}

Result<Link> attach_to_map(const bpf_program* program, const bpf_map* map) {
  bpf_iter_link_info info{};
  info.map.map_fd = static_cast<__u32>(bpf_map__fd(map));
  bpf_iter_attach_opts options{};
  options.sz = sizeof(options);
  options.link_info = &info;
  options.link_info_len = sizeof(info);
  const bpf::LibbpfMessages messages;
  Link link(bpf_program__attach_iter(program, &options));
  if (!link) return messages.error(errno, "cannot attach a BPF iterator");
  return link;
}

void unavailable(Coverage& coverage, std::string reason) {
  coverage.state = SignalState::kUnavailable;
  coverage.mechanism.clear();
  coverage.reason = std::move(reason);
}

}  // namespace

struct Probes::Objects {
  // Loads one object and lets it count in the shared tables. `prepare(object)` sets constants and
  // chooses among its programs.
  template <class S, class Prepare>
  Result<> load(std::optional<bpf::Object<S>>& into,
                const bpf::Hooks& hooks,
                const CgroupIndex& cgroups,
                Prepare&& prepare) {
    auto object = bpf::Object<S>::open(hooks);
    if (!object) return object.error();
    (*object)->rodata->group_hierarchy = bpf::group_hierarchy(cgroups);
    TRY(prepare(*object));
    TRY(shared.lend(object->object()));
    TRY(object->start());
    into.emplace(*std::move(object));
    shared.keep(into->object());
    return {};
  }

  SharedTables shared;
  std::optional<bpf::Object<tcp_state>> state;
  std::optional<bpf::Object<tcp_retransmit>> retransmit;
  std::optional<bpf::Object<tcp_reset>> reset;
  std::optional<bpf::Object<tcp_drop>> drop;
  std::optional<bpf::Object<tcp_read_wait>> read_wait;
  std::optional<bpf::Object<tcp_accept>> accept;
  Link connections_walk;
  Link listeners_walk;
};

Probes::Probes(const CollectorContext& context)
    : coverage_{Coverage{.signal = "tcp.connections", .mechanism = "tp_btf/inet_sock_set_state"},
                Coverage{.signal = "tcp.rtt", .mechanism = std::string(kWalk)},
                Coverage{.signal = "tcp.bytes", .mechanism = std::string(kWalk)},
                Coverage{.signal = "tcp.listeners", .mechanism = std::string(kWalk)},
                Coverage{.signal = "tcp.cgroup", .mechanism = "cgroup of the socket"},
                Coverage{.signal = "tcp.retransmits",
                         .mechanism = "tp_btf/tcp_retransmit_skb, tcp_retransmit_synack"},
                Coverage{.signal = "tcp.resets",
                         .mechanism = "tp_btf/tcp_send_reset, tcp_receive_reset"},
                Coverage{.signal = "tcp.drops", .mechanism = "tp_btf/kfree_skb"},
                Coverage{.signal = "tcp.read_wait",
                         .mechanism = "tp_btf/sk_data_ready, sock_recv_length"},
                Coverage{.signal = "tcp.accept_wait",
                         .mechanism = "tracepoint/syscalls/sys_exit_accept, sys_exit_accept4"},
                Coverage{.signal = "tcp.windows", .mechanism = std::string(kWalk)}},
      objects_(std::make_unique<Objects>()) {
  const bpf::Hooks hooks(context);
  load_state(hooks, context);
  load_retransmit(hooks, context);
  load_reset(hooks, context);
  load_drop(hooks, context);
  load_read_wait(hooks, context);
  load_accept_wait(hooks, context);
  const auto& shared = objects_->shared;
  tables_ = {.counts = shared.table<tcp_count_key, std::uint64_t>("tcp_counts"),
             .latencies = shared.table<tcp_latency_key, latency_histogram>("tcp_latencies"),
             .groups = shared.table<std::uint64_t, tcp_group>("tcp_groups"),
             .listeners = shared.table<std::uint64_t, tcp_listener>("tcp_listeners")};
}

Probes::~Probes() = default;

void Probes::load_state(const bpf::Hooks& hooks, const CollectorContext& context) {
  auto& objects = *objects_;
  auto no_walk = hooks.missing("iter/bpf_map_elem");
  if (!no_walk) no_walk = hooks.missing("iter/task_file");
  const auto loaded = objects.load(objects.state, hooks, context.cgroups, [&](auto& object) {
    object->rodata->latency = bpf::make_latency_tables();
    object->rodata->lifetime = bpf::make_latency_tables(bpf::LatencyRange::kMilliseconds);
    bpf_program__set_autoload(object->progs.tcp_seed, !no_walk);
    for (auto* walk : {object->progs.tcp_walk, object->progs.tcp_walk_listeners}) {
      bpf_program__set_autoload(walk, !no_walk);
      bpf_program__set_autoattach(walk, false);  // they are attached to a table, below
    }
    return Result<>();
  });
  if (!loaded) {
    for (const auto signal : {kSignalConnections,
                              kSignalRoundTrips,
                              kSignalBytes,
                              kSignalListeners,
                              kSignalCgroups,
                              kSignalWindows}) {
      unavailable(coverage_[signal], loaded.error().what);
    }
    return;
  }
  describe_groups(context.cgroups);
  const auto started =
      no_walk ? Result<>(Error{.code = Errc::kUnsupported, .what = *no_walk}) : start_walks();
  if (!started) {
    for (const auto signal : {kSignalRoundTrips, kSignalBytes}) {
      coverage_[signal].state = SignalState::kDegraded;
      coverage_[signal].mechanism = "tp_btf/inet_sock_set_state";
      coverage_[signal].reason = "known only when connections end: " + started.error().what;
    }
    for (const auto signal : {kSignalListeners, kSignalWindows}) {
      unavailable(coverage_[signal], started.error().what);
    }
  }
}

Result<> Probes::start_walks() {
  auto& state = *objects_->state;
  TRY(iterate(*state->links.tcp_seed));
  auto connections = attach_to_map(state->progs.tcp_walk, state->maps.tcp_connections);
  if (!connections) return connections.error();
  auto listeners = attach_to_map(state->progs.tcp_walk_listeners, state->maps.tcp_listeners);
  if (!listeners) return listeners.error();
  objects_->connections_walk = *std::move(connections);
  objects_->listeners_walk = *std::move(listeners);
  return {};
}

void Probes::describe_groups(const CgroupIndex& cgroups) {
  if (cgroups.ids_are_unified()) return;
  auto& coverage = coverage_[kSignalCgroups];
  coverage.state = SignalState::kDegraded;
  coverage.mechanism = "cgroup of the task that connects or listens";
  coverage.reason =
      "the groups of this machine are v1 groups, which sockets do not know: dropped packets and "
      "resets of unknown connections have no group";
}

void Probes::load_retransmit(const bpf::Hooks& hooks, const CollectorContext& context) {
  auto& objects = *objects_;
  const auto loaded =
      objects.load(objects.retransmit, hooks, context.cgroups, [](auto&) { return Result<>(); });
  if (!loaded) unavailable(coverage_[kSignalRetransmits], loaded.error().what);
}

void Probes::load_reset(const bpf::Hooks& hooks, const CollectorContext& context) {
  auto& objects = *objects_;
  auto& coverage = coverage_[kSignalResets];
  const auto loaded =
      objects.load(objects.reset, hooks, context.cgroups, [&](auto& object) -> Result<> {
        if (auto reason = hooks.missing("tp_btf/tcp_send_reset")) {
          return Error{.code = Errc::kUnsupported, .what = *std::move(reason)};
        }
        const bool has_reason = hooks.arguments("tcp_send_reset") >= 3;
        bpf_program__set_autoload(
            has_reason ? object->progs.tcp_reset_sent : object->progs.tcp_reset_sent_somehow, true);
        if (!has_reason) {
          coverage.state = SignalState::kDegraded;
          coverage.reason = "the kernel tells no reason for its resets; 6.10 and later do";
        }
        return {};
      });
  if (!loaded) unavailable(coverage, loaded.error().what);
  reasons_.resets = Names(hooks.enumerators("sk_rst_reason"), "SK_RST_REASON_");
}

void Probes::load_drop(const bpf::Hooks& hooks, const CollectorContext& context) {
  auto& objects = *objects_;
  auto& coverage = coverage_[kSignalDrops];
  const auto loaded =
      objects.load(objects.drop, hooks, context.cgroups, [&](auto& object) -> Result<> {
        auto reason = hooks.missing("tp_btf/kfree_skb");
        const auto arguments = hooks.arguments("kfree_skb");
        if (!reason && arguments < 3) reason = "the kernel tells no reason; 5.17 and later do";
        if (reason) return Error{.code = Errc::kUnsupported, .what = *std::move(reason)};
        const bool has_socket = arguments >= 4;
        bpf_program__set_autoload(
            has_socket ? object->progs.packet_dropped_for : object->progs.packet_dropped, true);
        if (!has_socket) {
          coverage.state = SignalState::kDegraded;
          coverage.reason = "no groups: the kernel tells the receiving socket since 6.11";
        }
        return {};
      });
  if (!loaded) unavailable(coverage, loaded.error().what);
  reasons_.drops = Names(hooks.enumerators("skb_drop_reason"), "SKB_DROP_REASON_");
}

void Probes::load_read_wait(const bpf::Hooks& hooks, const CollectorContext& context) {
  auto& coverage = coverage_[kSignalReadWait];
  if (!context.config.bpf.tcp_read_wait) {
    unavailable(coverage, "off, because it runs at every arrival and read: bpf.tcp_read_wait");
    return;
  }
  auto& objects = *objects_;
  const auto loaded = objects.load(objects.read_wait, hooks, context.cgroups, [](auto& object) {
    object->rodata->latency = bpf::make_latency_tables();
    return Result<>();
  });
  if (!loaded) unavailable(coverage, loaded.error().what);
}

void Probes::load_accept_wait(const bpf::Hooks& hooks, const CollectorContext& context) {
  auto& coverage = coverage_[kSignalAcceptWait];
  if (!context.config.bpf.tcp_accept_wait) {
    unavailable(coverage, "off, because it slows every system call down: bpf.tcp_accept_wait");
    return;
  }
  auto& objects = *objects_;
  if (!objects.state) {
    unavailable(coverage, "needs the signal tcp.connections, which knows when they began");
    return;
  }
  const auto loaded = objects.load(objects.accept, hooks, context.cgroups, [](auto& object) {
    object->rodata->latency = bpf::make_latency_tables();
    return Result<>();
  });
  if (!loaded) unavailable(coverage, loaded.error().what);
}

bool Probes::can_walk() const {
  return objects_->connections_walk && objects_->listeners_walk;
}

Result<std::uint64_t> Probes::walk() {
  (*objects_->state)->bss->tcp_walk_number = ++walks_;
  TRY(iterate(*objects_->connections_walk));
  TRY(iterate(*objects_->listeners_walk));
  return walks_;
}

std::array<std::uint64_t, TCP_LOSSES> Probes::losses() const {
  std::array<std::uint64_t, TCP_LOSSES> losses{};
  const auto* map = objects_->shared.find("tcp_losses");
  if (!map) return losses;
  for (std::uint32_t what = 0; what < losses.size(); ++what) {
    bpf_map_lookup_elem(bpf_map__fd(map), &what, &losses[what]);
  }
  return losses;
}

}  // namespace plumbline::tcp
