// SPDX-License-Identifier: Apache-2.0
#include <sched.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include "collectors/bpf/usage.h"
#include "collectors/sched/sched_collector.h"
#include "collectors/sched/signals.h"
#include "tests/kernel/kernel_test.h"

namespace plumbline {
namespace {

using namespace std::chrono_literals;
using SchedTest = KernelTest;

int spin(std::chrono::milliseconds how_long) {
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  ::sched_setaffinity(0, sizeof(first), &first);
  const auto until = std::chrono::steady_clock::now() + how_long;
  while (std::chrono::steady_clock::now() < until) {
  }
  return 0;
}

// Takes the CPU from everybody else, 20 ms of every 40.
int take_turns(std::chrono::milliseconds how_long) {
  const sched_param priority{.sched_priority = 1};
  ::sched_setscheduler(0, SCHED_FIFO, &priority);
  for (auto done = 0ms; done < how_long; done += 40ms) {
    spin(20ms);
    std::this_thread::sleep_for(20ms);
  }
  return 0;
}

// Field 2 of /proc/PID/schedstat: how long the process waited on run queues, in seconds.
double waited(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/schedstat");
  double ran_ns = 0;
  double waited_ns = 0;
  file >> ran_ns >> waited_ns;
  return waited_ns * 1e-9;
}

TEST_F(SchedTest, run_queue_wait_of_a_group_is_what_schedstat_says) {
  const auto collector = sched::make(context());
  ASSERT_TRUE(collector->open());
  const auto coverage = coverage_of(*collector, "sched.run_queue");
  ASSERT_EQ(coverage.state, SignalState::kAvailable) << coverage.reason;

  const TestCgroup victims(cgroups_);
  const TestCgroup hogs(cgroups_);
  const auto hog = hogs.start([] { return spin(1200ms); });
  // Ends by itself, so that its last wait is in both counts when they are read.
  double expected = 0;
  const auto victim = victims.start([] {
    spin(900ms);
    ::pause();
    return 0;
  });
  std::this_thread::sleep_for(1500ms);
  expected = waited(victim);
  const auto batch = collect(*collector);
  ::kill(victim, SIGKILL);
  wait_for(victim);
  wait_for(hog);

  const auto wait = histogram(batch, sched::kRunQueueWait, {{"linux.cgroup.path", victims.path()}});
  ASSERT_TRUE(wait);
  EXPECT_GT(expected, 0.2);
  // Its first moments, before it entered the group, are the parent's.
  EXPECT_NEAR(wait->sum, expected, 0.05 * expected + 0.01);
}

TEST_F(SchedTest, the_group_that_held_the_cpu_is_named) {
  const auto collector = sched::make(context());
  ASSERT_TRUE(collector->open());
  const TestCgroup victims(cgroups_);
  const TestCgroup hogs(cgroups_);
  const auto hog = hogs.start([] { return take_turns(800ms); });
  const auto victim = victims.start([] { return spin(800ms); });
  wait_for(hog);
  wait_for(victim);
  const auto batch = collect(*collector);

  const auto wait = histogram(batch, sched::kRunQueueWait, {{"linux.cgroup.path", victims.path()}});
  const auto all = number(batch, sched::kInterference, {{"linux.cgroup.path", victims.path()}});
  const auto by_hogs = number(batch,
                              sched::kInterference,
                              {{"linux.cgroup.path", victims.path()},
                               {"plumbline.sched.culprit.cgroup.path", hogs.path()}});
  ASSERT_TRUE(wait && all && by_hogs);
  // Other work on this machine takes its share of the CPU too, in the time the hog leaves.
  EXPECT_GT(*by_hogs, 0.4 * wait->sum);
  // Only waits below 1 ms are nobody's fault.
  EXPECT_GT(*all, 0.8 * wait->sum);
  EXPECT_LE(*all, wait->sum);
}

TEST_F(SchedTest, sleeping_counts_as_off_cpu_time) {
  const auto collector = sched::make(context());
  ASSERT_TRUE(collector->open());
  const TestCgroup sleepers(cgroups_);
  const auto sleeper = sleepers.start([] {
    for (int i = 0; i < 10; ++i) std::this_thread::sleep_for(50ms);
    return 0;
  });
  wait_for(sleeper);
  const auto batch = collect(*collector);
  const auto slept =
      number(batch,
             sched::kOffCpu,
             {{"linux.cgroup.path", sleepers.path()}, {"plumbline.sched.off_cpu.state", "sleep"}});
  ASSERT_TRUE(slept);
  EXPECT_NEAR(*slept, 0.5, 0.05);
  const auto switches = number(
      batch,
      sched::kSwitches,
      {{"linux.cgroup.path", sleepers.path()}, {"process.context_switch.type", "voluntary"}});
  EXPECT_GE(switches.value_or(0), 10);
}

TEST_F(SchedTest, time_run_before_the_end_is_not_taken_from_off_cpu_time) {
  const auto collector = sched::make(context());
  ASSERT_TRUE(collector->open());
  const TestCgroup jobs(cgroups_);
  for (int i = 0; i < 5; ++i) {
    wait_for(jobs.start([] {
      std::this_thread::sleep_for(40ms);
      return spin(40ms);
    }));
  }
  const auto batch = collect(*collector);
  const auto slept =
      number(batch,
             sched::kOffCpu,
             {{"linux.cgroup.path", jobs.path()}, {"plumbline.sched.off_cpu.state", "sleep"}});
  EXPECT_NEAR(slept.value_or(0), 0.2, 0.05);
}

TEST_F(SchedTest, a_denied_hook_takes_the_signal_away_and_says_so) {
  config_.bpf.deny_hooks = {"sched_switch"};
  const auto collector = sched::make(context());
  ASSERT_TRUE(collector->open());
  const auto coverage = coverage_of(*collector, "sched.run_queue");
  EXPECT_EQ(coverage.state, SignalState::kUnavailable);
  EXPECT_NE(coverage.reason.find("deny_hooks"), std::string::npos) << coverage.reason;
  EXPECT_TRUE(collect(*collector).empty());
}

TEST_F(SchedTest, its_maps_fit_the_budget) {
  const auto collector = sched::make(context());
  ASSERT_TRUE(collector->open());
  const auto usage = bpf::own_usage("/proc");
  ASSERT_TRUE(usage);
  EXPECT_GT(usage->map_bytes, 1U << 20U);
  EXPECT_LT(usage->map_bytes, config_.bpf.memory_bytes / 4);
  ASSERT_EQ(usage->programs.size(), 1U);
  EXPECT_EQ(usage->programs[0].name, "on_sched_switch");
}

}  // namespace
}  // namespace plumbline
