// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "collectors/cgroups/cgroups_collector.h"
#include "collectors/cgroups/signals.h"
#include "collectors/process/process_collector.h"
#include "collectors/process/signals.h"
#include "tests/kernel/kernel_test.h"

namespace plumbline {
namespace {

class CgroupsTest : public KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (IsSkipped()) return;
    births_ = cgroups::make(context());
    process_ = process::make(context());
    ASSERT_TRUE(births_->open());
    ASSERT_TRUE(process_->open());
    const auto coverage = coverage_of(*births_, "cgroups.births");
    ASSERT_EQ(coverage.state, SignalState::kAvailable) << coverage.reason;
    collect(*births_);
  }

  double events(const Batch& batch, std::string_view owner) {
    return number(batch,
                  cgroups::kEvents,
                  {{"plumbline.event.kind", "process"}, {"plumbline.event.owner", owner}})
        .value_or(0);
  }

  std::unique_ptr<Collector> births_;
  std::unique_ptr<Collector> process_;
};

TEST_F(CgroupsTest, groups_that_are_gone_before_anybody_looked_have_their_names) {
  constexpr int kRounds = 12;
  constexpr int kJobs = 25;  // of a round: a new table has room for some sixty groups
  std::vector<std::string> paths;
  Batch batch;
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < kJobs; ++i) {
      const TestCgroup job(cgroups_);
      paths.push_back(job.path());
      ASSERT_EQ(wait_for(job.start([] { return 0; })), 0);
    }
    batch = collect(*process_);
  }
  for (const auto& path : paths) {
    EXPECT_EQ(number(batch, process::kExits, {{"linux.cgroup.path", path}}), 1) << path;
  }
  EXPECT_EQ(number(batch, process::kExits, {{"linux.cgroup.path", "_other"}}).value_or(0), 0);
  const auto after = collect(*births_);
  EXPECT_EQ(events(after, "unnamed"), 0);
  EXPECT_GE(events(after, "named"), kRounds * kJobs);
  EXPECT_GE(number(after, cgroups::kChanges, {{"plumbline.cgroup.change", "made"}}),
            kRounds * kJobs);
  EXPECT_GE(number(after, cgroups::kChanges, {{"plumbline.cgroup.change", "removed"}}),
            kRounds * kJobs);
  EXPECT_EQ(number(after, cgroups::kChangesLost, {}), 0);
}

// Groups within each other, each with this name; removed at the end.
class DeepGroup {
 public:
  DeepGroup(const CgroupIndex& cgroups, int depth, const std::string& name)
      : root_(cgroups.root()) {
    for (int i = 0; i < depth; ++i) {
      path_ += "/" + name;
      std::filesystem::create_directory(directory());
    }
  }
  ~DeepGroup() {
    for (; !path_.empty(); path_.resize(path_.rfind('/'))) ::rmdir(directory().c_str());
  }
  DeepGroup(const DeepGroup&) = delete;
  DeepGroup& operator=(const DeepGroup&) = delete;
  DeepGroup(DeepGroup&&) = delete;
  DeepGroup& operator=(DeepGroup&&) = delete;

  const std::string& path() const { return path_; }
  // A process that enters the innermost one and ends.
  void run() const {
    const pid_t pid = ::fork();
    if (pid == 0) {
      std::ofstream(directory() / "cgroup.procs") << ::getpid() << std::flush;
      ::_exit(0);
    }
    ASSERT_EQ(wait_for(pid), 0);
  }

 private:
  std::filesystem::path directory() const { return root_ / path_.substr(1); }

  std::filesystem::path root_;
  std::string path_;
};

TEST_F(CgroupsTest, a_job_in_a_tree_thirty_deep_has_its_name) {
  std::string path;
  {
    const DeepGroup deep(cgroups_, 30, "plumbline-test-deep");
    path = deep.path();
    deep.run();
  }
  const auto batch = collect(*process_);
  EXPECT_EQ(number(batch, process::kExits, {{"linux.cgroup.path", path}}), 1);
}

TEST_F(CgroupsTest, a_path_longer_than_the_kernel_tells_is_found_by_the_walk) {
  const DeepGroup deep(cgroups_, 30, "plumbline-test-" + std::string(60, 'x'));
  deep.run();
  const auto batch = collect(*process_);
  EXPECT_EQ(number(batch, process::kExits, {{"linux.cgroup.path", deep.path()}}), 1);
}

TEST_F(CgroupsTest, a_group_is_living_from_its_birth_to_its_removal) {
  std::string path;
  {
    const TestCgroup job(cgroups_);
    path = job.path();
    cgroups_.refresh();
    const auto living = cgroups_.living();
    const auto found = std::ranges::find(living, path, &Cgroup::path);
    ASSERT_NE(found, living.end());
    EXPECT_LE((*found)->first_seen, clock_.wall());
    EXPECT_GE((*found)->first_seen, clock_.wall() - 60'000'000'000U);
  }
  cgroups_.refresh();
  const auto living = cgroups_.living();
  EXPECT_EQ(std::ranges::find(living, path, &Cgroup::path), living.end());
}

TEST_F(CgroupsTest, what_the_buffer_cannot_hold_is_counted_and_found_by_the_walk) {
  // Both events of a group take some 90 bytes of 256 KiB.
  for (int i = 0; i < 5'000; ++i) const TestCgroup job(cgroups_);
  const TestCgroup last(cgroups_);
  const auto after = collect(*births_);
  EXPECT_GT(number(after, cgroups::kChangesLost, {}), 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // the index walks once a second
  cgroups_.refresh();
  const auto living = cgroups_.living();
  EXPECT_NE(std::ranges::find(living, last.path(), &Cgroup::path), living.end());
}

TEST_F(CgroupsTest, a_denied_hook_leaves_the_walk_and_says_so) {
  config_.bpf.deny_hooks = {"cgroup_mkdir"};
  const auto births = cgroups::make(context());
  ASSERT_TRUE(births->open());
  const auto coverage = coverage_of(*births, "cgroups.births");
  EXPECT_EQ(coverage.state, SignalState::kDegraded);
  EXPECT_NE(coverage.reason.find("_other"), std::string::npos) << coverage.reason;
  EXPECT_FALSE(number(collect(*births), cgroups::kChanges, {}));
}

}  // namespace
}  // namespace plumbline
