// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "collectors/process/process_collector.h"
#include "collectors/process/signals.h"
#include "tests/kernel/kernel_test.h"

namespace plumbline {
namespace {

using namespace std::chrono_literals;

class ProcessTest : public KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (IsSkipped()) return;
    collector_ = process::make(context());
    ASSERT_TRUE(collector_->open());
    for (const auto& signal : collector_->coverage()) {
      ASSERT_EQ(signal.state, SignalState::kAvailable) << signal.signal << ": " << signal.reason;
    }
  }

  double exits(const Batch& batch, Labels labels) {
    return number(batch, process::kExits, labels).value_or(0);
  }

  std::unique_ptr<Collector> collector_;
};

TEST_F(ProcessTest, of_a_thousand_short_jobs_none_is_missed) {
  const TestCgroup jobs(cgroups_);
  const auto shell = jobs.start([] {
    return ::execl("/bin/sh",
                   "sh",
                   "-c",
                   "i=0; while [ $i -lt 1000 ]; do /bin/true; i=$((i+1)); done; exit 3",
                   nullptr);
  });
  const int status = wait_for(shell);
  ASSERT_EQ(WEXITSTATUS(status), 3);
  const auto batch = collect(*collector_);
  const auto path = std::string_view(jobs.path());
  // The shell itself was forked before it entered the group.
  EXPECT_EQ(number(batch, process::kStarts, {{"linux.cgroup.path", path}}), 1000);
  EXPECT_EQ(number(batch, process::kExecs, {{"linux.cgroup.path", path}}), 1001);
  EXPECT_EQ(exits(batch, {{"linux.cgroup.path", path}, {"process.exit.code", "0"}}), 1000);
  EXPECT_EQ(exits(batch, {{"linux.cgroup.path", path}, {"process.exit.code", "3"}}), 1);
  const auto lifetime = histogram(batch, process::kLifetime, {{"linux.cgroup.path", path}});
  ASSERT_TRUE(lifetime);
  EXPECT_EQ(lifetime->count, 1001U);
}

TEST_F(ProcessTest, a_killed_process_has_its_signal) {
  const TestCgroup jobs(cgroups_);
  const auto victim = jobs.start([] { return ::pause(); });
  std::this_thread::sleep_for(50ms);
  ::kill(victim, SIGTERM);
  wait_for(victim);
  const auto batch = collect(*collector_);
  EXPECT_EQ(
      exits(batch,
            {{"linux.cgroup.path", jobs.path()}, {"plumbline.process.exit.signal", "SIGTERM"}}),
      1);
}

TEST_F(ProcessTest, a_lifetime_is_from_fork_to_exit) {
  const TestCgroup jobs(cgroups_);
  wait_for(jobs.start([] {
    std::this_thread::sleep_for(200ms);
    return 0;
  }));
  const auto batch = collect(*collector_);
  const auto lifetime = histogram(batch, process::kLifetime, {{"linux.cgroup.path", jobs.path()}});
  ASSERT_TRUE(lifetime);
  EXPECT_EQ(lifetime->count, 1U);
  EXPECT_NEAR(lifetime->sum, 0.2, 0.05);
}

TEST_F(ProcessTest, threads_do_not_count) {
  const TestCgroup jobs(cgroups_);
  wait_for(jobs.start([] {
    for (int i = 0; i < 20; ++i) std::thread([] {}).join();
    return 0;
  }));
  const auto batch = collect(*collector_);
  EXPECT_EQ(number(batch, process::kStarts, {{"linux.cgroup.path", jobs.path()}}).value_or(0), 0);
  EXPECT_EQ(exits(batch, {{"linux.cgroup.path", jobs.path()}}), 1);
}

TEST_F(ProcessTest, an_exec_from_a_second_thread_ends_no_process) {
  const TestCgroup jobs(cgroups_);
  const auto pid = jobs.start([] {
    std::thread([] { ::execl("/bin/sh", "sh", "-c", "exit 5", nullptr); }).join();
    return 1;
  });
  EXPECT_EQ(WEXITSTATUS(wait_for(pid)), 5);
  const auto batch = collect(*collector_);
  EXPECT_EQ(exits(batch, {{"linux.cgroup.path", jobs.path()}}), 1);
  EXPECT_EQ(exits(batch, {{"linux.cgroup.path", jobs.path()}, {"process.exit.code", "5"}}), 1);
}

TEST_F(ProcessTest, a_group_that_came_and_went_unseen_counts_as_other) {
  const auto other = Labels{{"linux.cgroup.path", "_other"}};
  const auto before = exits(collect(*collector_), other);
  for (int i = 0; i < 20; ++i) wait_for(TestCgroup(cgroups_).start([] { return 0; }));
  double after = before;
  for (int i = 0; i < 8; ++i) after = exits(collect(*collector_), other);
  EXPECT_GE(after, before + 20);
}

TEST_F(ProcessTest, of_a_wave_of_new_groups_nearly_all_get_their_name_and_none_is_lost) {
  constexpr int count = 300;  // the table begins smaller than that
  std::vector<std::unique_ptr<TestCgroup>> groups;
  for (int i = 0; i < count; ++i) groups.push_back(std::make_unique<TestCgroup>(cgroups_));
  std::this_thread::sleep_for(1100ms);  // the index walks once a second
  for (const auto& group : groups) wait_for(group->start([] { return 0; }));
  const auto before = collect(*collector_);  // finds that more slots are needed
  for (const auto& group : groups) wait_for(group->start([] { return 77; }));
  const auto after = collect(*collector_);
  int named = 0;
  for (const auto& group : groups) {
    const Labels labels = {{"linux.cgroup.path", group->path()}, {"process.exit.code", "77"}};
    named += exits(after, labels) == 1 ? 1 : 0;
  }
  EXPECT_GE(named, count * 95 / 100);
  const Labels other = {{"linux.cgroup.path", "_other"}, {"process.exit.code", "77"}};
  EXPECT_EQ(named + exits(after, other) - exits(before, other), count);
}

TEST_F(ProcessTest, with_one_hook_denied_one_signal_is_gone) {
  config_.bpf.deny_hooks = {"sched_process_exec"};
  const auto collector = process::make(context());
  ASSERT_TRUE(collector->open());
  EXPECT_EQ(coverage_of(*collector, "process.starts").state, SignalState::kAvailable);
  EXPECT_EQ(coverage_of(*collector, "process.execs").state, SignalState::kUnavailable);
  EXPECT_EQ(coverage_of(*collector, "process.exits").state, SignalState::kAvailable);
  wait_for(TestCgroup(cgroups_).start([] { return 0; }));
  const auto batch = collect(*collector);
  EXPECT_TRUE(number(batch, process::kStarts, {}));
  EXPECT_FALSE(number(batch, process::kExecs, {}));
}

}  // namespace
}  // namespace plumbline
