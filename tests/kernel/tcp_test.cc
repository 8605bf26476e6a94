// SPDX-License-Identifier: Apache-2.0
//
// TCP signals against nstat, and against what a wire in user space did to the packets.
#include "tests/kernel/tcp_test.h"

#include <sys/socket.h>

#include <chrono>
#include <thread>

namespace plumbline {
namespace {

using namespace std::chrono_literals;

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

}  // namespace
}  // namespace plumbline
