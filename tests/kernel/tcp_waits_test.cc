// SPDX-License-Identifier: Apache-2.0
//
// What connections and their data wait for: accept, a reader, a window.
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <thread>
#include <vector>

#include "tests/kernel/tcp_test.h"

namespace plumbline {
namespace {

using namespace std::chrono_literals;

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

}  // namespace
}  // namespace plumbline
