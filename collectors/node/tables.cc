// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/tables.h"

#include <algorithm>

#include "collectors/node/kernel_signals.h"
#include "collectors/node/text.h"

namespace plumbline::node {
namespace {

// Those that tell of trouble; found and the search counters say nothing to an operator.
constexpr std::array<std::string_view, 6> kEvents{
    "invalid", "insert_failed", "drop", "early_drop", "icmp_error", "search_restart"};

class Conntrack final : public Topic {
 public:
  explicit Conntrack(const std::filesystem::path& proc)
      : Topic("node.conntrack", "connection tracking is not in use (module nf_conntrack)"),
        count_(file(proc / "sys/net/netfilter/nf_conntrack_count")),
        limit_(file(proc / "sys/net/netfilter/nf_conntrack_max")),
        events_(file(proc / "net/stat/nf_conntrack")) {}

  void collect(Tick& tick) override {
    if (auto text = count_.read(tick.buffer)) {
      tick.out.add(tick.series.get(kConntrack), take_number(*text));
    }
    if (auto text = limit_.read(tick.buffer)) {
      tick.out.add(tick.series.get(kConntrackLimit), take_number(*text));
    }
    const auto text = events_.read(tick.buffer);
    if (!text) return;
    const auto table = parse_stat_table(*text);
    for (std::size_t i = 0; i < table.columns; ++i) {
      const auto event = std::ranges::find(kEvents, table.names[i]);
      if (event == kEvents.end()) continue;
      tick.out.add(tick.series.get(kConntrackEvents, {*event}), table.sums[i]);
    }
  }

 private:
  TextFile& count_;
  TextFile& limit_;
  TextFile& events_;
};

class Arp final : public Topic {
 public:
  explicit Arp(const std::filesystem::path& proc)
      : Topic("node.arp"), table_(file(proc / "net/stat/arp_cache")) {}

  void collect(Tick& tick) override {
    const auto text = table_.read(tick.buffer);
    if (!text) return;
    const auto table = parse_stat_table(*text);
    for (std::size_t i = 0; i < table.columns; ++i) {
      if (table.names[i] == "entries") {
        tick.out.add(tick.series.get(kArpEntries), table.firsts[i]);
      } else if (table.names[i] == "table_fulls") {
        tick.out.add(tick.series.get(kArpTableFull), table.sums[i]);
      }
    }
  }

 private:
  TextFile& table_;
};

}  // namespace

StatTable parse_stat_table(std::string_view text) {
  StatTable out;
  auto header = take_line(text);
  while (out.columns < StatTable::kMaxColumns) {
    const auto name = take_word(header);
    if (name.empty()) break;
    out.names[out.columns++] = name;
  }
  out.sums.fill(kAbsent);
  out.firsts.fill(kAbsent);
  for (bool first = true; !text.empty(); first = false) {
    auto line = take_line(text);
    for (std::size_t i = 0; i < out.columns; ++i) {
      const auto value = to_hex_number(take_word(line));
      if (first) out.firsts[i] = value;
      out.sums[i] = first ? value : out.sums[i] + value;
    }
  }
  return out;
}

std::unique_ptr<Topic> make_conntrack(const std::filesystem::path& proc) {
  return std::make_unique<Conntrack>(proc);
}

std::unique_ptr<Topic> make_arp(const std::filesystem::path& proc) {
  return std::make_unique<Arp>(proc);
}

}  // namespace plumbline::node
