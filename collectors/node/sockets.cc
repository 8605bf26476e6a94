// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/sockets.h"

#include <unistd.h>

#include "collectors/node/socket_signals.h"

namespace plumbline::node {
namespace {

constexpr auto kSockstat = field_table(std::to_array<Field>({
    {.key = "sockets:used", .metric = &kSocketsUsed},
    {.key = "TCP:inuse", .metric = &kSockets, .first = "tcp", .second = "ipv4"},
    {.key = "TCP:orphan", .metric = &kSocketsOrphaned},
    {.key = "TCP:alloc", .metric = &kSocketsAllocated},
    {.key = "TCP:mem", .metric = nullptr},
    {.key = "TCP:tw", .metric = nullptr},
    {.key = "UDP:inuse", .metric = &kSockets, .first = "udp", .second = "ipv4"},
    {.key = "UDP:mem", .metric = nullptr},
    {.key = "UDPLITE:inuse", .metric = &kSockets, .first = "udplite", .second = "ipv4"},
    {.key = "RAW:inuse", .metric = &kSockets, .first = "raw", .second = "ipv4"},
    {.key = "FRAG:inuse", .metric = &kSockets, .first = "frag", .second = "ipv4"},
    {.key = "FRAG:memory", .metric = &kSocketMemory, .first = "frag", .second = "ipv4"},
    {.key = "TCP6:inuse", .metric = &kSockets, .first = "tcp", .second = "ipv6"},
    {.key = "UDP6:inuse", .metric = &kSockets, .first = "udp", .second = "ipv6"},
    {.key = "UDPLITE6:inuse", .metric = &kSockets, .first = "udplite", .second = "ipv6"},
    {.key = "RAW6:inuse", .metric = &kSockets, .first = "raw", .second = "ipv6"},
    {.key = "FRAG6:inuse", .metric = &kSockets, .first = "frag", .second = "ipv6"},
    {.key = "FRAG6:memory", .metric = &kSocketMemory, .first = "frag", .second = "ipv6"},
}));

class Sockets final : public Topic {
 public:
  explicit Sockets(const std::filesystem::path& proc)
      : Topic("node.sockets"),
        sockstat_(file(proc / "net/sockstat")),
        sockstat6_(file(proc / "net/sockstat6")),
        page_bytes_(static_cast<double>(::sysconf(_SC_PAGESIZE))),
        values_(make_sockstat_values()) {}

  void collect(Tick& tick) override {
    values_.clear();
    if (const auto text = sockstat_.read(tick.buffer)) parse_pairs(*text, values_);
    if (const auto text = sockstat6_.read(tick.buffer)) parse_pairs(*text, values_);
    values_.report(tick);
    // TCP and UDP memory is counted for IPv4 and IPv6 together, in pages.
    tick.out.add(tick.series.get(kSocketMemory, {"tcp"}), values_.get("TCP:mem") * page_bytes_);
    tick.out.add(tick.series.get(kSocketMemory, {"udp"}), values_.get("UDP:mem") * page_bytes_);
    tick.out.add(tick.series.get(kConnections, {std::monostate{}, "time_wait", "tcp"}),
                 values_.get("TCP:tw"));
  }

 private:
  TextFile& sockstat_;
  TextFile& sockstat6_;
  double page_bytes_;
  FieldValues values_;
};

}  // namespace

FieldValues make_sockstat_values() {
  return FieldValues(kSockstat);
}

std::unique_ptr<Topic> make_sockets(const std::filesystem::path& proc) {
  return std::make_unique<Sockets>(proc);
}

}  // namespace plumbline::node
