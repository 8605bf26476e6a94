// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/netstat.h"

#include "collectors/node/ip_signals.h"
#include "collectors/node/socket_signals.h"
#include "collectors/node/tcp_signals.h"

namespace plumbline::node {
namespace {

constexpr double kMilli = 1e-3;
constexpr std::string_view kIn = "receive";
constexpr std::string_view kOut = "transmit";
constexpr std::string_view k4 = "ipv4";
constexpr std::string_view k6 = "ipv6";

constexpr auto kNetstat = field_table(std::to_array<Field>({
    {.key = "IpExt:InOctets", .metric = &kIpIo, .first = kIn, .second = k4},
    {.key = "IpExt:OutOctets", .metric = &kIpIo, .first = kOut, .second = k4},
    {.key = "Ip:InReceives", .metric = &kIpPackets, .first = kIn, .second = k4},
    {.key = "Ip:OutRequests", .metric = &kIpPackets, .first = kOut, .second = k4},
    {.key = "Ip:ForwDatagrams", .metric = &kIpForwarded, .first = k4},
    {.key = "Ip:InDiscards", .metric = &kIpDiscarded, .first = kIn, .second = k4},
    {.key = "Ip:OutDiscards", .metric = &kIpDiscarded, .first = kOut, .second = k4},
    {.key = "Ip:OutNoRoutes", .metric = &kIpNoRoute, .first = k4},
    {.key = "Ip:InHdrErrors", .metric = &kIpErrors, .first = "header", .second = k4},
    {.key = "Ip:InAddrErrors", .metric = &kIpErrors, .first = "address", .second = k4},
    {.key = "Ip:ReasmFails", .metric = &kIpReassembly, .first = k4},
    {.key = "Ip:FragFails", .metric = &kIpFragmentation, .first = k4},
    {.key = "Icmp:InMsgs", .metric = &kIcmpMessages, .first = kIn, .second = k4},
    {.key = "Icmp:OutMsgs", .metric = &kIcmpMessages, .first = kOut, .second = k4},
    {.key = "Icmp:InErrors", .metric = &kIcmpErrors, .first = kIn, .second = k4},
    {.key = "Icmp:OutErrors", .metric = &kIcmpErrors, .first = kOut, .second = k4},
    {.key = "Icmp:InDestUnreachs", .metric = &kIcmpUnreachable, .first = kIn, .second = k4},
    {.key = "Icmp:OutDestUnreachs", .metric = &kIcmpUnreachable, .first = kOut, .second = k4},
    {.key = "Udp:InDatagrams", .metric = &kUdpDatagrams, .first = kIn, .second = k4},
    {.key = "Udp:OutDatagrams", .metric = &kUdpDatagrams, .first = kOut, .second = k4},
    {.key = "Udp:NoPorts", .metric = &kUdpNoPort, .first = k4},
    {.key = "Udp:InErrors", .metric = &kUdpErrors, .first = k4},
    {.key = "Udp:RcvbufErrors", .metric = &kUdpBufferErrors, .first = kIn, .second = k4},
    {.key = "Udp:SndbufErrors", .metric = &kUdpBufferErrors, .first = kOut, .second = k4},
    {.key = "Udp:InCsumErrors", .metric = &kUdpChecksum, .first = k4},
    {.key = "Tcp:ActiveOpens", .metric = &kTcpOpens, .first = "active"},
    {.key = "Tcp:PassiveOpens", .metric = &kTcpOpens, .first = "passive"},
    {.key = "Tcp:AttemptFails", .metric = &kTcpAttemptFails},
    {.key = "Tcp:EstabResets", .metric = &kTcpEstabResets},
    {.key = "Tcp:CurrEstab", .metric = nullptr},
    {.key = "Tcp:InSegs", .metric = &kTcpSegments, .first = kIn},
    {.key = "Tcp:OutSegs", .metric = &kTcpSegments, .first = kOut},
    {.key = "Tcp:RetransSegs", .metric = &kTcpRetransmits},
    {.key = "Tcp:InErrs", .metric = &kTcpReceiveErrors},
    {.key = "Tcp:InCsumErrors", .metric = &kTcpChecksumErrors},
    {.key = "Tcp:OutRsts", .metric = &kTcpResetsSent},
    {.key = "TcpExt:TCPSynRetrans", .metric = &kTcpRetransmitCauses, .first = "syn"},
    {.key = "TcpExt:TCPFastRetrans", .metric = &kTcpRetransmitCauses, .first = "fast"},
    {.key = "TcpExt:TCPSlowStartRetrans", .metric = &kTcpRetransmitCauses, .first = "slow_start"},
    {.key = "TcpExt:TCPLostRetransmit", .metric = &kTcpRetransmitCauses, .first = "lost"},
    {.key = "TcpExt:ListenOverflows", .metric = &kTcpListenOverflows},
    {.key = "TcpExt:ListenDrops", .metric = &kTcpListenDrops},
    {.key = "TcpExt:TCPReqQFullDrop", .metric = &kTcpRequestQueueFull, .first = "dropped"},
    {.key = "TcpExt:TCPReqQFullDoCookies", .metric = &kTcpRequestQueueFull, .first = "cookie"},
    {.key = "TcpExt:SyncookiesSent", .metric = &kTcpSyncookies, .first = "sent"},
    {.key = "TcpExt:SyncookiesRecv", .metric = &kTcpSyncookies, .first = "received"},
    {.key = "TcpExt:SyncookiesFailed", .metric = &kTcpSyncookies, .first = "failed"},
    {.key = "TcpExt:TCPTimeouts", .metric = &kTcpTimeouts},
    {.key = "TcpExt:TCPSpuriousRTOs", .metric = &kTcpSpuriousTimeouts},
    {.key = "TcpExt:TCPLossProbes", .metric = &kTcpLossProbes},
    {.key = "TcpExt:TCPOFOQueue", .metric = &kTcpOutOfOrder},
    {.key = "TcpExt:TCPRcvQDrop", .metric = &kTcpDropped, .first = "receive_queue"},
    {.key = "TcpExt:TCPBacklogDrop", .metric = &kTcpDropped, .first = "backlog"},
    {.key = "TcpExt:TCPZeroWindowDrop", .metric = &kTcpDropped, .first = "zero_window"},
    {.key = "TcpExt:TCPOFODrop", .metric = &kTcpDropped, .first = "out_of_order_queue"},
    {.key = "TcpExt:PruneCalled", .metric = &kTcpPruned},
    {.key = "TcpExt:TCPAbortOnClose", .metric = &kTcpAborts, .first = "unread_at_close"},
    {.key = "TcpExt:TCPAbortOnData", .metric = &kTcpAborts, .first = "data_after_close"},
    {.key = "TcpExt:TCPAbortOnMemory", .metric = &kTcpAborts, .first = "memory"},
    {.key = "TcpExt:TCPAbortOnTimeout", .metric = &kTcpAborts, .first = "timeout"},
    {.key = "TcpExt:TCPAbortOnLinger", .metric = &kTcpAborts, .first = "linger"},
    {.key = "TcpExt:TCPMemoryPressures", .metric = &kTcpMemoryPressures},
    {.key = "TcpExt:TCPMemoryPressuresChrono", .metric = &kTcpMemoryPressureTime, .factor = kMilli},
    {.key = "TcpExt:TCPToZeroWindowAdv", .metric = &kTcpZeroWindows, .first = "closed"},
    {.key = "TcpExt:TCPFromZeroWindowAdv", .metric = &kTcpZeroWindows, .first = "opened"},
    {.key = "TcpExt:TCPWantZeroWindowAdv", .metric = &kTcpZeroWindows, .first = "wanted"},
    {.key = "TcpExt:TW", .metric = &kTcpTimeWaits},
    {.key = "TcpExt:TCPTimeWaitOverflow", .metric = &kTcpTimeWaitOverflows},
    {.key = "TcpExt:DelayedACKs", .metric = &kTcpDelayedAcks},
    {.key = "TcpExt:TCPChallengeACK", .metric = &kTcpChallengeAcks},
    {.key = "TcpExt:TCPKeepAlive", .metric = &kTcpKeepalives},
    {.key = "TcpExt:TCPDSACKRecv", .metric = &kTcpDuplicateData},
}));

constexpr auto kSnmp6 = field_table(std::to_array<Field>({
    {.key = "Ip6InOctets", .metric = &kIpIo, .first = kIn, .second = k6},
    {.key = "Ip6OutOctets", .metric = &kIpIo, .first = kOut, .second = k6},
    {.key = "Ip6InReceives", .metric = &kIpPackets, .first = kIn, .second = k6},
    {.key = "Ip6OutRequests", .metric = &kIpPackets, .first = kOut, .second = k6},
    {.key = "Ip6OutForwDatagrams", .metric = &kIpForwarded, .first = k6},
    {.key = "Ip6InDiscards", .metric = &kIpDiscarded, .first = kIn, .second = k6},
    {.key = "Ip6OutDiscards", .metric = &kIpDiscarded, .first = kOut, .second = k6},
    {.key = "Ip6OutNoRoutes", .metric = &kIpNoRoute, .first = k6},
    {.key = "Ip6InHdrErrors", .metric = &kIpErrors, .first = "header", .second = k6},
    {.key = "Ip6InAddrErrors", .metric = &kIpErrors, .first = "address", .second = k6},
    {.key = "Ip6ReasmFails", .metric = &kIpReassembly, .first = k6},
    {.key = "Ip6FragFails", .metric = &kIpFragmentation, .first = k6},
    {.key = "Icmp6InMsgs", .metric = &kIcmpMessages, .first = kIn, .second = k6},
    {.key = "Icmp6OutMsgs", .metric = &kIcmpMessages, .first = kOut, .second = k6},
    {.key = "Icmp6InErrors", .metric = &kIcmpErrors, .first = kIn, .second = k6},
    {.key = "Icmp6OutErrors", .metric = &kIcmpErrors, .first = kOut, .second = k6},
    {.key = "Icmp6InDestUnreachs", .metric = &kIcmpUnreachable, .first = kIn, .second = k6},
    {.key = "Icmp6OutDestUnreachs", .metric = &kIcmpUnreachable, .first = kOut, .second = k6},
    {.key = "Udp6InDatagrams", .metric = &kUdpDatagrams, .first = kIn, .second = k6},
    {.key = "Udp6OutDatagrams", .metric = &kUdpDatagrams, .first = kOut, .second = k6},
    {.key = "Udp6NoPorts", .metric = &kUdpNoPort, .first = k6},
    {.key = "Udp6InErrors", .metric = &kUdpErrors, .first = k6},
    {.key = "Udp6RcvbufErrors", .metric = &kUdpBufferErrors, .first = kIn, .second = k6},
    {.key = "Udp6SndbufErrors", .metric = &kUdpBufferErrors, .first = kOut, .second = k6},
    {.key = "Udp6InCsumErrors", .metric = &kUdpChecksum, .first = k6},
}));

class Netstat final : public Topic {
 public:
  explicit Netstat(const std::filesystem::path& proc)
      : Topic("node.netstat"),
        snmp_(file(proc / "net/snmp")),
        netstat_(file(proc / "net/netstat")),
        snmp6_(file(proc / "net/snmp6")),
        values_(make_netstat_values()),
        values6_(make_snmp6_values()) {}

  void collect(Tick& tick) override {
    values_.clear();
    if (const auto text = snmp_.read(tick.buffer)) parse_two_lines(*text, values_);
    if (const auto text = netstat_.read(tick.buffer)) parse_two_lines(*text, values_);
    values_.report(tick);
    tick.out.add(tick.series.get(kConnections, {std::monostate{}, "established", "tcp"}),
                 values_.get("Tcp:CurrEstab"));
    values6_.clear();
    if (const auto text = snmp6_.read(tick.buffer)) parse_list(*text, values6_);
    values6_.report(tick);
  }

 private:
  TextFile& snmp_;
  TextFile& netstat_;
  TextFile& snmp6_;
  FieldValues values_;
  FieldValues values6_;
};

}  // namespace

FieldValues make_netstat_values() {
  return FieldValues(kNetstat);
}

FieldValues make_snmp6_values() {
  return FieldValues(kSnmp6);
}

std::unique_ptr<Topic> make_netstat(const std::filesystem::path& proc) {
  return std::make_unique<Netstat>(proc);
}

}  // namespace plumbline::node
