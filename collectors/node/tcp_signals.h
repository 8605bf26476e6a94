// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collectors/node/spec.h"

namespace plumbline::node {

inline constexpr auto kTcpOpens =
    counter("plumbline.node.tcp.opens",
            Unit::kConnection,
            "TCP connections begun here (active) and accepted from others (passive).",
            "/proc/net/snmp Tcp ActiveOpens, PassiveOpens",
            {"plumbline.tcp.role"});
inline constexpr auto kTcpAttemptFails = counter("plumbline.node.tcp.attempt_failures",
                                                 Unit::kConnection,
                                                 "TCP connections that were never established.",
                                                 "/proc/net/snmp Tcp AttemptFails");
inline constexpr auto kTcpEstabResets = counter("plumbline.node.tcp.established_resets",
                                                Unit::kConnection,
                                                "Established TCP connections that were reset.",
                                                "/proc/net/snmp Tcp EstabResets");
inline constexpr auto kTcpSegments =
    counter("plumbline.node.tcp.segments",
            Unit::kSegment,
            "TCP segments received and sent; those sent again are not among them.",
            "/proc/net/snmp Tcp InSegs, OutSegs",
            {"network.io.direction"});
inline constexpr auto kTcpRetransmits = counter("plumbline.node.tcp.retransmits",
                                                Unit::kSegment,
                                                "TCP segments sent again.",
                                                "/proc/net/snmp Tcp RetransSegs");
inline constexpr auto kTcpRetransmitCauses =
    counter("plumbline.node.tcp.retransmit.causes",
            Unit::kSegment,
            "TCP segments sent again, by cause: a SYN, fast recovery, slow start after a timeout, "
            "a retransmission that was lost itself.",
            "/proc/net/netstat TcpExt TCPSynRetrans, TCPFastRetrans, TCPSlowStartRetrans, "
            "TCPLostRetransmit",
            {"plumbline.tcp.cause"});
inline constexpr auto kTcpReceiveErrors = counter("plumbline.node.tcp.receive_errors",
                                                  Unit::kError,
                                                  "TCP segments received that were wrong.",
                                                  "/proc/net/snmp Tcp InErrs");
inline constexpr auto kTcpChecksumErrors = counter("plumbline.node.tcp.checksum_errors",
                                                   Unit::kError,
                                                   "TCP segments with a wrong checksum.",
                                                   "/proc/net/snmp Tcp InCsumErrors");
inline constexpr auto kTcpResetsSent = counter("plumbline.node.tcp.resets_sent",
                                               Unit::kSegment,
                                               "TCP segments sent with the reset flag.",
                                               "/proc/net/snmp Tcp OutRsts");
inline constexpr auto kTcpListenOverflows =
    counter("plumbline.node.tcp.listen.overflows",
            Unit::kConnection,
            "Times the accept queue of a listening socket was full.",
            "/proc/net/netstat TcpExt ListenOverflows");
inline constexpr auto kTcpListenDrops =
    counter("plumbline.node.tcp.listen.drops",
            Unit::kConnection,
            "SYNs to listening sockets that were dropped, whatever the reason.",
            "/proc/net/netstat TcpExt ListenDrops");
inline constexpr auto kTcpRequestQueueFull =
    counter("plumbline.node.tcp.request_queue_full",
            Unit::kEvent,
            "Times the SYN queue was full: SYNs dropped, or answered with cookies.",
            "/proc/net/netstat TcpExt TCPReqQFullDrop, TCPReqQFullDoCookies",
            {"plumbline.outcome"});
inline constexpr auto kTcpSyncookies =
    counter("plumbline.node.tcp.syncookies",
            Unit::kPacket,
            "SYN cookies sent, received back, and those received that were wrong.",
            "/proc/net/netstat TcpExt Syncookies*",
            {"plumbline.outcome"});
inline constexpr auto kTcpTimeouts = counter("plumbline.node.tcp.timeouts",
                                             Unit::kEvent,
                                             "TCP retransmission timers that ran out.",
                                             "/proc/net/netstat TcpExt TCPTimeouts");
inline constexpr auto kTcpSpuriousTimeouts =
    counter("plumbline.node.tcp.spurious_timeouts",
            Unit::kEvent,
            "TCP retransmission timers that ran out though nothing was lost.",
            "/proc/net/netstat TcpExt TCPSpuriousRTOs");
inline constexpr auto kTcpLossProbes = counter("plumbline.node.tcp.loss_probes",
                                               Unit::kSegment,
                                               "Tail loss probes sent.",
                                               "/proc/net/netstat TcpExt TCPLossProbes");
inline constexpr auto kTcpOutOfOrder = counter("plumbline.node.tcp.out_of_order",
                                               Unit::kSegment,
                                               "TCP segments that came before their turn.",
                                               "/proc/net/netstat TcpExt TCPOFOQueue");
inline constexpr auto kTcpDropped =
    counter("plumbline.node.tcp.dropped",
            Unit::kSegment,
            "TCP segments dropped on receipt: receive queue or backlog full, window closed, "
            "queue of out-of-order segments full.",
            "/proc/net/netstat TcpExt TCPRcvQDrop, TCPBacklogDrop, TCPZeroWindowDrop, TCPOFODrop",
            {"plumbline.tcp.cause"});
inline constexpr auto kTcpPruned = counter("plumbline.node.tcp.pruned",
                                           Unit::kEvent,
                                           "Times a receive queue was pruned for want of room.",
                                           "/proc/net/netstat TcpExt PruneCalled");
inline constexpr auto kTcpAborts =
    counter("plumbline.node.tcp.aborts",
            Unit::kConnection,
            "TCP connections given up, by cause: unread data at close, data after close, want of "
            "memory, time-out, linger.",
            "/proc/net/netstat TcpExt TCPAbort*",
            {"plumbline.tcp.cause"});
inline constexpr auto kTcpMemoryPressures = counter("plumbline.node.tcp.memory_pressures",
                                                    Unit::kEvent,
                                                    "Times TCP came under memory pressure.",
                                                    "/proc/net/netstat TcpExt TCPMemoryPressures");
inline constexpr auto kTcpMemoryPressureTime =
    counter("plumbline.node.tcp.memory_pressure_time",
            Unit::kSeconds,
            "Seconds TCP was under memory pressure.",
            "/proc/net/netstat TcpExt TCPMemoryPressuresChrono, milliseconds");
inline constexpr auto kTcpZeroWindows =
    counter("plumbline.node.tcp.zero_windows",
            Unit::kEvent,
            "Times a receive window offered to a peer was closed, opened again, or should have "
            "been closed.",
            "/proc/net/netstat TcpExt TCP{To,From,Want}ZeroWindowAdv",
            {"plumbline.tcp.window"});
inline constexpr auto kTcpTimeWaits = counter("plumbline.node.tcp.time_waits",
                                              Unit::kConnection,
                                              "TCP connections that ended in TIME_WAIT.",
                                              "/proc/net/netstat TcpExt TW");
inline constexpr auto kTcpTimeWaitOverflows =
    counter("plumbline.node.tcp.time_wait_overflows",
            Unit::kConnection,
            "TCP connections closed without TIME_WAIT because there were too many.",
            "/proc/net/netstat TcpExt TCPTimeWaitOverflow");
inline constexpr auto kTcpDelayedAcks = counter("plumbline.node.tcp.delayed_acks",
                                                Unit::kSegment,
                                                "Acknowledgements sent late on purpose.",
                                                "/proc/net/netstat TcpExt DelayedACKs");
inline constexpr auto kTcpChallengeAcks =
    counter("plumbline.node.tcp.challenge_acks",
            Unit::kSegment,
            "Acknowledgements sent to question a suspicious segment.",
            "/proc/net/netstat TcpExt TCPChallengeACK");
inline constexpr auto kTcpKeepalives = counter("plumbline.node.tcp.keepalives",
                                               Unit::kSegment,
                                               "Keep-alive probes sent.",
                                               "/proc/net/netstat TcpExt TCPKeepAlive");
inline constexpr auto kTcpDuplicateData =
    counter("plumbline.node.tcp.duplicates",
            Unit::kEvent,
            "Times a peer said that it got the same data twice.",
            "/proc/net/netstat TcpExt TCPDSACKRecv");

inline constexpr std::array kTcpMetrics{kTcpOpens,
                                        kTcpAttemptFails,
                                        kTcpEstabResets,
                                        kTcpSegments,
                                        kTcpRetransmits,
                                        kTcpRetransmitCauses,
                                        kTcpReceiveErrors,
                                        kTcpChecksumErrors,
                                        kTcpResetsSent,
                                        kTcpListenOverflows,
                                        kTcpListenDrops,
                                        kTcpRequestQueueFull,
                                        kTcpSyncookies,
                                        kTcpTimeouts,
                                        kTcpSpuriousTimeouts,
                                        kTcpLossProbes,
                                        kTcpOutOfOrder,
                                        kTcpDropped,
                                        kTcpPruned,
                                        kTcpAborts,
                                        kTcpMemoryPressures,
                                        kTcpMemoryPressureTime,
                                        kTcpZeroWindows,
                                        kTcpTimeWaits,
                                        kTcpTimeWaitOverflows,
                                        kTcpDelayedAcks,
                                        kTcpChallengeAcks,
                                        kTcpKeepalives,
                                        kTcpDuplicateData};

}  // namespace plumbline::node
