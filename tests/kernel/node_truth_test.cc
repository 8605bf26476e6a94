// SPDX-License-Identifier: Apache-2.0
// The numbers of the node collector against Debian's node_exporter, read between two readings of
// ours: a counter must lie between them, and what goes up and down must lie near them.
#include <algorithm>
#include <chrono>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "collectors/node/filesystem_collector.h"
#include "collectors/node/node_collector.h"
#include "tests/kernel/kernel_test.h"
#include "tests/kernel/node_exporter.h"
#include "tests/support/batch_values.h"

namespace plumbline {
namespace {

using Attributes = std::vector<std::string>;

// One number under both names.
struct Pair {
  std::string metric;
  Attributes attributes;
  std::string theirs;
  double factor = 1;  // theirs times this is ours
};

// How far rounding may carry the two apart: they print floating point, the kernel counts ticks.
constexpr double kRounding = 1e-6;

class NodeTruthTest : public KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (!exporter_.runs()) GTEST_SKIP() << "prometheus-node-exporter is not installed";
  }

  void expect_counters_agree(Collector& collector, const std::vector<Pair>& pairs) {
    const auto before = collect(collector);
    const auto theirs = exporter_.scrape();
    const auto after = collect(collector);
    for (const auto& pair : pairs) {
      const auto low = value_of(before, pair.metric, pair.attributes);
      const auto high = value_of(after, pair.metric, pair.attributes);
      ASSERT_TRUE(low && high) << pair.metric << " has no point for " << pair.theirs;
      ASSERT_TRUE(theirs.contains(pair.theirs)) << pair.theirs << " is not exported";
      const auto other = theirs.at(pair.theirs) * pair.factor;
      const auto slack = kRounding * std::max(1.0, std::abs(other));
      EXPECT_GE(other, *low - slack) << pair.metric << " and " << pair.theirs;
      EXPECT_LE(other, *high + slack) << pair.metric << " and " << pair.theirs;
    }
  }

  // For what goes up and down: within `share` of the larger one, or `floor`, in one of a few tries.
  void expect_gauge_agrees(Collector& collector, const Pair& pair, double share, double floor) {
    double ours = 0;
    double other = 0;
    for (int attempt = 0; attempt < 5; ++attempt) {
      const auto batch = collect(collector);
      const auto theirs = exporter_.scrape();
      const auto value = value_of(batch, pair.metric, pair.attributes);
      ASSERT_TRUE(value) << pair.metric;
      ASSERT_TRUE(theirs.contains(pair.theirs)) << pair.theirs;
      ours = *value;
      other = theirs.at(pair.theirs) * pair.factor;
      if (std::abs(ours - other) <= std::max(floor, share * std::max(ours, other))) return;
    }
    ADD_FAILURE() << pair.metric << " is " << ours << ", " << pair.theirs << " says " << other;
  }

  std::unique_ptr<Collector> open_node() {
    auto node = node::make_node(context());
    EXPECT_TRUE(node->open().has_value());
    return node;
  }

  NodeExporter exporter_;
};

TEST_F(NodeTruthTest, CpuTime) {
  std::vector<Pair> pairs;
  for (const auto* cpu : {"0", "1"}) {
    for (const auto* mode : {"user", "nice", "system", "idle", "iowait", "steal"}) {
      pairs.push_back({"system.cpu.time",
                       {mode, cpu},
                       fmt::format("node_cpu_seconds_total{{cpu=\"{}\",mode=\"{}\"}}", cpu, mode)});
    }
    pairs.push_back({"plumbline.node.cpu.guest.time",
                     {"user", cpu},
                     fmt::format("node_cpu_guest_seconds_total{{cpu=\"{}\",mode=\"user\"}}", cpu)});
  }
  pairs.push_back({"plumbline.node.context_switches", {}, "node_context_switches_total"});
  pairs.push_back({"plumbline.node.interrupts", {}, "node_intr_total"});
  pairs.push_back({"system.process.created", {}, "node_forks_total"});
  pairs.push_back({"plumbline.node.boot.time", {}, "node_boot_time_seconds"});
  expect_counters_agree(*open_node(), pairs);
}

TEST_F(NodeTruthTest, Memory) {
  const auto node = open_node();
  constexpr double kFloor = 32 << 20;
  const auto agree = [&](const std::string& metric, Attributes attributes, const char* theirs) {
    expect_gauge_agrees(
        *node,
        {metric, std::move(attributes), fmt::format("node_memory_{}_bytes", theirs)},
        0.02,
        kFloor);
  };
  expect_gauge_agrees(*node, {"system.memory.limit", {}, "node_memory_MemTotal_bytes"}, 0, 0);
  agree("system.memory.usage", {"free"}, "MemFree");
  agree("system.memory.usage", {"cached"}, "Cached");
  agree("system.memory.usage", {"buffers"}, "Buffers");
  agree("system.memory.linux.available", {}, "MemAvailable");
  agree("system.memory.linux.slab.usage", {"reclaimable"}, "SReclaimable");
  agree("system.memory.linux.slab.usage", {"unreclaimable"}, "SUnreclaim");
  agree("plumbline.node.memory.active", {"anon"}, "Active_anon");
  agree("plumbline.node.memory.committed", {}, "Committed_AS");
  agree("plumbline.node.memory.page_tables", {}, "PageTables");
}

TEST_F(NodeTruthTest, Paging) {
  expect_counters_agree(*open_node(),
                        {{"system.paging.faults", {"major"}, "node_vmstat_pgmajfault"},
                         {"plumbline.node.paging.io", {"in"}, "node_vmstat_pgpgin", 1024},
                         {"plumbline.node.paging.io", {"out"}, "node_vmstat_pgpgout", 1024},
                         {"system.paging.operations", {"major", "in"}, "node_vmstat_pswpin"},
                         {"plumbline.node.oom_kills", {}, "node_vmstat_oom_kill"}});
}

TEST_F(NodeTruthTest, Disks) {
  const auto node = open_node();
  const auto batch = collect(*node);
  std::vector<Pair> pairs;
  for (const auto& point : batch.points()) {
    if (point.series->spec().name != "system.disk.io_time") continue;
    const std::string disk(point.series->attributes()[0].second);
    const auto add = [&](const char* metric, Attributes attributes, const char* theirs) {
      attributes.insert(attributes.begin(), disk);
      pairs.push_back({metric,
                       std::move(attributes),
                       fmt::format("node_disk_{}{{device=\"{}\"}}", theirs, disk)});
    };
    add("system.disk.io", {"read"}, "read_bytes_total");
    add("system.disk.io", {"write"}, "written_bytes_total");
    add("system.disk.operations", {"read"}, "reads_completed_total");
    add("system.disk.operations", {"write"}, "writes_completed_total");
    add("system.disk.merged", {"write"}, "writes_merged_total");
    add("system.disk.operation_time", {"read"}, "read_time_seconds_total");
    add("system.disk.operation_time", {"write"}, "write_time_seconds_total");
    add("system.disk.io_time", {}, "io_time_seconds_total");
    add("plumbline.node.disk.weighted_io_time", {}, "io_time_weighted_seconds_total");
    add("plumbline.node.disk.flush.operations", {}, "flush_requests_total");
  }
  ASSERT_FALSE(pairs.empty()) << "this machine has no disk";
  expect_counters_agree(*node, pairs);
}

TEST_F(NodeTruthTest, Network) {
  const auto node = open_node();
  const auto batch = collect(*node);
  const auto exported = exporter_.scrape();
  std::vector<Pair> pairs;
  for (const auto& point : batch.points()) {
    if (point.series->spec().name != "plumbline.node.network.multicast") continue;
    const std::string interface(point.series->attributes()[0].second);
    const auto label = fmt::format("{{device=\"{}\"}}", interface);
    if (!exported.contains("node_network_receive_bytes_total" + label)) continue;  // Debian: lo
    for (const std::string direction : {"receive", "transmit"}) {
      const auto add = [&](const char* metric, const char* theirs) {
        pairs.push_back(
            {metric,
             {interface, direction},
             fmt::format(
                 "node_network_{}_{}_total{{device=\"{}\"}}", direction, theirs, interface)});
      };
      add("system.network.io", "bytes");
      add("system.network.packet.count", "packets");
      add("system.network.errors", "errs");
      add("system.network.packet.dropped", "drop");
    }
  }
  ASSERT_FALSE(pairs.empty());
  expect_counters_agree(*node, pairs);
}

TEST_F(NodeTruthTest, Protocols) {
  expect_counters_agree(
      *open_node(),
      {{"plumbline.node.tcp.segments", {"receive"}, "node_netstat_Tcp_InSegs"},
       {"plumbline.node.tcp.segments", {"transmit"}, "node_netstat_Tcp_OutSegs"},
       {"plumbline.node.tcp.opens", {"active"}, "node_netstat_Tcp_ActiveOpens"},
       {"plumbline.node.tcp.opens", {"passive"}, "node_netstat_Tcp_PassiveOpens"},
       {"plumbline.node.tcp.retransmits", {}, "node_netstat_Tcp_RetransSegs"},
       {"plumbline.node.tcp.resets_sent", {}, "node_netstat_Tcp_OutRsts"},
       {"plumbline.node.tcp.retransmit.causes", {"syn"}, "node_netstat_TcpExt_TCPSynRetrans"},
       {"plumbline.node.tcp.listen.overflows", {}, "node_netstat_TcpExt_ListenOverflows"},
       {"plumbline.node.udp.datagrams", {"receive", "ipv4"}, "node_netstat_Udp_InDatagrams"},
       {"plumbline.node.udp.datagrams", {"receive", "ipv6"}, "node_netstat_Udp6_InDatagrams"},
       {"plumbline.node.ip.io", {"receive", "ipv4"}, "node_netstat_IpExt_InOctets"},
       {"plumbline.node.ip.io", {"transmit", "ipv6"}, "node_netstat_Ip6_OutOctets"},
       {"plumbline.node.softnet.processed", {"0"}, "node_softnet_processed_total{cpu=\"0\"}"},
       {"plumbline.node.softnet.dropped", {"1"}, "node_softnet_dropped_total{cpu=\"1\"}"}});
}

TEST_F(NodeTruthTest, Pressure) {
  expect_counters_agree(
      *open_node(),
      {{"plumbline.node.pressure.time", {"cpu", "some"}, "node_pressure_cpu_waiting_seconds_total"},
       {"plumbline.node.pressure.time", {"io", "some"}, "node_pressure_io_waiting_seconds_total"},
       {"plumbline.node.pressure.time", {"io", "full"}, "node_pressure_io_stalled_seconds_total"},
       {"plumbline.node.pressure.time",
        {"memory", "some"},
        "node_pressure_memory_waiting_seconds_total"}});
}

TEST_F(NodeTruthTest, LoadAndLimits) {
  const auto node = open_node();
  expect_gauge_agrees(*node, {"plumbline.node.load.1m", {}, "node_load1"}, 0.2, 0.1);
  expect_gauge_agrees(*node, {"plumbline.node.load.15m", {}, "node_load15"}, 0.05, 0.05);
  expect_gauge_agrees(
      *node, {"plumbline.node.file_handle.usage", {}, "node_filefd_allocated"}, 0.2, 64);
  expect_gauge_agrees(*node, {"plumbline.node.file_handle.limit", {}, "node_filefd_maximum"}, 0, 0);
  expect_gauge_agrees(
      *node,
      {"plumbline.node.entropy.available", {}, "node_entropy_available_bits", 1.0 / 8},
      0,
      0);
  expect_gauge_agrees(
      *node, {"plumbline.node.conntrack.limit", {}, "node_nf_conntrack_entries_limit"}, 0, 0);
  expect_gauge_agrees(
      *node, {"plumbline.node.clock.max_error", {}, "node_timex_maxerror_seconds"}, 0, 0.1);
  expect_gauge_agrees(
      *node, {"plumbline.node.clock.synchronized", {}, "node_timex_sync_status"}, 0, 0);
}

TEST_F(NodeTruthTest, Filesystems) {
  const auto filesystem = node::make_filesystem(context());
  ASSERT_TRUE(filesystem->open().has_value());
  const auto batch = collect(*filesystem);
  std::size_t compared = 0;
  for (const auto& point : batch.points()) {
    if (point.series->spec().name != "system.filesystem.limit") continue;
    const auto attributes = point.series->attributes();
    const std::string device(attributes[0].second);
    const std::string type(attributes[1].second);
    const std::string mode(attributes[2].second);
    const std::string where(attributes[3].second);
    const auto labels =
        fmt::format("{{device=\"{}\",fstype=\"{}\",mountpoint=\"{}\"}}", device, type, where);
    const auto theirs = exporter_.scrape();
    if (!theirs.contains("node_filesystem_size_bytes" + labels)) continue;  // its rules differ
    ++compared;
    expect_gauge_agrees(*filesystem,
                        {"system.filesystem.limit",
                         {device, type, mode, where},
                         "node_filesystem_size_bytes" + labels},
                        0,
                        0);
    expect_gauge_agrees(*filesystem,
                        {"system.filesystem.usage",
                         {device, "free", type, mode, where},
                         "node_filesystem_avail_bytes" + labels},
                        0.01,
                        64 << 20);
    expect_gauge_agrees(*filesystem,
                        {"plumbline.node.filesystem.inode.usage",
                         {device, "free", type, mode, where},
                         "node_filesystem_files_free" + labels},
                        0.01,
                        1000);
  }
  EXPECT_GT(compared, 0U);
}

}  // namespace
}  // namespace plumbline
