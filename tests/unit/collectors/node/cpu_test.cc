// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/cpu.h"

#include <cmath>

#include <gtest/gtest.h>

#include "collectors/node/schedstat.h"
#include "tests/support/hostile_text.h"
#include "tests/unit/collectors/node/captured.h"

namespace plumbline::node {
namespace {

TEST(ProcStat, HasEveryCpuAndCounter) {
  ProcStat stat;
  parse_proc_stat(captured("proc/stat"), stat);
  ASSERT_EQ(stat.cpus.size(), 2U);
  EXPECT_EQ(stat.cpus[1].number, 1);
  EXPECT_EQ(stat.cpus[1].ticks[CpuTimes::kUser], 56280);
  EXPECT_EQ(stat.cpus[0].ticks[CpuTimes::kSteal], 68);
  EXPECT_EQ(stat.total.ticks[CpuTimes::kIdle], 276019);
  EXPECT_EQ(stat.context_switches, 10067119);
  EXPECT_EQ(stat.interrupts, 3150470);
  EXPECT_EQ(stat.boot_time, 1795259159);
  EXPECT_EQ(stat.processes, 64863);
  EXPECT_EQ(stat.running, 5);
  EXPECT_EQ(stat.blocked, 0);
  EXPECT_EQ(stat.softirqs[3], 71683) << "net_rx";
}

TEST(ProcStat, ForgetsWhatTheTextNoLongerHas) {
  ProcStat stat;
  parse_proc_stat(captured("proc/stat"), stat);
  parse_proc_stat("cpu0 1 2 3 4\n", stat);
  ASSERT_EQ(stat.cpus.size(), 1U);
  EXPECT_EQ(stat.cpus[0].ticks[CpuTimes::kIdle], 4);
  EXPECT_TRUE(std::isnan(stat.cpus[0].ticks[CpuTimes::kIoWait]))
      << "an old kernel has fewer fields";
  EXPECT_TRUE(std::isnan(stat.context_switches));
  EXPECT_TRUE(std::isnan(stat.total.ticks[CpuTimes::kUser]));
}

TEST(ProcStat, BoundsTheNumberOfCpus) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "cpu" + std::to_string(i) + " 1\n";
  ProcStat stat;
  parse_proc_stat(text, stat);
  EXPECT_EQ(stat.cpus.size(), ProcStat::kMaxCpus);
}

TEST(ProcStat, StandsHostileText) {
  ProcStat stat;
  with_hostile_texts(captured("proc/stat"), [&](auto text) { parse_proc_stat(text, stat); });
}

constexpr std::string_view kSchedstat =
    "version 17\n"
    "timestamp 4294920312\n"
    "cpu0 0 0 0 0 0 0 5500000000 1250000000 4321\n"
    "domain0 MC 3 1 2 3\n"
    "cpu1 0 0 0 0 0 0 1 2 3\n";

TEST(Schedstat, HasRunAndWaitTimeOfEveryCpu) {
  auto text = kSchedstat;
  const auto first = take_cpu_schedule(text);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->number, 0);
  EXPECT_DOUBLE_EQ(first->run_time, 5.5);
  EXPECT_DOUBLE_EQ(first->wait_time, 1.25);
  EXPECT_EQ(first->runs, 4321);
  const auto second = take_cpu_schedule(text);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->number, 1);
  EXPECT_FALSE(take_cpu_schedule(text));
}

TEST(Schedstat, StandsHostileText) {
  with_hostile_texts(kSchedstat, [](auto text) {
    while (take_cpu_schedule(text)) {
    }
  });
}

}  // namespace
}  // namespace plumbline::node
