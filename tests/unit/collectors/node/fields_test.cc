// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/fields.h"

#include <cmath>

#include <gtest/gtest.h>

#include "collectors/node/memory.h"
#include "collectors/node/netstat.h"
#include "collectors/node/sockets.h"
#include "collectors/node/vmstat.h"
#include "tests/support/hostile_text.h"
#include "tests/unit/collectors/node/captured.h"

namespace plumbline::node {
namespace {

TEST(Fields, ReadMeminfo) {
  auto values = make_meminfo_values();
  parse_list(captured("proc/meminfo"), values);
  EXPECT_EQ(values.get("MemTotal"), 24684084);
  EXPECT_EQ(values.get("HugePages_Total"), 0);
  EXPECT_TRUE(std::isnan(values.get("NoSuchLine")));
}

TEST(Fields, MakeTheStatesOfMemoryFromMeminfo) {
  auto values = make_meminfo_values();
  parse_list(
      "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 400 kB\nSwapTotal: 50 kB\n"
      "SwapFree: 20 kB\nHugePages_Total: 8\nHugePages_Free: 5\n",
      values);
  const auto state = to_memory_state(values);
  EXPECT_EQ(state.total, 1000 * 1024);
  EXPECT_EQ(state.used, 600 * 1024);
  EXPECT_EQ(state.free, 100 * 1024);
  EXPECT_EQ(state.swap_used, 30 * 1024);
  EXPECT_EQ(state.hugepages_used, 3);
  EXPECT_TRUE(std::isnan(state.buffers)) << "a missing line is absent, not zero";
}

TEST(Fields, ReadVmstat) {
  auto values = make_vmstat_values();
  parse_list(captured("proc/vmstat"), values);
  EXPECT_GT(values.get("pgfault"), values.get("pgmajfault"));
  EXPECT_EQ(values.get("oom_kill"), 0);
}

TEST(Fields, ReadTheProtocolTables) {
  auto values = make_netstat_values();
  parse_two_lines(captured("proc/net/snmp"), values);
  parse_two_lines(captured("proc/net/netstat"), values);
  EXPECT_GT(values.get("Tcp:InSegs"), 50'000);
  EXPECT_EQ(values.get("TcpExt:ListenOverflows"), 0);
  EXPECT_GT(values.get("IpExt:InOctets"), 1e9);
}

TEST(Fields, StopAtATableWhoseLinesDoNotMatch) {
  auto values = make_netstat_values();
  parse_two_lines("Tcp: InSegs OutSegs\nTcp: 5\nUdp: NoPorts\nIp: 7\nIp: InReceives\nIp: 9\n",
                  values);
  EXPECT_EQ(values.get("Tcp:InSegs"), 5);
  EXPECT_TRUE(std::isnan(values.get("Tcp:OutSegs")));
  EXPECT_TRUE(std::isnan(values.get("Udp:NoPorts")));
}

TEST(Fields, ReadSnmp6) {
  auto values = make_snmp6_values();
  parse_list(captured("proc/net/snmp6"), values);
  EXPECT_GE(values.get("Ip6OutRequests"), 10);
}

TEST(Fields, ReadSockstat) {
  auto values = make_sockstat_values();
  parse_pairs(captured("proc/net/sockstat"), values);
  parse_pairs(captured("proc/net/sockstat6"), values);
  EXPECT_EQ(values.get("sockets:used"), 16);
  EXPECT_EQ(values.get("TCP:mem"), 69);
  EXPECT_EQ(values.get("TCP6:inuse"), 0);
}

TEST(Fields, StandHostileText) {
  auto meminfo = make_meminfo_values();
  with_hostile_texts(captured("proc/meminfo"), [&](auto text) { parse_list(text, meminfo); });
  auto vmstat = make_vmstat_values();
  with_hostile_texts(captured("proc/vmstat"), [&](auto text) { parse_list(text, vmstat); });
  auto netstat = make_netstat_values();
  with_hostile_texts(captured("proc/net/netstat"),
                     [&](auto text) { parse_two_lines(text, netstat); });
  auto sockstat = make_sockstat_values();
  with_hostile_texts(captured("proc/net/sockstat"),
                     [&](auto text) { parse_pairs(text, sockstat); });
}

}  // namespace
}  // namespace plumbline::node
