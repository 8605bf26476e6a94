// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/cgroup_parsers.h"

#include <unistd.h>

#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/hostile_text.h"
#include "tests/unit/collectors/node/captured.h"

namespace plumbline::node {
namespace {

using Slot = CgroupValues::Slot;

// The beginning and the end of the file of a 6.1 kernel that has v2 alone.
constexpr std::string_view kMemoryStatV2 =
    "anon 52428800\nfile 33554432\nkernel 4194304\nkernel_stack 294912\npagetables 1245184\n"
    "sock 0\nshmem 0\nfile_mapped 8192\nfile_dirty 0\nfile_writeback 0\nswapcached 0\n"
    "anon_thp 0\ninactive_anon 50331648\nactive_anon 2097152\ninactive_file 20971520\n"
    "active_file 12582912\nunevictable 0\nslab_reclaimable 1048576\nslab_unreclaimable 524288\n"
    "slab 1572864\nworkingset_refault_anon 0\nworkingset_refault_file 12\npgfault 40000\n"
    "pgmajfault 300\npgrefill 0\nthp_fault_alloc 0\n";

TEST(CgroupParsers, ReadCpuStatOfV2) {
  CgroupValues out;
  parse_cpu_stat_v2(
      "usage_usec 3500000\nuser_usec 2000000\nsystem_usec 1500000\n"
      "core_sched.force_idle_usec 0\nnr_periods 40\nnr_throttled 7\n"
      "throttled_usec 650000\nnr_bursts 0\nburst_usec 0\n",
      out);
  EXPECT_DOUBLE_EQ(out.slots[Slot::kCpuUser], 2);
  EXPECT_DOUBLE_EQ(out.slots[Slot::kCpuSystem], 1.5);
  EXPECT_EQ(out.slots[Slot::kPeriods], 40);
  EXPECT_EQ(out.slots[Slot::kThrottledPeriods], 7);
  EXPECT_DOUBLE_EQ(out.slots[Slot::kThrottledTime], 0.65);
}

TEST(CgroupParsers, LeaveThrottlingAbsentWhereTheControllerIsOff) {
  CgroupValues out;
  parse_cpu_stat_v2(captured("cgroup/v2/cpu.stat"), out);
  EXPECT_GT(out.slots[Slot::kCpuUser], 1000);
  EXPECT_TRUE(std::isnan(out.slots[Slot::kPeriods]));
}

TEST(CgroupParsers, ReadTheCpuFilesOfV1) {
  CgroupValues out;
  parse_cpuacct_stat("user 250\nsystem 50\n", out);
  EXPECT_DOUBLE_EQ(out.slots[Slot::kCpuUser], 250.0 / static_cast<double>(::sysconf(_SC_CLK_TCK)));
  parse_cpu_stat_v1("nr_periods 10\nnr_throttled 3\nthrottled_time 1500000000\n", out);
  EXPECT_EQ(out.slots[Slot::kThrottledPeriods], 3);
  EXPECT_DOUBLE_EQ(out.slots[Slot::kThrottledTime], 1.5);
  parse_cpu_stat_v1(captured("cgroup/v1/cpu.stat"), out);
  EXPECT_EQ(out.slots[Slot::kPeriods], 0);
}

TEST(CgroupParsers, TellALimitFromNone) {
  CgroupValues out;
  parse_cpu_max("150000 100000\n", out);
  EXPECT_DOUBLE_EQ(out.slots[Slot::kCpuLimit], 1.5);
  parse_cpu_max("max 100000\n", out);
  EXPECT_TRUE(std::isnan(out.slots[Slot::kCpuLimit]));
  parse_cpu_max("5 0\n", out);
  EXPECT_TRUE(std::isnan(out.slots[Slot::kCpuLimit]));

  parse_cfs_quota("50000\n", out);
  parse_cfs_period("100000\n", out);
  EXPECT_DOUBLE_EQ(out.slots[Slot::kCpuLimit], 0.5);
  parse_cfs_quota("-1\n", out);
  parse_cfs_period("100000\n", out);
  EXPECT_TRUE(std::isnan(out.slots[Slot::kCpuLimit]));

  parse_memory_max("1073741824\n", out);
  EXPECT_EQ(out.slots[Slot::kMemoryLimit], 1073741824);
  parse_memory_max("max\n", out);
  EXPECT_TRUE(std::isnan(out.slots[Slot::kMemoryLimit]));
  parse_memory_stat_v1(captured("cgroup/v1/memory.stat"), out);
  EXPECT_TRUE(std::isnan(out.slots[Slot::kMemoryLimit])) << "v1 says a huge number";
}

TEST(CgroupParsers, ReadMemoryStatOfV2) {
  CgroupValues out;
  parse_memory_stat_v2(kMemoryStatV2, out);
  EXPECT_EQ(out.slots[Slot::kMemoryRss], 52428800);
  EXPECT_EQ(out.slots[Slot::kMemoryCache], 33554432);
  EXPECT_EQ(out.slots[Slot::kMemoryKernel], 4194304);
  EXPECT_EQ(out.slots[Slot::kMajorFaults], 300);
  EXPECT_EQ(out.slots[Slot::kMinorFaults], 39700);
  EXPECT_EQ(out.inactive_file, 20971520);
}

TEST(CgroupParsers, ReadTheTotalsOfMemoryStatOfV1) {
  CgroupValues out;
  parse_memory_stat_v1(captured("cgroup/v1/memory.stat"), out);
  EXPECT_GT(out.slots[Slot::kMemoryRss], 100'000'000) << "the total, not that of the group alone";
  EXPECT_GT(out.slots[Slot::kMinorFaults], 1'000'000);
  EXPECT_GT(out.inactive_file, 100'000'000);
  EXPECT_EQ(out.slots[Slot::kMemorySwap], 0);
}

TEST(CgroupParsers, CountTheSameFaultsWhenReadAgain) {
  CgroupValues out;
  parse_memory_stat_v2(kMemoryStatV2, out);
  parse_memory_stat_v2("anon 1\n", out);
  EXPECT_TRUE(std::isnan(out.slots[Slot::kMinorFaults]));
}

TEST(CgroupParsers, ReadMemoryEvents) {
  CgroupValues out;
  parse_memory_events("low 1\nhigh 2\nmax 30\noom 4\noom_kill 3\noom_group_kill 0\n", out);
  EXPECT_EQ(out.slots[Slot::kEventLow], 1);
  EXPECT_EQ(out.slots[Slot::kEventMax], 30);
  EXPECT_EQ(out.slots[Slot::kOomKills], 3);
  parse_oom_control("oom_kill_disable 0\nunder_oom 1\noom_kill 9\n", out);
  EXPECT_EQ(out.slots[Slot::kOomKills], 9);
  parse_memory_failcnt("77\n", out);
  EXPECT_EQ(out.slots[Slot::kEventMax], 77);
}

TEST(CgroupParsers, ReadIoOfEveryDisk) {
  CgroupValues out;
  parse_io_stat(
      "254:0 rbytes=1048576 wbytes=4096 rios=16 wios=1 dbytes=0 dios=0\n8:0\n"
      "253:1 rbytes=5\n",
      out);
  ASSERT_EQ(out.disks.size(), 3U);
  EXPECT_EQ(out.disks[0].number, std::pair(254, 0));
  EXPECT_EQ(out.disks[0].bytes_read, 1048576);
  EXPECT_EQ(out.disks[0].writes, 1);
  EXPECT_TRUE(std::isnan(out.disks[1].bytes_read)) << "a disk without numbers yet";
  EXPECT_TRUE(std::isnan(out.disks[2].reads));
}

TEST(CgroupParsers, JoinTheTwoIoFilesOfV1) {
  CgroupValues out;
  parse_blkio_bytes(
      "254:0 Read 100\n254:0 Write 200\n254:0 Sync 300\n254:0 Async 0\n"
      "254:0 Discard 0\n254:0 Total 300\nTotal 300\n",
      out);
  parse_blkio_operations("254:0 Read 1\n254:0 Write 2\n254:0 Total 3\nTotal 3\n", out);
  ASSERT_EQ(out.disks.size(), 1U);
  EXPECT_EQ(out.disks[0].bytes_read, 100);
  EXPECT_EQ(out.disks[0].bytes_written, 200);
  EXPECT_EQ(out.disks[0].reads, 1);
  EXPECT_EQ(out.disks[0].writes, 2);
}

TEST(CgroupParsers, BoundTheNumberOfDisks) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "8:" + std::to_string(i) + " rbytes=1 wbytes=1\n";
  CgroupValues out;
  parse_io_stat(text, out);
  EXPECT_EQ(out.disks.size(), CgroupValues::kMaxDisks);
}

TEST(CgroupParsers, StandHostileText) {
  using Parser = void (*)(std::string_view, CgroupValues&);
  constexpr std::array<Parser, 18> kParsers{parse_cpu_stat_v2,
                                            parse_cpu_stat_v1,
                                            parse_cpuacct_stat,
                                            parse_cpu_max,
                                            parse_cfs_quota,
                                            parse_cfs_period,
                                            parse_memory_usage,
                                            parse_memory_max,
                                            parse_memory_swap,
                                            parse_memory_stat_v2,
                                            parse_memory_stat_v1,
                                            parse_memory_events,
                                            parse_oom_control,
                                            parse_io_stat,
                                            parse_blkio_operations,
                                            parse_cpu_pressure,
                                            parse_pids_current,
                                            parse_blkio_bytes};
  CgroupValues out;
  for (const auto text : {std::string_view("254:0 rbytes=1 wbytes=2 rios=3\n254:0 Read 1\n"),
                          std::string_view("some avg10=0.00 total=12\nuser 1\nsystem 2\n"),
                          std::string_view("total_pgfault 1\npgfault 2\n\ninactive_file 3\n")}) {
    with_hostile_texts(text, [&](auto hostile) {
      for (const auto parse : kParsers) parse(hostile, out);
    });
  }
}

}  // namespace
}  // namespace plumbline::node
