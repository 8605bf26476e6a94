// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>

#include "agent/core/metric.h"
#include "collectors/collector.h"

namespace plumbline::tcp {

inline constexpr std::string_view kCgroupPath = "linux.cgroup.path";
inline constexpr std::string_view kDirection = "network.io.direction";
inline constexpr std::string_view kRole = "plumbline.tcp.role";
inline constexpr std::string_view kPort = "server.port";

inline constexpr MetricSpec kRtt{
    .name = "plumbline.tcp.rtt.duration",
    .instrument = Instrument::kHistogram,
    .unit = Unit::kSeconds,
    .description =
        "Smoothed round-trip time of living connections that received something, each "
        "looked at about once a second and at its end.",
    .source = "tcp_sock.srtt_us",
    .attributes = {kCgroupPath}};

inline constexpr MetricSpec kJitter{
    .name = "plumbline.tcp.rtt.jitter.duration",
    .instrument = Instrument::kHistogram,
    .unit = Unit::kSeconds,
    .description = "Mean deviation of the round-trip time, of the same connections.",
    .source = "tcp_sock.mdev_us",
    .attributes = {kCgroupPath}};

inline constexpr MetricSpec kHandshake{
    .name = "plumbline.tcp.handshake.duration",
    .instrument = Instrument::kHistogram,
    .unit = Unit::kSeconds,
    .description =
        "Client: first SYN to established. Server: first SYN-ACK to its "
        "acknowledgement.",
    .source = "tp_btf/inet_sock_set_state",
    .attributes = {kCgroupPath, kRole}};

inline constexpr MetricSpec kLifetime{.name = "plumbline.tcp.connection.duration",
                                      .instrument = Instrument::kHistogram,
                                      .unit = Unit::kSeconds,
                                      .description = "How long connections lived that ended.",
                                      .source = "tp_btf/inet_sock_set_state",
                                      .attributes = {kCgroupPath}};

inline constexpr MetricSpec kReadWait{
    .name = "plumbline.tcp.read_wait.duration",
    .instrument = Instrument::kHistogram,
    .unit = Unit::kSeconds,
    .description =
        "How long received data waited for the application to read it: a slow "
        "application, not a slow network.",
    .source = "tp_btf/sk_data_ready to sock_recv_length",
    .attributes = {kCgroupPath}};

inline constexpr MetricSpec kAcceptWait{
    .name = "plumbline.tcp.accept_wait.duration",
    .instrument = Instrument::kHistogram,
    .unit = Unit::kSeconds,
    .description =
        "How long established connections waited until accept() returned them. Those that "
        "io_uring accepts are not seen.",
    .source = "tp_btf/inet_sock_set_state to the end of accept and accept4",
    .attributes = {kCgroupPath}};

inline constexpr MetricSpec kOpened{.name = "plumbline.tcp.connections.opened",
                                    .instrument = Instrument::kCounter,
                                    .unit = Unit::kConnection,
                                    .description = "Connections established.",
                                    .source = "tp_btf/inet_sock_set_state",
                                    .attributes = {kCgroupPath, kRole}};

inline constexpr MetricSpec kFailed{
    .name = "plumbline.tcp.connections.failed",
    .instrument = Instrument::kCounter,
    .unit = Unit::kConnection,
    .description =
        "Outgoing connections that came to nothing, by errno; canceled: the application "
        "gave up first.",
    .source = "tp_btf/inet_sock_set_state, sock.sk_err",
    .attributes = {kCgroupPath, "error.type"}};

inline constexpr MetricSpec kOpen{.name = "plumbline.tcp.connections.open",
                                  .instrument = Instrument::kUpDownCounter,
                                  .unit = Unit::kConnection,
                                  .description = "Connections not yet closed.",
                                  .source = "walk over the living connections",
                                  .attributes = {kCgroupPath}};

inline constexpr MetricSpec kIo{
    .name = "plumbline.tcp.io",
    .instrument = Instrument::kCounter,
    .unit = Unit::kBytes,
    .description =
        "Payload received in order, and sent and acknowledged; the end of a connection "
        "counts as one byte each way.",
    .source = "tcp_sock.bytes_received and bytes_acked",
    .attributes = {kCgroupPath, kDirection}};

inline constexpr MetricSpec kReceiveQueue{
    .name = "plumbline.tcp.receive_queue",
    .instrument = Instrument::kUpDownCounter,
    .unit = Unit::kBytes,
    .description = "Bytes received that applications have not read yet.",
    .source = "tcp_sock.rcv_nxt - copied_seq",
    .attributes = {kCgroupPath}};

inline constexpr MetricSpec kSendQueue{
    .name = "plumbline.tcp.send_queue",
    .instrument = Instrument::kUpDownCounter,
    .unit = Unit::kBytes,
    .description = "Bytes written that peers have not acknowledged yet.",
    .source = "tcp_sock.write_seq - snd_una",
    .attributes = {kCgroupPath}};

inline constexpr MetricSpec kZeroWindows{
    .name = "plumbline.tcp.zero_window.connections",
    .instrument = Instrument::kUpDownCounter,
    .unit = Unit::kConnection,
    .description =
        "Connections that stand still because a receiver has no room: the peer (transmit), or "
        "ourselves, since the application does not read (receive).",
    .source = "tcp_sock.snd_wnd, rcv_wup + rcv_wnd - rcv_nxt",
    .attributes = {kCgroupPath, kDirection}};

inline constexpr MetricSpec kReceiverLimited{
    .name = "plumbline.tcp.receiver_limited.time",
    .instrument = Instrument::kCounter,
    .unit = Unit::kSeconds,
    .description =
        "Time connections had data to send for which their peer's receive window had no room.",
    .source = "tcp_sock.chrono_stat, as tcpi_rwnd_limited",
    .attributes = {kCgroupPath}};

inline constexpr MetricSpec kRetransmits{
    .name = "plumbline.tcp.retransmits",
    .instrument = Instrument::kCounter,
    .unit = Unit::kSegment,
    .description =
        "Segments sent again: after a timeout, by fast retransmit, as tail-loss probe; "
        "SYN and SYN-ACK.",
    .source = "tp_btf/tcp_retransmit_skb and tcp_retransmit_synack",
    .attributes = {kCgroupPath, "plumbline.tcp.retransmit.type"}};

inline constexpr MetricSpec kResets{
    .name = "plumbline.tcp.resets",
    .instrument = Instrument::kCounter,
    .unit = Unit::kSegment,
    .description =
        "Resets sent, with the kernel's reason, and received. Without a group: no socket "
        "wanted the packet.",
    .source = "tp_btf/tcp_send_reset and tcp_receive_reset",
    .attributes = {kCgroupPath, kDirection, "plumbline.tcp.reset.reason"}};

inline constexpr MetricSpec kListenBacklog{.name = "plumbline.tcp.listen.backlog",
                                           .instrument = Instrument::kUpDownCounter,
                                           .unit = Unit::kConnection,
                                           .description = "Connections waiting to be accepted.",
                                           .source = "sock.sk_ack_backlog of listening sockets",
                                           .attributes = {kCgroupPath, kPort}};

inline constexpr MetricSpec kBacklogAge{
    .name = "plumbline.tcp.listen.backlog.age",
    .instrument = Instrument::kGauge,
    .unit = Unit::kSeconds,
    .description = "How long the oldest of the connections waiting to be accepted has waited.",
    .source = "tp_btf/inet_sock_set_state, living connections without sock.sk_socket",
    .attributes = {kCgroupPath}};

inline constexpr MetricSpec kListenLimit{
    .name = "plumbline.tcp.listen.backlog.limit",
    .instrument = Instrument::kUpDownCounter,
    .unit = Unit::kConnection,
    .description = "How many connections may wait to be accepted.",
    .source = "sock.sk_max_ack_backlog of listening sockets",
    .attributes = {kCgroupPath, kPort}};

inline constexpr MetricSpec kListenDrops{
    .name = "plumbline.tcp.listen.drops",
    .instrument = Instrument::kCounter,
    .unit = Unit::kConnection,
    .description =
        "Connection requests dropped at listening sockets, mostly because the backlog was "
        "full.",
    .source = "sock.sk_drops of listening sockets",
    .attributes = {kCgroupPath, kPort}};

inline constexpr MetricSpec kDrops{
    .name = "plumbline.network.drops",
    .instrument = Instrument::kCounter,
    .unit = Unit::kPacket,
    .description = "Packets of any protocol the kernel dropped, by its skb_drop_reason.",
    .source = "tp_btf/kfree_skb",
    .attributes = {kCgroupPath, "plumbline.network.drop.reason"}};

inline constexpr MetricSpec kLost{
    .name = "plumbline.tcp.lost",
    .instrument = Instrument::kCounter,
    .unit = Unit::kEvent,
    .description = "What is missing from the other TCP metrics because a kernel table was full.",
    .source = "counted by the BPF programs",
    .attributes = {"plumbline.loss.reason"}};

inline constexpr std::array kMetrics{
    kRtt,         kJitter,          kHandshake,   kLifetime, kReadWait,      kAcceptWait,
    kOpened,      kFailed,          kOpen,        kIo,       kReceiveQueue,  kSendQueue,
    kZeroWindows, kReceiverLimited, kRetransmits, kResets,   kListenBacklog, kBacklogAge,
    kListenLimit, kListenDrops,     kDrops,       kLost};

inline constexpr CollectorInfo kInfo{
    .name = "tcp",
    .description =
        "TCP connections by cgroup: round trips, handshakes, failures, retransmits, "
        "resets, listeners, dropped packets (eBPF)",
    .period = std::chrono::seconds(1),
    .lane = Lane::kKernel,
    .metrics = kMetrics};

}  // namespace plumbline::tcp
