// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/network.h"

#include "collectors/node/network_signals.h"

namespace plumbline::node {
namespace {

class Network final : public Topic {
 public:
  explicit Network(const std::filesystem::path& proc)
      : Topic("node.network"), dev_(file(proc / "net/dev")) {}

  void collect(Tick& tick) override {
    auto text = dev_.read(tick.buffer);
    if (!text) return;
    while (const auto interface = take_interface(*text)) report(tick, *interface);
  }

 private:
  static void report(Tick& tick, const InterfaceStats& interface) {
    const auto both = [&](const MetricSpec& metric,
                          InterfaceStats::Field in,
                          InterfaceStats::Field out) {
      tick.out.add(tick.series.get(metric, {interface.name, "receive"}), interface.fields[in]);
      tick.out.add(tick.series.get(metric, {interface.name, "transmit"}), interface.fields[out]);
    };
    const auto single = [&](const MetricSpec& metric, InterfaceStats::Field field) {
      tick.out.add(tick.series.get(metric, {interface.name}), interface.fields[field]);
    };
    both(kNetworkIo, InterfaceStats::kBytesIn, InterfaceStats::kBytesOut);
    both(kNetworkPackets, InterfaceStats::kPacketsIn, InterfaceStats::kPacketsOut);
    both(kNetworkErrors, InterfaceStats::kErrorsIn, InterfaceStats::kErrorsOut);
    both(kNetworkDropped, InterfaceStats::kDroppedIn, InterfaceStats::kDroppedOut);
    both(kNetworkFifo, InterfaceStats::kFifoIn, InterfaceStats::kFifoOut);
    single(kNetworkFrame, InterfaceStats::kFrame);
    single(kNetworkMulticast, InterfaceStats::kMulticast);
    single(kNetworkCollisions, InterfaceStats::kCollisions);
    single(kNetworkCarrier, InterfaceStats::kCarrier);
  }

  TextFile& dev_;
};

}  // namespace

std::optional<InterfaceStats> take_interface(std::string_view& text) {
  while (!text.empty()) {
    auto line = take_line(text);
    // The name ends at the last colon: aliases have one inside ("eth0:1").
    const auto colon = line.rfind(':');
    if (colon == std::string_view::npos) continue;
    auto label = line.substr(0, colon);
    InterfaceStats out{.name = take_word(label)};
    if (out.name.empty()) continue;
    line.remove_prefix(colon + 1);
    for (auto& field : out.fields) field = take_number(line);
    return out;
  }
  return std::nullopt;
}

std::unique_ptr<Topic> make_network(const std::filesystem::path& proc) {
  return std::make_unique<Network>(proc);
}

}  // namespace plumbline::node
