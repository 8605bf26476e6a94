// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/cgroup_groups.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/node/signals.h"
#include "tests/support/batch_values.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace plumbline::node {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds kBudget = kCgroupBudget;

// Time goes on by itself: every look at the clock takes a moment.
class BusyClock final : public Clock {
 public:
  Steady steady() const override {
    clock_.advance(step);
    return clock_.steady();
  }
  UnixNanos wall() const override { return clock_.wall(); }
  void advance(std::chrono::nanoseconds by) { clock_.advance(by); }

  std::chrono::nanoseconds step = 0ns;

 private:
  mutable ManualClock clock_;
};

class CgroupGroupsTest : public testing::Test {
 protected:
  Batch collect(Topic& topic) {
    Batch out;
    Tick tick{.out = out, .series = series_, .buffer = buffer_, .clock = clock_};
    topic.collect(tick);
    return out;
  }

  // A v2 tree with one group at `path`.
  void write_v2(const std::string& path, int user_usec) {
    root_.write(path + "/cpu.stat", fmt::format("user_usec {}\nsystem_usec 0\n", user_usec));
    root_.write(path + "/memory.current", "1000\n");
    root_.write(path + "/memory.stat", "anon 600\nfile 400\ninactive_file 300\npgfault 5\n");
  }

  CgroupMounts v2() const {
    return {.mode = CgroupMode::kUnified, .unified = root_.path(), .v1 = {}};
  }

  TempDir root_;
  BusyClock clock_;
  SeriesTable series_{1};
  ReadBuffer buffer_;
  DeviceNames disks_;
};

TEST_F(CgroupGroupsTest, ReadsV2) {
  root_.write("cgroup.controllers", "cpu io memory pids\n");
  write_v2("pod/c1", 2'000'000);
  root_.write("pod/c1/cpu.max", "50000 100000\n");
  root_.write("pod/c1/memory.max", "2000\n");
  root_.write("pod/c1/io.stat", "254:0 rbytes=10 wbytes=20 rios=1 wios=2\n7:0 rbytes=9\n");
  root_.write("pod/c1/io.pressure", "some avg10=0 avg60=0 avg300=0 total=3000000\n");
  root_.write("pod/c1/pids.current", "12\n");
  disks_.set(254, 0, "vda");
  disks_.set(7, 0, "loop0");
  CgroupIndex index(v2(), clock_, 100);
  const auto topic = make_cgroups(index, disks_, 1);
  const auto batch = collect(*topic);
  EXPECT_EQ(value_of(batch, "plumbline.cgroup.cpu.time", {"/pod/c1", "user"}), 2);
  EXPECT_EQ(value_of(batch, "plumbline.cgroup.cpu.limit", {"/pod/c1"}), 0.5);
  EXPECT_EQ(value_of(batch, "plumbline.cgroup.memory.usage", {"/pod/c1"}), 1000);
  EXPECT_EQ(value_of(batch, "plumbline.cgroup.memory.working_set", {"/pod/c1"}), 700);
  EXPECT_EQ(value_of(batch, "plumbline.cgroup.memory.limit", {"/pod/c1"}), 2000);
  EXPECT_EQ(value_of(batch, "plumbline.cgroup.disk.io", {"/pod/c1", "vda", "write"}), 20);
  EXPECT_FALSE(value_of(batch, "plumbline.cgroup.disk.io", {"/pod/c1", "loop0", "read"}));
  EXPECT_EQ(value_of(batch, "plumbline.cgroup.pressure.time", {"/pod/c1", "io", "some"}), 3);
  EXPECT_EQ(value_of(batch, "plumbline.cgroup.thread.alive", {"/pod/c1"}), 12);
  EXPECT_EQ(value_of(batch, "plumbline.node.cgroup.measured"), 3);
  EXPECT_EQ(topic->state(), SignalState::kAvailable);
}

TEST_F(CgroupGroupsTest, ReadsV1) {
  root_.write("cpu,cpuacct/docker/a/cpuacct.stat", "user 100\nsystem 0\n");
  root_.write("cpu,cpuacct/docker/a/cpu.stat", "nr_periods 5\nnr_throttled 2\nthrottled_time 9\n");
  root_.write("cpu,cpuacct/docker/a/cpu.cfs_quota_us", "-1\n");
  root_.write("cpu,cpuacct/docker/a/cpu.cfs_period_us", "100000\n");
  root_.write("memory/docker/a/memory.usage_in_bytes", "5000\n");
  root_.write("memory/docker/a/memory.stat",
              "cache 1\nhierarchical_memory_limit 8000\ntotal_rss 3000\ntotal_inactive_file 500\n");
  root_.write("memory/docker/a/memory.oom_control", "oom_kill_disable 0\noom_kill 1\n");
  root_.write("blkio/docker/a/blkio.throttle.io_service_bytes_recursive", "254:0 Read 77\n");
  CgroupIndex index({.mode = CgroupMode::kLegacy,
                     .unified = {},
                     .v1 = {{"cpu", root_.path() / "cpu,cpuacct"},
                            {"cpuacct", root_.path() / "cpu,cpuacct"},
                            {"memory", root_.path() / "memory"},
                            {"blkio", root_.path() / "blkio"}}},
                    clock_,
                    100);
  const auto topic = make_cgroups(index, disks_, 1);
  const auto batch = collect(*topic);
  EXPECT_TRUE(value_of(batch, "plumbline.cgroup.cpu.time", {"/docker/a", "user"}));
  EXPECT_EQ(value_of(batch, "plumbline.cgroup.cpu.throttled.periods", {"/docker/a"}), 2);
  EXPECT_FALSE(value_of(batch, "plumbline.cgroup.cpu.limit", {"/docker/a"}));
  EXPECT_EQ(value_of(batch, "plumbline.cgroup.memory.limit", {"/docker/a"}), 8000);
  EXPECT_EQ(value_of(batch, "plumbline.cgroup.memory.working_set", {"/docker/a"}), 4500);
  EXPECT_EQ(value_of(batch, "plumbline.cgroup.memory.oom_kills", {"/docker/a"}), 1);
  EXPECT_EQ(value_of(batch, "plumbline.cgroup.disk.io", {"/docker/a", "254:0", "read"}), 77)
      << "a disk without a known name goes by its number";
  EXPECT_EQ(topic->state(), SignalState::kDegraded);
  EXPECT_THAT(topic->coverage().reason, testing::HasSubstr("pids"));
}

TEST_F(CgroupGroupsTest, TakesEachControllerFromWhereItIsOnAHybridHost) {
  root_.write("memory/job/memory.usage_in_bytes", "5000\n");
  root_.write("unified/job/cpu.stat", "user_usec 1000000\nsystem_usec 0\n");
  root_.write("unified/job/cpu.pressure", "some total=1000000\nfull total=0\n");
  root_.write("unified/cgroup.controllers", "hugetlb\n");
  CgroupIndex index({.mode = CgroupMode::kHybrid,
                     .unified = root_.path() / "unified",
                     .v1 = {{"memory", root_.path() / "memory"}}},
                    clock_,
                    100);
  const auto topic = make_cgroups(index, disks_, 1);
  const auto batch = collect(*topic);
  EXPECT_EQ(value_of(batch, "plumbline.cgroup.memory.usage", {"/job"}), 5000);
  EXPECT_EQ(value_of(batch, "plumbline.cgroup.cpu.time", {"/job", "user"}), 1);
  EXPECT_EQ(value_of(batch, "plumbline.cgroup.pressure.time", {"/job", "cpu", "some"}), 1);
}

TEST_F(CgroupGroupsTest, FollowsGroupsThatComeAndGo) {
  write_v2("a", 1);
  CgroupIndex index(v2(), clock_, 100);
  const auto topic = make_cgroups(index, disks_, 1);
  collect(*topic);
  write_v2("b", 1);
  std::filesystem::remove_all(root_.path() / "a");
  clock_.advance(1s);
  const auto batch = collect(*topic);
  EXPECT_FALSE(value_of(batch, "plumbline.cgroup.cpu.time", {"/a", "user"}));
  EXPECT_TRUE(value_of(batch, "plumbline.cgroup.cpu.time", {"/b", "user"}));
}

TEST_F(CgroupGroupsTest, HasNoPointForAFileThatVanishes) {
  root_.write("cgroup.controllers", "memory\n");
  write_v2("a", 1);
  CgroupIndex index(v2(), clock_, 100);
  const auto topic = make_cgroups(index, disks_, 1);
  EXPECT_TRUE(value_of(collect(*topic), "plumbline.cgroup.memory.usage", {"/a"}));
  std::filesystem::remove(root_.path() / "a/memory.current");
  const auto batch = collect(*topic);
  EXPECT_FALSE(value_of(batch, "plumbline.cgroup.memory.usage", {"/a"}));
  EXPECT_FALSE(value_of(batch, "plumbline.cgroup.memory.working_set", {"/a"}));
  EXPECT_TRUE(value_of(batch, "plumbline.cgroup.memory.rss", {"/a"}));
}

TEST_F(CgroupGroupsTest, ReadsAllInTurnWhenTimeIsShort) {
  for (int i = 0; i < 40; ++i) write_v2(fmt::format("g{:02}", i), 1);
  CgroupIndex index(v2(), clock_, 100);
  const auto topic = make_cgroups(index, disks_, 1);
  clock_.step = kBudget / 10;  // ten groups a tick
  auto batch = collect(*topic);
  EXPECT_TRUE(value_of(batch, "plumbline.cgroup.cpu.time", {"/g00", "user"}));
  EXPECT_FALSE(value_of(batch, "plumbline.cgroup.cpu.time", {"/g39", "user"}));
  EXPECT_FALSE(value_of(batch, "plumbline.node.cgroup.age")) << "some were never read";
  for (int tick = 0; tick < 6; ++tick) {
    clock_.advance(1s);
    batch = collect(*topic);
  }
  EXPECT_TRUE(value_of(batch, "plumbline.cgroup.cpu.time", {"/g39", "user"}));
  const auto age = value_of(batch, "plumbline.node.cgroup.age");
  ASSERT_TRUE(age);
  EXPECT_GT(*age, 2);
  EXPECT_LT(*age, 6);
}

TEST_F(CgroupGroupsTest, PassesIdleGroupsOverWhenTimeIsShort) {
  root_.write("cgroup.controllers", "memory\n");
  for (int i = 0; i < 40; ++i) write_v2(fmt::format("g{:02}", i), 1);
  CgroupIndex index(v2(), clock_, 100);
  const auto topic = make_cgroups(index, disks_, 1);
  clock_.step = kBudget / 10;
  for (int tick = 0; tick < 5; ++tick) collect(*topic);
  clock_.step = kBudget / 1000;  // enough for all again, but nobody knows yet

  root_.write("g07/memory.current", "2222\n");
  root_.write("g08/memory.current", "3333\n");
  write_v2("g08", 2);
  root_.write("g08/memory.current", "3333\n");
  auto batch = collect(*topic);
  EXPECT_EQ(value_of(batch, "plumbline.cgroup.memory.usage", {"/g07"}), 1000) << "idle";
  EXPECT_EQ(value_of(batch, "plumbline.cgroup.memory.usage", {"/g08"}), 3333) << "ran";
  clock_.advance(kCgroupIdleAge);
  batch = collect(*topic);
  EXPECT_EQ(value_of(batch, "plumbline.cgroup.memory.usage", {"/g07"}), 2222);
}

TEST_F(CgroupGroupsTest, SaysThatThereAreNoGroups) {
  CgroupIndex index({}, clock_, 100);
  const auto topic = make_cgroups(index, disks_, 1);
  EXPECT_TRUE(collect(*topic).empty());
  EXPECT_EQ(topic->state(), SignalState::kUnavailable);
  EXPECT_FALSE(topic->coverage().reason.empty());
}

TEST_F(CgroupGroupsTest, TellsHowManyGroupsAreOverTheLimit) {
  for (int i = 0; i < 20; ++i) root_.make_directory("g" + std::to_string(i));
  CgroupIndex index(v2(), clock_, 5);
  const auto topic = make_cgroups(index, disks_, 1);
  const auto batch = collect(*topic);
  EXPECT_EQ(value_of(batch, "plumbline.node.cgroup.measured"), 5);
  EXPECT_EQ(value_of(batch, "plumbline.node.cgroup.overflow"), 16);
}

}  // namespace
}  // namespace plumbline::node
