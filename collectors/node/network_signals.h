// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collectors/node/spec.h"

namespace plumbline::node {

inline constexpr auto kNetworkIo = counter("system.network.io",
                                           Unit::kBytes,
                                           "Bytes received and sent by each interface.",
                                           "/proc/net/dev bytes",
                                           {"network.interface.name", "network.io.direction"});
inline constexpr auto kNetworkPackets = counter("system.network.packet.count",
                                                Unit::kPacket,
                                                "Packets received and sent by each interface.",
                                                "/proc/net/dev packets",
                                                {"system.device", "network.io.direction"});
inline constexpr auto kNetworkErrors =
    counter("system.network.errors",
            Unit::kError,
            "Packets each interface could not receive or send because of an error.",
            "/proc/net/dev errs",
            {"network.interface.name", "network.io.direction"});
inline constexpr auto kNetworkDropped =
    counter("system.network.packet.dropped",
            Unit::kPacket,
            "Packets each interface dropped though there was no error.",
            "/proc/net/dev drop",
            {"network.interface.name", "network.io.direction"});
inline constexpr auto kNetworkFifo = counter("plumbline.node.network.fifo_errors",
                                             Unit::kError,
                                             "Packets for which a buffer of the device was full.",
                                             "/proc/net/dev fifo",
                                             {"network.interface.name", "network.io.direction"});
inline constexpr auto kNetworkFrame = counter("plumbline.node.network.frame_errors",
                                              Unit::kError,
                                              "Frames received damaged.",
                                              "/proc/net/dev frame",
                                              {"network.interface.name"});
inline constexpr auto kNetworkMulticast = counter("plumbline.node.network.multicast",
                                                  Unit::kPacket,
                                                  "Multicast packets received.",
                                                  "/proc/net/dev multicast",
                                                  {"network.interface.name"});
inline constexpr auto kNetworkCollisions = counter("plumbline.node.network.collisions",
                                                   Unit::kEvent,
                                                   "Collisions while sending.",
                                                   "/proc/net/dev colls",
                                                   {"network.interface.name"});
inline constexpr auto kNetworkCarrier = counter("plumbline.node.network.carrier_errors",
                                                Unit::kError,
                                                "Packets not sent for want of a carrier.",
                                                "/proc/net/dev carrier",
                                                {"network.interface.name"});

inline constexpr auto kSoftnetProcessed = counter("plumbline.node.softnet.processed",
                                                  Unit::kPacket,
                                                  "Packets each CPU took from network devices.",
                                                  "/proc/net/softnet_stat column 1",
                                                  {"cpu.logical_number"});
inline constexpr auto kSoftnetDropped =
    counter("plumbline.node.softnet.dropped",
            Unit::kPacket,
            "Packets dropped because the backlog of a CPU was full.",
            "/proc/net/softnet_stat column 2",
            {"cpu.logical_number"});
inline constexpr auto kSoftnetSqueezed =
    counter("plumbline.node.softnet.squeezed",
            Unit::kEvent,
            "Times a CPU stopped taking packets because its budget or time was used up.",
            "/proc/net/softnet_stat column 3",
            {"cpu.logical_number"});
inline constexpr auto kSoftnetBacklog = amount("plumbline.node.softnet.backlog",
                                               Unit::kPacket,
                                               "Packets in the backlog of each CPU.",
                                               "/proc/net/softnet_stat column 12",
                                               {"cpu.logical_number"});

inline constexpr std::array kNetworkMetrics{kNetworkIo,
                                            kNetworkPackets,
                                            kNetworkErrors,
                                            kNetworkDropped,
                                            kNetworkFifo,
                                            kNetworkFrame,
                                            kNetworkMulticast,
                                            kNetworkCollisions,
                                            kNetworkCarrier,
                                            kSoftnetProcessed,
                                            kSoftnetDropped,
                                            kSoftnetSqueezed,
                                            kSoftnetBacklog};

}  // namespace plumbline::node
