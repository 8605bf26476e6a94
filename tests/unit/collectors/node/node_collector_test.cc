// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/node_collector.h"

#include <fcntl.h>

#include <algorithm>
#include <cmath>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/config/config.h"
#include "agent/identity/cgroups.h"
#include "collectors/node/signals.h"
#include "tests/support/allocations.h"
#include "tests/support/batch_values.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/collectors/node/captured.h"

namespace plumbline::node {
namespace {

using namespace std::chrono_literals;

class NodeCollectorTest : public testing::Test {
 protected:
  NodeCollectorTest() {
    std::filesystem::copy("tests/unit/collectors/node/captured/proc",
                          root_.path() / "proc",
                          std::filesystem::copy_options::recursive);
    root_.make_directory("proc/1");
    root_.make_directory("proc/4711");
    root_.make_directory("sys/block/vda");
    root_.write("cgroup/job/cpu.stat",
                "usage_usec 3000000\nuser_usec 2000000\nsystem_usec 1000000\n");
    root_.write("cgroup/job/memory.current", "4096\n");
    root_.write("cgroup/cgroup.controllers", "cpu io memory pids\n");
  }

  CollectorContext context() {
    return {.config = config_,
            .clock = clock_,
            .log = log_,
            .cgroups = cgroups_,
            .proc = root_.path() / "proc",
            .sys = root_.path() / "sys"};
  }

  Batch collect(Collector& collector) {
    Batch out;
    EXPECT_TRUE(collector.collect(clock_.steady() + 1s, out).has_value());
    return out;
  }

  SignalState state_of(const Collector& collector, std::string_view signal) {
    for (const auto& coverage : collector.coverage()) {
      if (coverage.signal == signal) return coverage.state;
    }
    ADD_FAILURE() << "no signal " << signal;
    return SignalState::kUnavailable;
  }

  TempDir root_;
  ManualClock clock_;
  Config config_;
  Log log_{clock_, STDERR_FILENO, LogFormat::kText, LogLevel::kError};
  CgroupIndex cgroups_{
      {.mode = CgroupMode::kUnified, .unified = root_.path() / "cgroup", .v1 = {}}, clock_, 100};
};

TEST_F(NodeCollectorTest, ReportsTheNumbersOfTheKernelInTheUnitsOfTheConventions) {
  const auto node = make_node(context());
  ASSERT_TRUE(node->open().has_value());
  const auto batch = collect(*node);
  EXPECT_DOUBLE_EQ(*value_of(batch, "system.cpu.time", {"user", "1"}), 562.80);
  EXPECT_DOUBLE_EQ(*value_of(batch, "system.cpu.time", {"interrupt", "0"}), 0.55);
  EXPECT_EQ(value_of(batch, "system.cpu.logical.count"), 2);
  EXPECT_EQ(value_of(batch, "system.memory.limit"), 24684084.0 * 1024);
  EXPECT_EQ(value_of(batch, "system.memory.usage", {"used"}), (24684084.0 - 23344612) * 1024);
  EXPECT_EQ(value_of(batch, "system.disk.io", {"vda", "read"}), 11781874.0 * 512);
  EXPECT_DOUBLE_EQ(*value_of(batch, "system.disk.io_time", {"vda"}), 43.412);
  EXPECT_EQ(value_of(batch, "system.network.io", {"eth0", "receive"}), 1034731785);
  EXPECT_EQ(value_of(batch, "system.network.connection.count", {"established", "tcp"}), 0);
  EXPECT_EQ(value_of(batch, "plumbline.node.socket.memory", {"tcp"}), 69 * 4096);
  EXPECT_EQ(value_of(batch, "system.uptime"), 3163.66);
  EXPECT_EQ(value_of(batch, "system.process.count"), 2);
  EXPECT_EQ(value_of(batch, "system.process.limit"), 32768);
  EXPECT_EQ(value_of(batch, "plumbline.node.boot.time"), 1795259159);
  EXPECT_EQ(value_of(batch, "plumbline.cgroup.cpu.time", {"/job", "user"}), 2);
}

TEST_F(NodeCollectorTest, HasASpecForEveryPointAndNoNameTwice) {
  const auto node = make_node(context());
  ASSERT_TRUE(node->open().has_value());
  std::set<std::string> known;
  for (const auto& spec : node->info().metrics) {
    EXPECT_TRUE(known.emplace(spec.name).second) << spec.name << " stands twice in the table";
    EXPECT_FALSE(spec.description.empty()) << spec.name;
    EXPECT_FALSE(spec.source.empty()) << spec.name;
  }
  const auto batch = collect(*node);
  for (const auto& name : metric_names(batch)) EXPECT_TRUE(known.contains(name)) << name;
  EXPECT_GE(metric_names(batch).size(), 130U);
}

TEST_F(NodeCollectorTest, GivesEachSeriesOnePoint) {
  const auto node = make_node(context());
  ASSERT_TRUE(node->open().has_value());
  const auto batch = collect(*node);
  std::set<std::string> seen;
  for (const auto& point : batch.points()) {
    std::string name(point.series->spec().name);
    for (const auto& [key, value] : point.series->attributes()) {
      name.append("|").append(value);
    }
    EXPECT_TRUE(seen.insert(name).second) << name;
  }
}

TEST_F(NodeCollectorTest, LeavesOutDisksThatStoreNothing) {
  const auto node = make_node(context());
  ASSERT_TRUE(node->open().has_value());
  const auto batch = collect(*node);
  EXPECT_FALSE(value_of(batch, "system.disk.io", {"loop0", "read"}));
  EXPECT_FALSE(value_of(batch, "system.disk.io", {"zram0", "read"}));
}

TEST_F(NodeCollectorTest, CountsSinceBootAndSinceAGroupWasSeen) {
  const auto node = make_node(context());
  ASSERT_TRUE(node->open().has_value());
  auto batch = collect(*node);
  const auto boot = series_of(batch, "system.cpu.time", {"user", "0"})->start();
  EXPECT_LT(boot, clock_.wall());
  EXPECT_EQ(series_of(batch, "plumbline.cgroup.cpu.time", {"/job", "user"})->start(), boot)
      << "the group is older than the agent";
  clock_.advance(1s);
  root_.write("cgroup/young/cpu.stat", "user_usec 1\nsystem_usec 1\n");
  batch = collect(*node);
  EXPECT_EQ(series_of(batch, "plumbline.cgroup.cpu.time", {"/young", "user"})->start(),
            clock_.wall());
}

TEST_F(NodeCollectorTest, TellsUtilizationFromTwoReadings) {
  const auto node = make_node(context());
  root_.write("proc/stat", "cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 100 0 100 800 0 0 0 0 0 0\n");
  ASSERT_TRUE(node->open().has_value());
  root_.write("proc/stat", "cpu  160 0 120 820 0 0 0 0 0 0\ncpu0 160 0 120 820 0 0 0 0 0 0\n");
  const auto batch = collect(*node);
  EXPECT_DOUBLE_EQ(*value_of(batch, "system.cpu.utilization", {"user"}), 0.6);
  EXPECT_DOUBLE_EQ(*value_of(batch, "system.cpu.utilization", {"idle"}), 0.2);
  EXPECT_FALSE(value_of(collect(*node), "system.cpu.utilization", {"user"}))
      << "no time has passed";
}

TEST_F(NodeCollectorTest, DegradesOneSignalWhenAFileGoes) {
  const auto node = make_node(context());
  ASSERT_TRUE(node->open().has_value());
  EXPECT_EQ(state_of(*node, "node.vmstat"), SignalState::kAvailable);
  EXPECT_EQ(state_of(*node, "node.schedstat"), SignalState::kUnavailable) << "not captured";
  EXPECT_EQ(state_of(*node, "node.netstat"), SignalState::kAvailable);

  std::filesystem::remove_all(root_.path() / "proc/net");
  const auto other = make_node(context());
  ASSERT_TRUE(other->open().has_value()) << "what is left is still worth reading";
  const auto batch = collect(*other);
  EXPECT_EQ(state_of(*other, "node.netstat"), SignalState::kUnavailable);
  EXPECT_EQ(state_of(*other, "node.memory"), SignalState::kAvailable);
  EXPECT_FALSE(value_of(batch, "system.network.io", {"eth0", "receive"}));
  EXPECT_TRUE(value_of(batch, "system.memory.limit"));
}

TEST_F(NodeCollectorTest, SaysWhichFileIsMissingAndHowToGetIt) {
  const auto node = make_node(context());
  ASSERT_TRUE(node->open().has_value());
  const auto coverage = node->coverage();
  const auto schedstat = std::ranges::find(coverage, "node.schedstat", &Coverage::signal);
  ASSERT_NE(schedstat, coverage.end());
  EXPECT_THAT(schedstat->reason, testing::HasSubstr("proc/schedstat"));
  EXPECT_THAT(schedstat->reason, testing::HasSubstr("CONFIG_SCHEDSTATS"));
  const auto cpu = std::ranges::find(coverage, "node.cpu", &Coverage::signal);
  EXPECT_THAT(cpu->mechanism, testing::EndsWith("proc/stat"));
}

TEST_F(NodeCollectorTest, RefusesToOpenWhereNothingCanBeRead) {
  std::filesystem::remove_all(root_.path() / "proc");
  CgroupIndex none({}, clock_, 10);
  const auto node = make_node({.config = config_,
                               .clock = clock_,
                               .log = log_,
                               .cgroups = none,
                               .proc = root_.path() / "proc",
                               .sys = root_.path() / "sys"});
  EXPECT_FALSE(node->open().has_value());
}

TEST_F(NodeCollectorTest, AllocatesNothingOnceItIsWarm) {
  const auto node = make_node(context());
  ASSERT_TRUE(node->open().has_value());
  Batch batch;
  const auto tick = [&] {
    batch.clear();
    clock_.advance(1s);
    ASSERT_TRUE(node->collect(clock_.steady() + 1s, batch).has_value());
  };
  for (int i = 0; i < 3; ++i) tick();
  const auto before = allocation_count();
  for (int i = 0; i < 100; ++i) tick();
  EXPECT_EQ(allocation_count() - before, 0U);
  EXPECT_GT(batch.size(), 200U);
}

}  // namespace
}  // namespace plumbline::node
