// SPDX-License-Identifier: Apache-2.0
//
// TCP signals against nstat, and against what a wire in user space did to the packets.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "collectors/tcp/signals.h"
#include "collectors/tcp/tcp_collector.h"
#include "tests/kernel/kernel_test.h"
#include "tests/kernel/wire.h"

namespace plumbline {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t kServerPort = 7077;

sockaddr_in address_of(const char* host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, host, &address.sin_addr);
  return address;
}

Fd listen_on(const char* host, std::uint16_t port, int backlog) {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto address = address_of(host, port);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(socket.get(), backlog) != 0) {
    return {};
  }
  return socket;
}

// -1 with errno set when it fails.
Fd connect_to(const char* host, std::uint16_t port, int flags = 0) {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  const auto address = address_of(host, port);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 &&
      errno != EINPROGRESS) {
    return {};
  }
  return socket;
}

bool send_all(const Fd& socket, std::size_t bytes) {
  const std::vector<char> block(16384, 'x');
  while (bytes > 0) {
    const auto sent =
        ::send(socket.get(), block.data(), std::min(bytes, block.size()), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes -= static_cast<std::size_t>(sent);
  }
  return true;
}

// Reads until the peer closes; how many bytes came.
std::size_t drain(const Fd& socket) {
  std::vector<char> block(65536);
  std::size_t total = 0;
  for (;;) {
    const auto length = ::recv(socket.get(), block.data(), block.size(), 0);
    if (length <= 0) return total;
    total += static_cast<std::size_t>(length);
  }
}

// One connection over the wire, both ends in this process: the client sends `bytes` in one go and
// both close. 0 when all of it arrived.
int transfer(const Wire& wire, std::size_t bytes) {
  std::atomic<bool> listening = false;
  std::size_t received = 0;
  std::thread server([&] {
    wire.server().enter();
    const auto listener = listen_on(Wire::kServerAddress, kServerPort, 8);
    listening = true;
    const Fd connection(::accept(listener.get(), nullptr, nullptr));
    received = drain(connection);
  });
  while (!listening) std::this_thread::sleep_for(1ms);
  wire.client().enter();
  {
    const auto connection = connect_to(Wire::kServerAddress, kServerPort);
    if (!connection || !send_all(connection, bytes)) ::_exit(2);
    ::shutdown(connection.get(), SHUT_WR);
    drain(connection);
    server.join();
  }
  return received == bytes ? 0 : 1;
}

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

TEST_F(TcpTest, every_signal_but_those_to_be_asked_for_is_there) {
  const auto collector = open();
  for (const auto& coverage : collector->coverage()) {
    if (coverage.signal == "tcp.read_wait" || coverage.signal == "tcp.accept_wait") {
      EXPECT_EQ(coverage.state, SignalState::kUnavailable);
    } else {
      EXPECT_NE(coverage.state, SignalState::kUnavailable)
          << coverage.signal << ": " << coverage.reason;
    }
  }
}

TEST_F(TcpTest, retransmits_are_those_of_nstat) {
  // Every 40th segment with data is lost on its way to the server.
  int seen = 0;
  const Wire wire({.delay = 2ms, .loses = [&seen](const Packet& packet) {
                     return packet.direction == Direction::kToServer && packet.payload > 0 &&
                            ++seen % 40 == 0;
                   }});
  const auto collector = open();
  const TestCgroup group(cgroups_);
  EXPECT_EQ(wait_for(group.start([&] { return transfer(wire, 2 << 20); })), 0);
  const auto batch = collect(*collector);
  const auto of_group = count(batch, tcp::kRetransmits, {{"linux.cgroup.path", group.path()}});
  EXPECT_GT(of_group, 10);
  const auto truth = static_cast<double>(wire.client().nstat("TcpRetransSegs") +
                                         wire.server().nstat("TcpRetransSegs"));
  EXPECT_NEAR(of_group, truth, kWithheld * truth + 1);
  const auto of_type = [&](std::string_view type) {
    return count(batch,
                 tcp::kRetransmits,
                 {{"linux.cgroup.path", group.path()}, {"plumbline.tcp.retransmit.type", type}});
  };
  EXPECT_GT(of_type("fast"), 0);
  EXPECT_EQ(of_type("tail_loss_probe"),
            static_cast<double>(wire.client().nstat("TcpExtTCPLossProbes")));
}

TEST_F(TcpTest, a_lost_syn_and_a_lost_syn_ack_are_sent_again_and_make_handshakes_long) {
  bool lost_syn = false;
  bool lost_syn_ack = false;
  const Wire wire({.loses = [&](const Packet& packet) {
    auto& lost = packet.direction == Direction::kToServer ? lost_syn : lost_syn_ack;
    return packet.syn && !std::exchange(lost, true);
  }});
  const auto collector = open();
  const TestCgroup group(cgroups_);
  EXPECT_EQ(wait_for(group.start([&] { return transfer(wire, 10); })), 0);
  const auto batch = collect(*collector);
  const auto of_type = [&](std::string_view type) {
    return count(batch,
                 tcp::kRetransmits,
                 {{"linux.cgroup.path", group.path()}, {"plumbline.tcp.retransmit.type", type}});
  };
  EXPECT_EQ(of_type("syn"), static_cast<double>(wire.client().nstat("TcpExtTCPSynRetrans")));
  EXPECT_EQ(of_type("syn_ack"), static_cast<double>(wire.server().nstat("TcpExtTCPSynRetrans")));
  EXPECT_GE(of_type("syn"), 1);
  EXPECT_GE(of_type("syn_ack"), 1);
  for (const auto* role : {"client", "server"}) {
    const auto handshake =
        histogram(batch,
                  tcp::kHandshake,
                  {{"linux.cgroup.path", group.path()}, {"plumbline.tcp.role", role}});
    ASSERT_TRUE(handshake) << role;
    EXPECT_EQ(handshake->count, 1U) << role;
    EXPECT_GT(handshake->sum, 0.9) << role;
  }
}

TEST_F(TcpTest, round_trips_and_bytes_of_living_connections) {
  const Wire wire({.delay = 10ms});
  const auto collector = open();
  const TestCgroup group(cgroups_);
  const auto child = group.start([&] {
    std::atomic<bool> listening = false;
    std::thread server([&] {
      wire.server().enter();
      const auto listener = listen_on(Wire::kServerAddress, kServerPort, 8);
      listening = true;
      drain(Fd(::accept(listener.get(), nullptr, nullptr)));
    });
    while (!listening) std::this_thread::sleep_for(1ms);
    wire.client().enter();
    const auto connection = connect_to(Wire::kServerAddress, kServerPort);
    for (int i = 0; i < 10; ++i) {
      send_all(connection, 1000);
      std::this_thread::sleep_for(30ms);
    }
    ::pause();
    return 0;
  });
  std::this_thread::sleep_for(700ms);
  const auto batch = collect(*collector);
  const Labels labels{{"linux.cgroup.path", group.path()}};
  const auto rtt = histogram(batch, tcp::kRtt, labels);
  const auto jitter = histogram(batch, tcp::kJitter, labels);
  ASSERT_TRUE(rtt && jitter);
  EXPECT_NEAR(rtt->sum / static_cast<double>(rtt->count), 0.020, 0.006);
  EXPECT_LT(jitter->sum / static_cast<double>(jitter->count), 0.012);
  EXPECT_EQ(number(batch, tcp::kOpen, labels), 2);
  EXPECT_EQ(number(batch,
                   tcp::kIo,
                   {{"linux.cgroup.path", group.path()}, {"network.io.direction", "receive"}}),
            10000);
  EXPECT_EQ(number(batch,
                   tcp::kIo,
                   {{"linux.cgroup.path", group.path()}, {"network.io.direction", "transmit"}}),
            10000);
  for (const auto* role : {"client", "server"}) {
    const auto handshake =
        histogram(batch,
                  tcp::kHandshake,
                  {{"linux.cgroup.path", group.path()}, {"plumbline.tcp.role", role}});
    ASSERT_TRUE(handshake) << role;
    EXPECT_NEAR(handshake->sum, 0.020, 0.006) << role;
  }
  ::kill(child, SIGKILL);
  wait_for(child);
}

TEST_F(TcpTest, a_refused_connection_is_counted_once_with_its_errno) {
  const NetNamespace space;
  const auto collector = open();
  const TestCgroup group(cgroups_);
  EXPECT_EQ(wait_for(group.start([&] {
              space.enter();
              return connect_to("127.0.0.1", 9) || errno != ECONNREFUSED ? 1 : 0;
            })),
            0);
  const auto batch = collect(*collector);
  EXPECT_EQ(number(batch,
                   tcp::kFailed,
                   {{"linux.cgroup.path", group.path()}, {"error.type", "ECONNREFUSED"}}),
            1);
  EXPECT_EQ(number(batch, tcp::kFailed, {{"linux.cgroup.path", group.path()}}), 1);
  EXPECT_EQ(number(batch,
                   tcp::kResets,
                   {{"linux.cgroup.path", group.path()}, {"network.io.direction", "receive"}}),
            1);
  EXPECT_GE(
      count(batch,
            tcp::kResets,
            {{"network.io.direction", "transmit"}, {"plumbline.tcp.reset.reason", "NO_SOCKET"}}),
      1);
  EXPECT_FALSE(number(batch, tcp::kOpened, {{"linux.cgroup.path", group.path()}}));
}

TEST_F(TcpTest, a_full_listen_backlog_shows_itself_and_its_drops) {
  const NetNamespace space;
  const auto collector = open();
  const TestCgroup group(cgroups_);
  const auto child = group.start([&] {
    space.enter();
    const auto listener = listen_on("127.0.0.1", kServerPort, 2);
    std::vector<Fd> clients;
    for (int i = 0; i < 8; ++i) {
      clients.push_back(connect_to("127.0.0.1", kServerPort, SOCK_NONBLOCK));
    }
    ::pause();
    return 0;
  });
  std::this_thread::sleep_for(300ms);
  const auto batch = collect(*collector);
  const auto drops = space.nstat("TcpExtListenDrops");
  const Labels labels{{"linux.cgroup.path", group.path()}, {"server.port", "7077"}};
  EXPECT_GT(drops, 0U);
  EXPECT_EQ(space.nstat("TcpExtListenOverflows"), drops);
  EXPECT_EQ(number(batch, tcp::kListenDrops, labels), static_cast<double>(drops));
  EXPECT_EQ(number(batch, tcp::kListenBacklog, labels), 3);
  EXPECT_EQ(number(batch, tcp::kListenLimit, labels), 2);
  ::kill(child, SIGKILL);
  wait_for(child);
}

TEST_F(TcpTest, sockets_older_than_the_agent_are_found_in_every_namespace) {
  const NetNamespace space;
  const TestCgroup group(cgroups_);
  const auto child = group.start([&] {
    space.enter();
    const auto listener = listen_on("127.0.0.1", kServerPort, 2);
    const auto client = connect_to("127.0.0.1", kServerPort);
    const Fd server(::accept(listener.get(), nullptr, nullptr));
    send_all(client, 500);
    std::this_thread::sleep_for(600ms);
    send_all(client, 100);
    ::pause();
    return 0;
  });
  std::this_thread::sleep_for(300ms);
  const auto collector = open();
  std::this_thread::sleep_for(500ms);
  const auto batch = collect(*collector);
  EXPECT_EQ(number(batch, tcp::kOpen, {{"linux.cgroup.path", group.path()}}), 2);
  EXPECT_EQ(number(batch,
                   tcp::kIo,
                   {{"linux.cgroup.path", group.path()}, {"network.io.direction", "receive"}}),
            100);
  EXPECT_EQ(number(batch, tcp::kReceiveQueue, {{"linux.cgroup.path", group.path()}}), 600);
  EXPECT_EQ(
      number(
          batch, tcp::kListenLimit, {{"linux.cgroup.path", group.path()}, {"server.port", "7077"}}),
      2);
  ::kill(child, SIGKILL);
  wait_for(child);
}

TEST_F(TcpTest, dropped_packets_have_the_kernels_reason) {
  const NetNamespace space;
  const auto collector = open();
  std::thread([&] {
    space.enter();
    const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto nobody = address_of("127.0.0.1", 9);
    for (int i = 0; i < 50; ++i) {
      ::sendto(socket.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&nobody), sizeof(nobody));
    }
  }).join();
  const auto batch = collect(*collector);
  EXPECT_GE(count(batch, tcp::kDrops, {{"plumbline.network.drop.reason", "NO_SOCKET"}}), 25);
}

TEST_F(TcpTest, data_that_waits_for_its_reader_is_measured_when_asked_for) {
  config_.bpf.tcp_read_wait = true;
  const NetNamespace space;
  const auto collector = open();
  const TestCgroup group(cgroups_);
  EXPECT_EQ(wait_for(group.start([&] {
              space.enter();
              const auto listener = listen_on("127.0.0.1", kServerPort, 2);
              const auto client = connect_to("127.0.0.1", kServerPort);
              const Fd server(::accept(listener.get(), nullptr, nullptr));
              send_all(client, 500);
              std::this_thread::sleep_for(50ms);
              std::vector<char> block(1000);
              return ::recv(server.get(), block.data(), block.size(), 0) == 500 ? 0 : 1;
            })),
            0);
  const auto batch = collect(*collector);
  const auto wait = histogram(batch, tcp::kReadWait, {{"linux.cgroup.path", group.path()}});
  ASSERT_TRUE(wait);
  EXPECT_EQ(wait->count, 1U);
  EXPECT_NEAR(wait->sum, 0.050, 0.010);
}

// A server that lets its connections wait, then accepts them and lives on.
int accept_late(const NetNamespace& space, int connections, std::chrono::milliseconds wait) {
  space.enter();
  const auto listener = listen_on("127.0.0.1", kServerPort, 8);
  std::vector<Fd> sockets;
  for (int i = 0; i < connections; ++i) {
    sockets.push_back(connect_to("127.0.0.1", kServerPort));
    if (!sockets.back()) return 1;
  }
  std::this_thread::sleep_for(wait);
  for (int i = 0; i < connections; ++i) {
    sockets.emplace_back(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!sockets.back()) return 2;
  }
  ::pause();
  return 0;
}

TEST_F(TcpTest, the_wait_for_accept_is_measured_when_asked_for) {
  config_.bpf.tcp_accept_wait = true;
  const NetNamespace space;
  const auto collector = open();
  EXPECT_EQ(coverage_of(*collector, "tcp.accept_wait").state, SignalState::kAvailable)
      << coverage_of(*collector, "tcp.accept_wait").reason;
  const TestCgroup group(cgroups_);
  const auto child = group.start([&] { return accept_late(space, 3, 100ms); });
  std::this_thread::sleep_for(400ms);
  const auto batch = collect(*collector);
  const auto wait = histogram(batch, tcp::kAcceptWait, {{"linux.cgroup.path", group.path()}});
  ASSERT_TRUE(wait);
  EXPECT_EQ(wait->count, 3U);
  EXPECT_NEAR(wait->sum, 0.300, 0.045);
  ::kill(child, SIGKILL);
  wait_for(child);
}

TEST_F(TcpTest, the_oldest_connection_that_nobody_accepts_shows_its_age) {
  const NetNamespace space;
  const auto collector = open();
  const TestCgroup group(cgroups_);
  const Labels labels{{"linux.cgroup.path", group.path()}};
  const auto child = group.start([&] { return accept_late(space, 2, 900ms); });
  std::this_thread::sleep_for(500ms);
  EXPECT_NEAR(number(collect(*collector), tcp::kBacklogAge, labels).value_or(-1), 0.5, 0.1);
  std::this_thread::sleep_for(1s);
  EXPECT_EQ(number(collect(*collector), tcp::kBacklogAge, labels), 0) << "all are accepted";
  ::kill(child, SIGKILL);
  wait_for(child);
}

// A client whose server does not read for a while; what the kernel itself says of its time without
// room goes to `told`, in microseconds.
int send_to_a_sleeper(const NetNamespace& space, std::chrono::milliseconds sleep, int told) {
  space.enter();
  const auto listener = listen_on("127.0.0.1", kServerPort, 8);
  const auto client = connect_to("127.0.0.1", kServerPort, SOCK_NONBLOCK);
  const Fd server(::accept(listener.get(), nullptr, nullptr));
  send_all(client, 64 << 20);  // until no buffer has room
  std::this_thread::sleep_for(sleep);
  tcp_info info{};
  socklen_t size = sizeof(info);
  ::getsockopt(client.get(), IPPROTO_TCP, TCP_INFO, &info, &size);
  if (::write(told, &info.tcpi_rwnd_limited, sizeof(info.tcpi_rwnd_limited)) < 0) return 1;
  ::pause();
  return 0;
}

TEST_F(TcpTest, connections_that_stand_still_for_want_of_a_window_are_those_of_tcp_info) {
  const NetNamespace space;
  const auto collector = open();
  const TestCgroup group(cgroups_);
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const Fd from(pipe[0]);
  const Fd to(pipe[1]);
  const auto child = group.start([&] { return send_to_a_sleeper(space, 600ms, to.get()); });
  std::uint64_t limited_us = 0;
  ASSERT_EQ(::read(from.get(), &limited_us, sizeof(limited_us)), ssize_t{sizeof(limited_us)});
  const auto batch = collect(*collector);
  EXPECT_GE(space.nstat("TcpExtTCPToZeroWindowAdv"), 1U);
  const auto standing = [&](const char* direction) {
    return number(batch,
                  tcp::kZeroWindows,
                  {{"linux.cgroup.path", group.path()}, {"network.io.direction", direction}});
  };
  EXPECT_EQ(standing("transmit"), 1);
  EXPECT_EQ(standing("receive"), 1);
  const auto limited = number(batch, tcp::kReceiverLimited, {{"linux.cgroup.path", group.path()}});
  ASSERT_TRUE(limited);
  EXPECT_GT(*limited, 0.5);
  EXPECT_NEAR(*limited, static_cast<double>(limited_us) * 1e-6, 0.05);
  ::kill(child, SIGKILL);
  wait_for(child);
}

TEST_F(TcpTest, a_denied_hook_takes_one_signal_away) {
  config_.bpf.deny_hooks = {"tcp_retransmit_skb"};
  const auto collector = open();
  for (const auto& coverage : collector->coverage()) {
    const bool gone = coverage.state == SignalState::kUnavailable;
    EXPECT_EQ(gone,
              coverage.signal == "tcp.retransmits" || coverage.signal == "tcp.read_wait" ||
                  coverage.signal == "tcp.accept_wait")
        << coverage.signal;
  }
}

// What an older kernel would leave of a signal: `deny` in bpf.deny_hooks, then one datagram for a
// port where nobody listens and one refused connection.
class TcpFallbackTest : public TcpTest {
 protected:
  Batch refused_with(std::vector<std::string> deny) {
    config_.bpf.deny_hooks = std::move(deny);
    collector_ = open();
    const NetNamespace space;
    std::thread([&] {
      space.enter();
      const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
      const auto nobody = address_of("127.0.0.1", 9);
      for (int i = 0; i < 50; ++i) {
        ::sendto(
            socket.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&nobody), sizeof(nobody));
      }
      connect_to("127.0.0.1", 9);
    }).join();
    return collect(*collector_);
  }

  std::unique_ptr<Collector> collector_;
};

TEST_F(TcpFallbackTest, drops_without_a_socket_have_reasons_and_no_groups) {
  const auto batch = refused_with({"kfree_skb:3"});
  const auto coverage = coverage_of(*collector_, "tcp.drops");
  EXPECT_EQ(coverage.state, SignalState::kDegraded);
  EXPECT_NE(coverage.reason.find("6.11"), std::string::npos) << coverage.reason;
  EXPECT_GE(count(batch, tcp::kDrops, {{"plumbline.network.drop.reason", "NO_SOCKET"}}), 25);
  for (const auto& point : batch.points()) {
    if (point.series->spec().name != tcp::kDrops.name) continue;
    EXPECT_EQ(point.series->attributes().size(), 1U) << "only the reason";
  }
}

TEST_F(TcpFallbackTest, drops_without_a_reason_are_left_out) {
  const auto batch = refused_with({"kfree_skb:2"});
  EXPECT_EQ(coverage_of(*collector_, "tcp.drops").state, SignalState::kUnavailable);
  EXPECT_FALSE(number(batch, tcp::kDrops, {}));
}

TEST_F(TcpFallbackTest, resets_without_a_reason_are_counted) {
  const auto batch = refused_with({"tcp_send_reset:2"});
  EXPECT_EQ(coverage_of(*collector_, "tcp.resets").state, SignalState::kDegraded);
  const Labels sent{{"network.io.direction", "transmit"}};
  EXPECT_GE(count(batch, tcp::kResets, sent), 1);
  EXPECT_FALSE(number(batch, tcp::kResets, {{"plumbline.tcp.reset.reason", "NO_SOCKET"}}));
}

TEST_F(TcpFallbackTest, without_walks_connections_are_known_when_they_end) {
  config_.bpf.deny_hooks = {"bpf_map_elem"};
  const Wire wire({.delay = 10ms});
  const auto collector = open();
  EXPECT_EQ(coverage_of(*collector, "tcp.connections").state, SignalState::kAvailable);
  EXPECT_EQ(coverage_of(*collector, "tcp.rtt").state, SignalState::kDegraded);
  EXPECT_EQ(coverage_of(*collector, "tcp.listeners").state, SignalState::kUnavailable);
  EXPECT_EQ(coverage_of(*collector, "tcp.windows").state, SignalState::kUnavailable);
  const TestCgroup group(cgroups_);
  EXPECT_EQ(wait_for(group.start([&] { return transfer(wire, 10'000); })), 0);
  // The server's ends with the last acknowledgement, which may have to be asked for again.
  std::this_thread::sleep_for(1s);
  const auto batch = collect(*collector);
  const auto rtt = histogram(batch, tcp::kRtt, {{"linux.cgroup.path", group.path()}});
  ASSERT_TRUE(rtt);
  EXPECT_EQ(rtt->count, 2U) << "one for each end";
  EXPECT_NEAR(rtt->sum / 2, 0.020, 0.010);
  const Labels received{{"linux.cgroup.path", group.path()}, {"network.io.direction", "receive"}};
  EXPECT_NEAR(count(batch, tcp::kIo, received), 10'000, 2);
  EXPECT_FALSE(number(batch, tcp::kOpen, {{"linux.cgroup.path", group.path()}}))
      << "what is not looked at is not 0";
  EXPECT_FALSE(number(batch, tcp::kListenBacklog, {{"linux.cgroup.path", group.path()}}));
}

}  // namespace
}  // namespace plumbline
