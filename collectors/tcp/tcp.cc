// SPDX-License-Identifier: Apache-2.0
#include "collectors/tcp/tcp.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "collectors/tcp/signals.h"

namespace plumbline::tcp {
namespace {

constexpr std::array<std::string_view, TCP_RETRANSMITS> kRetransmitTypes{
    "timeout", "fast", "tail_loss_probe", "syn", "syn_ack", "other"};

bpf::LatencyRange range_of(std::uint32_t what) {
  return what == TCP_LATENCY_LIFETIME ? bpf::LatencyRange::kMilliseconds
                                      : bpf::LatencyRange::kMicroseconds;
}

AttributeValue attribute(std::string_view text) {
  return text.empty() ? AttributeValue{} : AttributeValue{text};
}

// The series of one counted thing.
const SeriesRef* count_series(std::uint32_t what,
                              std::int32_t detail,
                              AttributeValue group,
                              Reasons& reasons,
                              SeriesTable& series) {
  switch (what) {
    case TCP_COUNT_OPENED:
      return &series.get(kOpened, {group, detail == TCP_ROLE_CLIENT ? "client" : "server"});
    case TCP_COUNT_CONNECT_FAILED:
      return &series.get(kFailed, {group, failure_name(detail)});
    case TCP_COUNT_RETRANSMIT:
      return &series.get(kRetransmits, {group, retransmit_name(detail)});
    case TCP_COUNT_RESET_SENT:
      return &series.get(kResets, {group, "transmit", attribute(reasons.resets.of(detail))});
    case TCP_COUNT_RESET_RECEIVED:
      return &series.get(kResets, {group, "receive"});
    case TCP_COUNT_DROP:
      return &series.get(kDrops, {group, attribute(reasons.drops.of(detail))});
    default:
      return nullptr;
  }
}

}  // namespace

std::string_view failure_name(std::int32_t detail) {
  if (detail == TCP_FAILED_CANCELED) return "canceled";
  const char* name = ::strerrorname_np(detail);
  return name ? name : "_OTHER";
}

std::string_view retransmit_name(std::int32_t detail) {
  const auto at = static_cast<std::size_t>(detail);
  return at < kRetransmitTypes.size() ? kRetransmitTypes[at] : "other";
}

Names::Names(std::unordered_map<std::int64_t, std::string> enumerators, std::string_view prefix)
    : names_(std::move(enumerators)) {
  for (auto& [value, name] : names_) {
    if (name.starts_with(prefix)) name.erase(0, prefix.size());
  }
}

std::string_view Names::of(std::int32_t value) {
  if (value == TCP_NO_REASON) return {};
  auto& name = names_[value];
  if (name.empty()) name = fmt::format("reason {:#x}", static_cast<std::uint32_t>(value));
  return name;
}

std::array<ExpHistogram, TCP_LATENCIES> Totals::make_histograms() {
  std::array<ExpHistogram, TCP_LATENCIES> histograms;
  for (std::uint32_t what = 0; what < TCP_LATENCIES; ++what) {
    histograms[what] = bpf::make_latency_histogram(range_of(what));
  }
  return histograms;
}

std::uint32_t Totals::add(const tcp_count_key& key, std::uint64_t now, std::string_view group) {
  auto& seen = counts_.of(key);
  gained_ = now - seen.value;
  totals_.of(group).counts[{key.what, key.detail}] += gained_;
  seen.idle = now == seen.value ? seen.idle + 1 : 0;
  seen.value = now;
  return seen.idle;
}

std::uint32_t Totals::add(const tcp_latency_key& key,
                          const latency_histogram& now,
                          std::string_view group) {
  auto& total = totals_.of(group);
  gained_ = 0;
  if (key.what >= TCP_LATENCIES) return 0;
  auto& seen = latencies_.of(key);
  gained_ = bpf::advance(now, seen.value, total.latencies[key.what], range_of(key.what));
  seen.idle = gained_ > 0 ? 0 : seen.idle + 1;
  return seen.idle;
}

std::uint32_t Totals::add(std::uint64_t cgroup,
                          const tcp_group& now,
                          std::uint64_t walk,
                          std::string_view group) {
  gained_ = 0;
  auto& seen = groups_.of(cgroup);
  auto& total = totals_.of(group);
  if (total.read != read_) {
    total.read = read_;
    total.present = {};
  }
  total.has_connections = true;
  total.sent += now.sent - seen.value.sent;
  total.received += now.received - seen.value.received;
  total.limited += now.limited - seen.value.limited;
  walked_ = walked_ || walk > 0;
  if (walk > 0 && now.walk == walk) {
    auto& present = total.present;
    present.connections += now.connections;
    present.receive_queue += now.receive_queue;
    present.send_queue += now.send_queue;
    present.peer_full += now.peer_full;
    present.full += now.full;
    present.unaccepted_ns = std::max(present.unaccepted_ns, now.unaccepted_ns);
  }
  const bool moved =
      now.sent != seen.value.sent || now.received != seen.value.received || now.walk == walk;
  seen.idle = moved ? 0 : seen.idle + 1;
  seen.value = now;
  return seen.idle;
}

void Totals::emit(Reasons& reasons, SeriesTable& series, Batch& out) const {
  totals_.each([&](std::string_view path, const Group& total) {
    const auto group = attribute(path);
    const auto add = [&](const SeriesRef& one, std::uint32_t what) {
      out.add(one, total.latencies[what].view());
    };
    const auto has = [&](std::uint32_t what) { return total.latencies[what].view().count > 0; };
    if (has(TCP_LATENCY_RTT)) add(series.get(kRtt, {group}), TCP_LATENCY_RTT);
    if (has(TCP_LATENCY_JITTER)) add(series.get(kJitter, {group}), TCP_LATENCY_JITTER);
    if (has(TCP_LATENCY_HANDSHAKE_CLIENT)) {
      add(series.get(kHandshake, {group, "client"}), TCP_LATENCY_HANDSHAKE_CLIENT);
    }
    if (has(TCP_LATENCY_HANDSHAKE_SERVER)) {
      add(series.get(kHandshake, {group, "server"}), TCP_LATENCY_HANDSHAKE_SERVER);
    }
    if (has(TCP_LATENCY_LIFETIME)) add(series.get(kLifetime, {group}), TCP_LATENCY_LIFETIME);
    if (has(TCP_LATENCY_READ_WAIT)) add(series.get(kReadWait, {group}), TCP_LATENCY_READ_WAIT);
    if (has(TCP_LATENCY_ACCEPT_WAIT)) {
      add(series.get(kAcceptWait, {group}), TCP_LATENCY_ACCEPT_WAIT);
    }
    for (const auto& [key, count] : total.counts) {
      if (const auto* one = count_series(key.first, key.second, group, reasons, series)) {
        out.add(*one, count);
      }
    }
    if (total.has_connections) emit_connections(total, group, series, out);
  });
}

void Totals::emit_connections(const Group& total,
                              AttributeValue group,
                              SeriesTable& series,
                              Batch& out) const {
  const auto add = [&](const SeriesRef& one, std::uint64_t value) { out.add(one, value); };
  const auto seconds = [](std::chrono::duration<double> time) { return time.count(); };
  const auto& present = total.present;
  add(series.get(kIo, {group, "transmit"}), total.sent);
  add(series.get(kIo, {group, "receive"}), total.received);
  out.add(series.get(kReceiverLimited, {group}), seconds(tick_ * total.limited));
  if (!walked_) return;  // what they are doing now is not known
  add(series.get(kOpen, {group}), present.connections);
  add(series.get(kReceiveQueue, {group}), present.receive_queue);
  add(series.get(kSendQueue, {group}), present.send_queue);
  add(series.get(kZeroWindows, {group, "transmit"}), present.peer_full);
  add(series.get(kZeroWindows, {group, "receive"}), present.full);
  if (total.counts.contains({TCP_COUNT_OPENED, TCP_ROLE_SERVER})) {
    out.add(series.get(kBacklogAge, {group}),
            seconds(std::chrono::nanoseconds(present.unaccepted_ns)));
  }
}

void Totals::sweep() {
  counts_.sweep();
  latencies_.sweep();
  groups_.sweep();
  totals_.sweep();
  ++read_;
}

Listeners::Port& Listeners::of(std::string_view group, std::uint32_t port) {
  auto found = ports_.find(std::pair(group, port));
  if (found != ports_.end()) return found->second;
  if (ports_.size() >= kMost) return ports_[{std::string(), 0}];
  return ports_[{std::string(group), port}];
}

void Listeners::add(std::uint64_t address, const tcp_listener& now, std::string_view group) {
  auto& port = of(group, now.port);
  auto& seen = drops_.of(address);
  const auto drops = now.drops - now.drops_before;  // right across a wrap
  port.drops += drops - seen.value;
  seen.value = drops;
  if (port.read != read_) {
    port.read = read_;
    port.backlog = port.limit = 0;
  }
  if (now.closed != 0) return;
  port.backlog += now.backlog;
  port.limit += now.limit;
}

void Listeners::emit(SeriesTable& series, Batch& out) const {
  for (const auto& [key, port] : ports_) {
    const auto group = attribute(key.first);
    const AttributeValue number = std::int64_t{key.second};
    out.add(series.get(kListenDrops, {group, number}), port.drops);
    out.add(series.get(kListenBacklog, {group, number}), port.backlog);
    out.add(series.get(kListenLimit, {group, number}), port.limit);
  }
}

void Listeners::sweep() {
  drops_.sweep();
  std::erase_if(ports_,
                [this](const auto& pair) { return read_ - pair.second.read >= kIdleReads; });
  ++read_;
}

}  // namespace plumbline::tcp
