// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "agent/core/fd.h"
#include "collectors/memory/memory_collector.h"
#include "collectors/memory/signals.h"
#include "tests/kernel/kernel_test.h"

namespace plumbline {
namespace {

constexpr std::size_t kLimit = 16U << 20U;

// A group that may use kLimit of memory, v1 or v2.
void set_limit(const TestCgroup& group) {
  group.write("memory.limit_in_bytes", std::to_string(kLimit));
  group.write("memory.max", std::to_string(kLimit));
  group.write("memory.swap.max", "0");
}

int use_too_much() {
  std::vector<char> memory(8 * kLimit);
  std::memset(memory.data(), 1, memory.size());
  return memory[kLimit] == 1 ? 0 : 1;
}

class MemoryTest : public KernelTest {
 protected:
  void open() {
    collector_ = memory::make(context());
    ASSERT_TRUE(collector_->open());
    if (cgroups_.id_controller() != "memory" && !cgroups_.ids_are_unified()) {
      GTEST_SKIP() << "the memory controller is not where group ids come from";
    }
  }

  // How many OOM kills a group with one process over its limit shows.
  std::optional<double> kills_seen() {
    const TestCgroup group(cgroups_);
    set_limit(group);
    const int status = wait_for(group.start(use_too_much));
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
    return number(collect(*collector_), memory::kOomKills, {{"linux.cgroup.path", group.path()}});
  }

  std::unique_ptr<Collector> collector_;
};

TEST_F(MemoryTest, an_oom_kill_shows_with_the_group_of_its_victim) {
  open();
  const auto coverage = coverage_of(*collector_, "memory.oom_kills");
  ASSERT_EQ(coverage.state, SignalState::kAvailable) << coverage.reason;
  EXPECT_EQ(kills_seen(), 1);
}

TEST_F(MemoryTest, a_kill_by_somebody_else_is_no_oom_kill) {
  open();
  const TestCgroup group(cgroups_);
  const auto victim = group.start([] { return ::pause(); });
  ::kill(victim, SIGKILL);
  wait_for(victim);
  EXPECT_FALSE(
      number(collect(*collector_), memory::kOomKills, {{"linux.cgroup.path", group.path()}}));
}

TEST_F(MemoryTest, kernels_whose_tracepoint_gives_a_pid_show_the_group_too) {
  // Its own mounts, so that tracefs is seen by nobody else.
  ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
  ASSERT_EQ(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
  const int mounted = ::mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, nullptr);
  ASSERT_TRUE(mounted == 0 || errno == EBUSY);  // busy: the host has it mounted
  config_.bpf.deny_hooks = {"tp_btf/mark_victim"};
  open();
  const auto coverage = coverage_of(*collector_, "memory.oom_kills");
  EXPECT_EQ(coverage.state, SignalState::kAvailable) << coverage.reason;
  EXPECT_TRUE(coverage.mechanism.starts_with("tracepoint/oom/mark_victim")) << coverage.mechanism;
  EXPECT_EQ(kills_seen(), 1);
}

TEST_F(MemoryTest, with_the_hook_denied_kills_are_counted_for_the_node) {
  config_.bpf.deny_hooks = {"mark_victim"};
  open();
  const auto coverage = coverage_of(*collector_, "memory.oom_kills");
  EXPECT_EQ(coverage.state, SignalState::kDegraded);
  EXPECT_NE(coverage.reason.find("deny_hooks"), std::string::npos) << coverage.reason;
  EXPECT_EQ(coverage_of(*collector_, "memory.direct_reclaim").state, SignalState::kAvailable);
  EXPECT_EQ(coverage_of(*collector_, "memory.memcg_reclaim").state, SignalState::kAvailable);
  const auto before = number(collect(*collector_), memory::kOomKills, {});
  ASSERT_TRUE(before);
  EXPECT_FALSE(kills_seen());
  const auto after = number(collect(*collector_), memory::kOomKills, {});
  EXPECT_GE(after.value_or(0), *before + 1);
}

TEST_F(MemoryTest, a_group_at_its_limit_shows_how_long_it_freed_memory) {
  open();
  const auto coverage = coverage_of(*collector_, "memory.memcg_reclaim");
  ASSERT_EQ(coverage.state, SignalState::kAvailable) << coverage.reason;
  constexpr std::size_t written = 8 * kLimit;
  const std::string file = testing::TempDir() + "plumbline-reclaim-" + std::to_string(::getpid());
  const TestCgroup group(cgroups_);
  set_limit(group);
  const auto start = clock_.steady();
  const auto status = wait_for(group.start([&] {
    const std::vector<char> block(1U << 20U, 'x');
    const Fd out(::open(file.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    for (std::size_t done = 0; done < written; done += block.size()) {
      if (::write(out.get(), block.data(), block.size()) < 0) return 1;
    }
    return 0;
  }));
  const std::chrono::duration<double> took = clock_.steady() - start;
  ::unlink(file.c_str());
  ASSERT_EQ(status, 0);

  const auto batch = collect(*collector_);
  const Labels labels = {{"linux.cgroup.path", group.path()},
                         {"plumbline.memory.reclaim.kind", "memcg"}};
  const auto stalls = histogram(batch, memory::kReclaimStall, labels);
  ASSERT_TRUE(stalls) << "is " << file << " on a file system with a page cache?";
  EXPECT_GT(stalls->count, 0U);
  EXPECT_LT(stalls->sum, took.count());
  // What did not fit had to go: by this group's own threads, as nobody else is at a limit.
  const auto pages = number(batch, memory::kReclaimPages, labels);
  EXPECT_GT(pages.value_or(0), 0.8 * static_cast<double>(written - kLimit) / 4096);
}

}  // namespace
}  // namespace plumbline
