// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collectors/node/spec.h"

namespace plumbline::node {

inline constexpr auto kSocketsUsed = amount("plumbline.node.socket.open",
                                            Unit::kSocket,
                                            "Sockets of all kinds that are open.",
                                            "/proc/net/sockstat sockets: used");
inline constexpr auto kSockets = amount("plumbline.node.socket.in_use",
                                        Unit::kSocket,
                                        "Sockets in use, by protocol.",
                                        "/proc/net/sockstat and sockstat6, inuse",
                                        {"network.transport", "network.type"});
inline constexpr auto kSocketsOrphaned = amount("plumbline.node.socket.orphaned",
                                                Unit::kSocket,
                                                "TCP sockets that no program holds any more.",
                                                "/proc/net/sockstat TCP: orphan");
inline constexpr auto kSocketsAllocated = amount("plumbline.node.socket.allocated",
                                                 Unit::kSocket,
                                                 "TCP sockets allocated in any state.",
                                                 "/proc/net/sockstat TCP: alloc");
inline constexpr auto kSocketMemory = amount("plumbline.node.socket.memory",
                                             Unit::kBytes,
                                             "Memory of socket buffers, by protocol.",
                                             "/proc/net/sockstat mem (pages), memory",
                                             {"network.transport", "network.type"});
inline constexpr auto kConnections =
    amount("system.network.connection.count",
           Unit::kConnection,
           "TCP connections by state; established ones include those in close_wait.",
           "/proc/net/snmp Tcp CurrEstab, /proc/net/sockstat TCP: tw",
           {"network.interface.name", "network.connection.state", "network.transport"});

inline constexpr std::array kSocketMetrics{
    kSocketsUsed, kSockets, kSocketsOrphaned, kSocketsAllocated, kSocketMemory, kConnections};

}  // namespace plumbline::node
