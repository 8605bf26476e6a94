// SPDX-License-Identifier: Apache-2.0
//
// A hundred thousand control groups, as a broken job runner leaves them behind: the first thousand
// are measured, the others counted, and memory stays what a thousand need.
#include <malloc.h>

#include <cstdlib>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "agent/pipeline/latest.h"
#include "agent/pipeline/limit.h"
#include "collectors/node/cgroup_groups.h"
#include "tests/support/batch_values.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace plumbline::node {
namespace {

using namespace std::chrono_literals;

constexpr int kMany = 100'000;
constexpr std::int64_t kCpuSeconds = 3;  // of each group
// A thousand groups with the two series of cpu.stat take 1.5 MiB. A hundred thousand would take a
// hundred times that, their paths alone 10 MiB.
constexpr std::size_t kMostMemory = 4U << 20U;

std::size_t memory_in_use() {
  return ::mallinfo2().uordblks;
}

class CgroupFloodTest : public testing::Test {
 protected:
  void make_groups() const {
    for (int i = 0; i < kMany; ++i) {
      const auto directory = root_->path() / fmt::format("g{}", i);
      std::filesystem::create_directory(directory);
      std::ofstream(directory / "cpu.stat")
          << fmt::format("user_usec {}000000\nsystem_usec 0\n", kCpuSeconds);
    }
  }

  // One tick through all that holds something for each series.
  Batch tick() {
    clock_.advance(1s);
    Batch batch;
    batch.time = clock_.wall();
    Tick tick{.out = batch, .series = series_, .buffer = buffer_, .clock = clock_};
    topic_->collect(tick);
    limit_.apply("node", batch);
    latest_.update("node", batch);
    series_.sweep();
    return batch;
  }

  LimitsConfig limits() const {
    auto limits = Config().limits;
    limits.series_per_metric = 500;
    return limits;
  }

  // A file system in memory: elsewhere it takes half a minute to make and remove them all.
  std::optional<TempDir> root_ = [] {
    ::setenv("TMPDIR", "/dev/shm", 1);
    return std::optional<TempDir>(std::in_place);
  }();
  ManualClock clock_;
  CgroupIndex index_{
      {.mode = CgroupMode::kUnified, .unified = root_->path(), .v1 = {}}, clock_, limits().cgroups};
  DeviceNames disks_;
  std::unique_ptr<Topic> topic_ = make_cgroups(index_, disks_, 1);
  SeriesTable series_{1};
  ReadBuffer buffer_;
  SeriesLimit limit_{limits()};
  Latest latest_;
};

TEST_F(CgroupFloodTest, MeetsTheLimitsIsCountedAndTakesBoundedMemory) {
  make_groups();
  const auto before = memory_in_use();
  auto batch = tick();
  EXPECT_EQ(value_of(batch, "plumbline.node.cgroup.measured"), 1'000);
  EXPECT_EQ(value_of(batch, "plumbline.node.cgroup.overflow"), kMany + 1 - 1'000);
  // What the limit folds is not lost: 999 groups (the root has no cpu.stat) used 3 s each.
  const auto user = [](const Batch& of) {
    double sum = 0;
    int series = 0;
    for (const auto& point : of.points()) {
      if (point.series->spec().name != "plumbline.cgroup.cpu.time") continue;
      sum += point.value.real;
      ++series;
    }
    EXPECT_EQ(series, 500);
    return sum;
  };
  EXPECT_EQ(user(batch), 999 * kCpuSeconds);
  ASSERT_FALSE(limit_.overflows().empty());
  for (int i = 0; i < 20; ++i) batch = tick();
  EXPECT_EQ(user(batch), 999 * kCpuSeconds) << "nothing is counted twice";
  EXPECT_LT(memory_in_use(), before + kMostMemory);
}

TEST_F(CgroupFloodTest, TakesBoundedMemoryWhileGroupsComeAndGo) {
  const auto before = memory_in_use();
  for (int generation = 0; generation < 5; ++generation) {
    // All of them get another name, and another inode.
    for (int i = 0; i < 2'000; ++i) {
      const auto name = [&](int of) { return root_->path() / fmt::format("g{}-{}", of, i); };
      std::filesystem::remove_all(name(generation - 1));
      std::filesystem::create_directory(name(generation));
      std::ofstream(name(generation) / "cpu.stat") << "user_usec 1000000\nsystem_usec 0\n";
    }
    tick();
    EXPECT_EQ(index_.living().size(), 1'000U);
  }
  EXPECT_LT(memory_in_use(), before + kMostMemory);
}

}  // namespace
}  // namespace plumbline::node
