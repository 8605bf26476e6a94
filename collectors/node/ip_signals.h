// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collectors/node/spec.h"

namespace plumbline::node {

// The protocols of the Internet, as the kernel counts them for the node: SNMP MIBs and its own.
inline constexpr auto kIpIo = counter("plumbline.node.ip.io",
                                      Unit::kBytes,
                                      "Bytes in IP packets received and sent.",
                                      "/proc/net/netstat IpExt, /proc/net/snmp6, *Octets",
                                      {"network.io.direction", "network.type"});
inline constexpr auto kIpPackets = counter("plumbline.node.ip.packets",
                                           Unit::kPacket,
                                           "IP packets received, and those that were to be sent.",
                                           "/proc/net/snmp Ip, snmp6, InReceives, OutRequests",
                                           {"network.io.direction", "network.type"});
inline constexpr auto kIpForwarded = counter("plumbline.node.ip.forwarded",
                                             Unit::kPacket,
                                             "IP packets passed on for others.",
                                             "/proc/net/snmp Ip ForwDatagrams, snmp6",
                                             {"network.type"});
inline constexpr auto kIpDiscarded = counter("plumbline.node.ip.discarded",
                                             Unit::kPacket,
                                             "Sound IP packets dropped, for want of memory mostly.",
                                             "/proc/net/snmp Ip InDiscards, OutDiscards, snmp6",
                                             {"network.io.direction", "network.type"});
inline constexpr auto kIpNoRoute = counter("plumbline.node.ip.no_route",
                                           Unit::kPacket,
                                           "IP packets dropped because no route was known.",
                                           "/proc/net/snmp Ip OutNoRoutes, snmp6",
                                           {"network.type"});
inline constexpr auto kIpErrors = counter("plumbline.node.ip.errors",
                                          Unit::kError,
                                          "IP packets refused for their header or address.",
                                          "/proc/net/snmp Ip InHdrErrors, InAddrErrors, snmp6",
                                          {"plumbline.error", "network.type"});
inline constexpr auto kIpReassembly =
    counter("plumbline.node.ip.reassembly_failures",
            Unit::kError,
            "Fragmented IP packets that could not be put together.",
            "/proc/net/snmp Ip ReasmFails, snmp6",
            {"network.type"});
inline constexpr auto kIpFragmentation =
    counter("plumbline.node.ip.fragmentation_failures",
            Unit::kError,
            "IP packets that were too large and must not be fragmented.",
            "/proc/net/snmp Ip FragFails, snmp6",
            {"network.type"});

inline constexpr auto kIcmpMessages = counter("plumbline.node.icmp.messages",
                                              Unit::kPacket,
                                              "ICMP messages received and sent.",
                                              "/proc/net/snmp Icmp InMsgs, OutMsgs, snmp6",
                                              {"network.io.direction", "network.type"});
inline constexpr auto kIcmpErrors = counter("plumbline.node.icmp.errors",
                                            Unit::kError,
                                            "ICMP messages that were wrong or could not be sent.",
                                            "/proc/net/snmp Icmp InErrors, OutErrors, snmp6",
                                            {"network.io.direction", "network.type"});
inline constexpr auto kIcmpUnreachable =
    counter("plumbline.node.icmp.unreachable",
            Unit::kPacket,
            "ICMP messages that say a destination cannot be reached.",
            "/proc/net/snmp Icmp *DestUnreachs, snmp6",
            {"network.io.direction", "network.type"});

inline constexpr auto kUdpDatagrams = counter("plumbline.node.udp.datagrams",
                                              Unit::kDatagram,
                                              "UDP datagrams delivered and sent.",
                                              "/proc/net/snmp Udp InDatagrams, OutDatagrams, snmp6",
                                              {"network.io.direction", "network.type"});
inline constexpr auto kUdpNoPort = counter("plumbline.node.udp.no_port",
                                           Unit::kDatagram,
                                           "UDP datagrams to ports that nobody listens on.",
                                           "/proc/net/snmp Udp NoPorts, snmp6",
                                           {"network.type"});
inline constexpr auto kUdpErrors =
    counter("plumbline.node.udp.errors",
            Unit::kError,
            "UDP datagrams not delivered for another reason than a missing port.",
            "/proc/net/snmp Udp InErrors, snmp6",
            {"network.type"});
inline constexpr auto kUdpBufferErrors =
    counter("plumbline.node.udp.buffer_errors",
            Unit::kError,
            "UDP datagrams for which a socket's buffer had no room.",
            "/proc/net/snmp Udp RcvbufErrors, SndbufErrors, snmp6",
            {"network.io.direction", "network.type"});
inline constexpr auto kUdpChecksum = counter("plumbline.node.udp.checksum_errors",
                                             Unit::kError,
                                             "UDP datagrams with a wrong checksum.",
                                             "/proc/net/snmp Udp InCsumErrors, snmp6",
                                             {"network.type"});

inline constexpr std::array kIpMetrics{kIpIo,
                                       kIpPackets,
                                       kIpForwarded,
                                       kIpDiscarded,
                                       kIpNoRoute,
                                       kIpErrors,
                                       kIpReassembly,
                                       kIpFragmentation,
                                       kIcmpMessages,
                                       kIcmpErrors,
                                       kIcmpUnreachable,
                                       kUdpDatagrams,
                                       kUdpNoPort,
                                       kUdpErrors,
                                       kUdpBufferErrors,
                                       kUdpChecksum};

}  // namespace plumbline::node
