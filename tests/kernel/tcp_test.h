// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <memory>

#include "collectors/tcp/signals.h"
#include "collectors/tcp/tcp_collector.h"
#include "tests/kernel/kernel_test.h"
#include "tests/kernel/wire.h"

namespace plumbline {

inline constexpr std::uint16_t kServerPort = 7077;

sockaddr_in address_of(const char* host, std::uint16_t port);
Fd listen_on(const char* host, std::uint16_t port, int backlog);
// Nothing, with errno set, when it fails.
Fd connect_to(const char* host, std::uint16_t port, int flags = 0);
bool send_all(const Fd& socket, std::size_t bytes);
// Reads until the peer closes; how many bytes came.
std::size_t drain(const Fd& socket);
// One connection over the wire, both ends in this process: the client sends `bytes` in one go and
// both close. 0 when all of it arrived.
int transfer(const Wire& wire, std::size_t bytes);

class TcpTest : public KernelTest {
 protected:
  std::unique_ptr<Collector> open() {
    auto collector = tcp::make(context());
    EXPECT_TRUE(collector->open());
    return collector;
  }
  double count(const Batch& batch, const MetricSpec& metric, Labels labels) {
    return number(batch, metric, labels).value_or(0);
  }
};

}  // namespace plumbline
