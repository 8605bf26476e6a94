// SPDX-License-Identifier: Apache-2.0
#include "collectors/gpu/division.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/support/batch_values.h"
#include "tests/unit/collectors/gpu/fake_nvml.h"

namespace plumbline::gpu {
namespace {

class DivisionTest : public testing::Test {
 protected:
  DivisionTest() : machine_(nvml_) {}

  std::vector<GpuShare> divide_now(const GpuReading& reading) {
    std::vector<GpuShare> shares;
    divide(reading, groups_, shares);
    return shares;
  }

  FakeNvml nvml_;
  GpuMachine machine_;
  ProcessGroups groups_{machine_.root().path() / "proc"};
};

TEST_F(DivisionTest, NeverGivesOutMoreThanThereIs) {
  std::mt19937 random(7);
  for (unsigned pid = 1; pid <= 6; ++pid) {
    machine_.add_process(pid, "/g" + std::to_string(pid % 3));
  }
  for (int round = 0; round < 500; ++round) {
    GpuReading reading{.utilization = (random() % 101) * 0.01,
                       .memory_used = random() % 1000,
                       .processes_known = true};
    for (unsigned pid = 1; pid <= random() % 9; ++pid) {
      reading.processes.push_back(
          {.pid = pid, .memory = random() % 400, .utilization = (random() % 101) * 0.01});
    }
    double utilization = 0;
    std::uint64_t memory = 0;
    for (const auto& share : divide_now(reading)) {
      utilization += share.utilization.value_or(0);
      memory += share.memory.value_or(0);
    }
    EXPECT_NEAR(utilization, *reading.utilization, 1e-9);
    EXPECT_LE(memory, *reading.memory_used);
    EXPECT_GE(memory + reading.processes.size(), *reading.memory_used) << "but for what is rounded";
  }
}

TEST_F(DivisionTest, HasNoRestWhereAPartIsNotKnown) {
  const GpuReading reading{.memory_used = 100,
                           .processes_known = true,
                           .processes = {{.pid = 1, .memory = 10}, {.pid = 2}}};
  const auto shares = divide_now(reading);
  EXPECT_EQ(shares.back().holder, Holder::kUnattributed);
  EXPECT_FALSE(shares.back().memory);
  EXPECT_FALSE(shares.back().utilization);
}

TEST_F(DivisionTest, IsEmptyWhereProcessesAreNotKnown) {
  EXPECT_TRUE(divide_now({.utilization = 1}).empty());
}

// Faults that were read in the code of other exporters.

// One time for all GPUs: what the second one did before that is lost.
TEST(GpuPeerFaults, EachGpuHasANewestSampleOfItsOwn) {
  const FakeNvml nvml;
  nvml.scenario(
      "gpus 2\ngpu 0 utilization 50\ngpu 1 utilization 50\nprocess 0 1 1\nprocess 1 2 1\n"
      "sample 0 1 9000 50\nsample 1 2 5000 50\n");
  GpuMachine machine(nvml);
  const auto gpu = machine.collector();
  ASSERT_TRUE(gpu->open().has_value());
  // The look that open() made took these; now come newer ones, those of GPU 1 older than GPU 0's.
  nvml.scenario(
      "gpus 2\ngpu 0 utilization 50\ngpu 1 utilization 50\nprocess 0 1 1\nprocess 1 2 1\n"
      "sample 0 1 9500 50\nsample 1 2 6000 40\n");
  const auto out = machine.collect(*gpu);
  EXPECT_DOUBLE_EQ(
      value_of(out, "plumbline.gpu.share.utilization", {uuid(1), "unknown"}).value_or(-1), 0.4);
}

// Of two samples of one time the second is dropped.
TEST(GpuPeerFaults, TwoProcessesMayHaveSamplesOfOneTime) {
  const FakeNvml nvml;
  nvml.scenario("gpus 1\n");
  GpuMachine machine(nvml);
  machine.add_process(1, "/a");
  machine.add_process(2, "/b");
  const auto gpu = machine.collector();
  ASSERT_TRUE(gpu->open().has_value());
  nvml.scenario(
      "gpus 1\ngpu 0 utilization 80\nprocess 0 1 1\nprocess 0 2 1\n"
      "sample 0 1 5000 30\nsample 0 2 5000 20\n");
  const auto out = machine.collect(*gpu);
  EXPECT_DOUBLE_EQ(
      value_of(out, "plumbline.gpu.share.utilization", {"/a", uuid(0), "group"}).value_or(-1), 0.3);
  EXPECT_DOUBLE_EQ(
      value_of(out, "plumbline.gpu.share.utilization", {"/b", uuid(0), "group"}).value_or(-1), 0.2);
}

// The whole buffer of the driver each time: what was long ago counts as now.
TEST(GpuPeerFaults, OldSamplesAreNotUsedTwice) {
  const FakeNvml nvml;
  const auto* const scenario = "gpus 1\ngpu 0 utilization 0\nprocess 0 1 1\nsample 0 1 5000 90\n";
  nvml.scenario(scenario);
  GpuMachine machine(nvml);
  machine.add_process(1, "/a");
  const auto gpu = machine.collector();
  ASSERT_TRUE(gpu->open().has_value());
  const auto out = machine.collect(*gpu);
  EXPECT_EQ(value_of(out, "plumbline.gpu.share.utilization", {"/a", uuid(0), "group"}), 0);
}

// The first sample stands for every process of the GPU, and a pid is taken for a time.
TEST(GpuPeerFaults, EachProcessHasItsOwnUtilization) {
  const FakeNvml nvml;
  nvml.scenario("gpus 1\n");
  GpuMachine machine(nvml);
  machine.add_process(4'000'000, "/a");
  machine.add_process(2, "/b");
  const auto gpu = machine.collector();
  ASSERT_TRUE(gpu->open().has_value());
  nvml.scenario(
      "gpus 1\ngpu 0 utilization 100\nprocess 0 4000000 1\nprocess 0 2 1\n"
      "sample 0 2 100 10\nsample 0 4000000 200 60\nsample 0 2 300 20\n");
  const auto out = machine.collect(*gpu);
  EXPECT_DOUBLE_EQ(
      value_of(out, "plumbline.gpu.share.utilization", {"/a", uuid(0), "group"}).value_or(-1), 0.6);
  EXPECT_DOUBLE_EQ(
      value_of(out, "plumbline.gpu.share.utilization", {"/b", uuid(0), "group"}).value_or(-1), 0.15)
      << "the mean of its samples";
}

}  // namespace
}  // namespace plumbline::gpu
