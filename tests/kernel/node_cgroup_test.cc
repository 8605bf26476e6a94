// SPDX-License-Identifier: Apache-2.0
// What the node collector says of a group against what its process did.
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <ctime>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "collectors/node/node_collector.h"
#include "tests/kernel/kernel_test.h"
#include "tests/support/batch_values.h"

namespace plumbline {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

// The directories of one path in every hierarchy that has a controller of its own: on v1 a process
// enters each of them.
class GroupEverywhere {
 public:
  GroupEverywhere(const CgroupMounts& mounts, const std::string& path) {
    for (const auto* controller : {"cpu", "cpuacct", "memory"}) {
      const auto found = mounts.v1.find(controller);
      const auto root = found == mounts.v1.end() ? mounts.unified : found->second;
      directories_[controller] = root / path.substr(1);
      std::filesystem::create_directory(directories_[controller]);
    }
  }
  ~GroupEverywhere() {
    for (const auto& [controller, directory] : directories_) ::rmdir(directory.c_str());
  }
  GroupEverywhere(const GroupEverywhere&) = delete;
  GroupEverywhere& operator=(const GroupEverywhere&) = delete;
  GroupEverywhere(GroupEverywhere&&) = delete;
  GroupEverywhere& operator=(GroupEverywhere&&) = delete;

  void write(const std::string& controller, const std::string& file, const std::string& text) {
    std::ofstream(directories_[controller] / file) << text << std::flush;
  }
  void enter() {
    for (const auto& [controller, directory] : directories_) {
      write(controller, "cgroup.procs", std::to_string(::getpid()));
    }
  }

 private:
  std::map<std::string, std::filesystem::path> directories_;
};

class NodeCgroupTest : public KernelTest {};

TEST_F(NodeCgroupTest, CpuTimeAndThrottlingOfABusyProcess) {
  const auto path = fmt::format("/plumbline-node-cpu-{}", ::getpid());
  GroupEverywhere group(cgroups_.mounts(), path);
  if (cgroups_.mounts().v1.contains("cpu")) {
    group.write("cpu", "cpu.cfs_period_us", "50000");
    group.write("cpu", "cpu.cfs_quota_us", "10000");
  } else {
    group.write("cpu", "cpu.max", "10000 50000");
  }
  const auto node = node::make_node(context());
  ASSERT_TRUE(node->open().has_value());

  int done[2];
  ASSERT_EQ(::pipe(done), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    group.enter();
    timespec used{};
    do {
      ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    } while (used.tv_sec == 0 && used.tv_nsec < 200'000'000);
    (void)!::write(done[1], "x", 1);
    ::pause();
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(done[0], &byte, 1), 1);
  const auto batch = collect(*node);
  ::kill(child, SIGKILL);
  rusage usage{};
  ::wait4(child, nullptr, 0, &usage);

  const auto user = value_of(batch, "plumbline.cgroup.cpu.time", {path, "user"});
  const auto system = value_of(batch, "plumbline.cgroup.cpu.time", {path, "system"});
  ASSERT_TRUE(user && system);
  // The kernel's ticks are 10 ms on v1; the process did a little before it entered the group.
  EXPECT_NEAR(*user + *system, seconds(usage.ru_utime) + seconds(usage.ru_stime), 0.03);
  EXPECT_EQ(value_of(batch, "plumbline.cgroup.cpu.limit", {path}), 0.2);
  // 200 ms of work at 10 ms a period.
  const auto throttled = value_of(batch, "plumbline.cgroup.cpu.throttled.periods", {path});
  const auto periods = value_of(batch, "plumbline.cgroup.cpu.periods", {path});
  const auto stopped = value_of(batch, "plumbline.cgroup.cpu.throttled.time", {path});
  ASSERT_TRUE(throttled && periods && stopped);
  EXPECT_GE(*throttled, 10);
  EXPECT_GE(*periods, *throttled);
  EXPECT_GE(*stopped, 0.2);
}

TEST_F(NodeCgroupTest, MemoryAndFaultsOfAProcess) {
  constexpr std::size_t kBytes = 48U << 20U;
  const auto path = fmt::format("/plumbline-node-memory-{}", ::getpid());
  GroupEverywhere group(cgroups_.mounts(), path);
  const auto node = node::make_node(context());
  ASSERT_TRUE(node->open().has_value());

  int done[2];
  ASSERT_EQ(::pipe(done), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    group.enter();
    void* memory =
        ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ::madvise(memory, kBytes, MADV_NOHUGEPAGE);
    std::memset(memory, 1, kBytes);
    (void)!::write(done[1], "x", 1);
    ::pause();
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(done[0], &byte, 1), 1);
  const auto batch = collect(*node);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);

  const auto rss = value_of(batch, "plumbline.cgroup.memory.rss", {path});
  ASSERT_TRUE(rss);
  // The kernel charges pages in batches, and gives statistics to within a batch a CPU.
  EXPECT_NEAR(*rss, kBytes, 2 << 20);
  const auto usage = value_of(batch, "plumbline.cgroup.memory.usage", {path});
  const auto working_set = value_of(batch, "plumbline.cgroup.memory.working_set", {path});
  ASSERT_TRUE(usage && working_set);
  EXPECT_GE(*usage, *working_set);
  EXPECT_GT(*working_set, kBytes - (2 << 20));
  EXPECT_FALSE(value_of(batch, "plumbline.cgroup.memory.limit", {path})) << "there is none";
  const auto faults = value_of(batch, "plumbline.cgroup.paging.faults", {path, "minor"});
  ASSERT_TRUE(faults);
  EXPECT_NEAR(*faults, kBytes / 4096, 500);
}

}  // namespace
}  // namespace plumbline
