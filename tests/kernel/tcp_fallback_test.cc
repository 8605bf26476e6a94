// SPDX-License-Identifier: Apache-2.0
//
// What is left of the TCP signals on a kernel that lacks a hook.
#include <sys/socket.h>

#include <chrono>
#include <thread>

#include "tests/kernel/tcp_test.h"

namespace plumbline {
namespace {

using namespace std::chrono_literals;

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
