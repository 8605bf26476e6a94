// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/allocations.h"
#include "tests/support/batch_values.h"
#include "tests/unit/collectors/gpu/fake_nvml.h"

namespace plumbline::gpu {
namespace {

// As an H200 under load was seen to answer, driver 590.48.01.
constexpr const char* kH200 =
    "gpus 1\n"
    "gpu 0 total 150754820096\ngpu 0 reserved 643825664\ngpu 0 used 140000000000\n"
    "gpu 0 utilization 100\ngpu 0 memory_utilization 7\ngpu 0 temperature 52\n"
    "gpu 0 sm_clock 1980\ngpu 0 memory_clock 3201\ngpu 0 reasons 4\n"
    "field 0 82 u 40\nfield 0 186 u 626260\nfield 0 190 u 700000\nfield 0 83 ull 123456789\n"
    "field 0 74 ull 2500000000\nfield 0 3 ull 5\nfield 0 4 ull 0\nfield 0 142 u 1\n"
    "field 0 138 ull 10\nfield 0 139 ull 20\nfield 0 230 u 0\n";

TEST(GpuCollector, TellsWhatAGpuDoesInBaseUnits) {
  const FakeNvml nvml;
  nvml.scenario(kH200);
  GpuMachine machine(nvml);
  const auto gpu = machine.collector();
  ASSERT_TRUE(gpu->open().has_value());
  const auto out = machine.collect(*gpu, std::chrono::seconds(0));
  const auto id = uuid(0);
  EXPECT_EQ(value_of(out, "plumbline.gpu.collection.success"), 1);
  EXPECT_EQ(value_of(out, "hw.gpu.utilization", {id, "general"}), 1);
  EXPECT_DOUBLE_EQ(*value_of(out, "plumbline.gpu.memory.activity", {id}), 0.07);
  EXPECT_EQ(value_of(out, "hw.gpu.memory.limit", {id}), 150'754'820'096);
  EXPECT_EQ(value_of(out, "hw.gpu.memory.usage", {id}), 140'000'000'000);
  EXPECT_EQ(value_of(out, "plumbline.gpu.memory.reserved", {id}), 643'825'664);
  EXPECT_DOUBLE_EQ(*value_of(out, "hw.power", {id, "gpu"}), 626.26);
  EXPECT_DOUBLE_EQ(*value_of(out, "hw.energy", {id, "NVIDIA H200"}), 123'456.789);
  EXPECT_EQ(value_of(out, "hw.temperature", {id, "NVIDIA H200", "core"}), 52);
  EXPECT_EQ(value_of(out, "hw.temperature", {id, "NVIDIA H200", "memory"}), 40);
  EXPECT_EQ(value_of(out, "plumbline.gpu.clock.frequency", {id, "sm"}), 1'980'000'000);
  EXPECT_DOUBLE_EQ(*value_of(out, "plumbline.gpu.throttle.time", {id, "software_power"}), 2.5);
  EXPECT_EQ(value_of(out, "plumbline.gpu.throttled", {id, "software_power"}), 1);
  EXPECT_EQ(value_of(out, "plumbline.gpu.throttled", {id, "hardware_thermal"}), 0);
  EXPECT_EQ(value_of(out, "hw.status", {id, "gpu", "ok"}), 1);
  EXPECT_EQ(value_of(out,
                     "plumbline.gpu.info",
                     {id, "NVIDIA H200", "nvidia", "1650000000000", "590.48.01", "0000:1a:00.0"}),
            1);
  EXPECT_EQ(gpu->coverage()[0].state, SignalState::kAvailable);
}

TEST(GpuCollector, ReadsSlowThingsSeldomAndKeepsThem) {
  const FakeNvml nvml;
  nvml.scenario(kH200);
  GpuMachine machine(nvml);
  const auto gpu = machine.collector();
  ASSERT_TRUE(gpu->open().has_value());  // the slow look
  auto out = machine.collect(*gpu);
  const auto id = uuid(0);
  EXPECT_EQ(value_of(out, "hw.errors", {id, "gpu", "corrected"}), 5);
  EXPECT_EQ(value_of(out, "plumbline.gpu.nvlink.io", {id, "transmit"}), 10 * 1024);
  EXPECT_DOUBLE_EQ(*value_of(out, "plumbline.gpu.power.limit", {id}), 700);
  EXPECT_EQ(nvml.calls("nvmlDeviceGetComputeRunningProcesses_v3"), 1U);
}

TEST(GpuCollector, HasNoPointForWhatAGpuDoesNotSupport) {
  const FakeNvml nvml;
  nvml.scenario("gpus 1\nfail nvmlDeviceGetUtilizationRates 3\nfail nvmlDeviceGetTemperature 3\n");
  GpuMachine machine(nvml);
  const auto gpu = machine.collector();
  ASSERT_TRUE(gpu->open().has_value());
  for (int i = 0; i < 12; ++i) {
    const auto out = machine.collect(*gpu);
    EXPECT_FALSE(value_of(out, "hw.gpu.utilization", {uuid(0), "general"}));
    EXPECT_FALSE(value_of(out, "hw.temperature", {uuid(0), "NVIDIA H200", "core"}));
    EXPECT_FALSE(value_of(out, "hw.errors", {uuid(0), "gpu", "corrected"})) << "no ECC is not 0";
    EXPECT_EQ(value_of(out, "hw.status", {uuid(0), "gpu", "ok"}), 1);
  }
  EXPECT_EQ(nvml.calls("nvmlDeviceGetUtilizationRates"), 1U) << "asked once";
}

TEST(GpuCollector, DividesAGpuAmongGroups) {
  const FakeNvml nvml;
  nvml.scenario(
      "gpus 1\ngpu 0 used 1000\ngpu 0 utilization 90\n"
      "process 0 10 300\nprocess 0 11 200\nprocess 0 12 100\n"
      "sample 0 10 5000 30\nsample 0 11 5000 20\nsample 0 12 5000 10\n");
  GpuMachine machine(nvml);
  machine.add_process(10, "/kubepods/poda/c1");
  machine.add_process(11, "/kubepods/poda/c1");
  const auto gpu = machine.collector();
  ASSERT_TRUE(gpu->open().has_value());
  Batch out;
  ASSERT_TRUE(gpu->collect({}, out).has_value());
  const auto id = uuid(0);
  EXPECT_EQ(value_of(out, "plumbline.gpu.share.memory.usage", {"/kubepods/poda/c1", id, "group"}),
            500);
  EXPECT_EQ(value_of(out, "plumbline.gpu.share.memory.usage", {id, "unknown"}), 100);
  EXPECT_EQ(value_of(out, "plumbline.gpu.share.memory.usage", {id, "unattributed"}), 400);
  EXPECT_EQ(value_of(out, "plumbline.gpu.share.processes", {"/kubepods/poda/c1", id, "group"}), 2);
}

// 8 GPUs with 50 processes: a budget of calls, none of those that block, and after the first looks
// no allocation of ours.
TEST(GpuCollector, KeepsItsBudget) {
  std::string scenario = "gpus 8\n";
  for (int i = 0; i < 8; ++i) {
    scenario += fmt::format("gpu {} utilization 80\ngpu {} used 60000000000\n", i, i);
    for (const int field : {3, 4, 74, 82, 83, 94, 138, 139, 186, 190, 197, 198, 230}) {
      scenario += fmt::format("field {} {} ull 1000\n", i, field);
    }
  }
  const FakeNvml nvml;
  GpuMachine machine(nvml);
  for (unsigned pid = 1000; pid < 1050; ++pid) {
    scenario += fmt::format("process {} {} 1000000000\n", pid % 8, pid);
    scenario += fmt::format("sample {} {} 5000 10\n", pid % 8, pid);
    machine.add_process(pid, fmt::format("/kubepods/pod{}/c", pid));
  }
  nvml.scenario(scenario);
  const auto gpu = machine.collector();
  ASSERT_TRUE(gpu->open().has_value());
  Batch out;
  const auto look = [&] {
    out.clear();
    machine.clock().advance(std::chrono::seconds(5));
    ASSERT_TRUE(gpu->collect({}, out).has_value());
  };
  for (int i = 0; i < 12; ++i) look();
  const auto before = allocation_count();
  const auto calls = nvml.calls("nvmlDeviceGetFieldValues");
  const auto lists = nvml.calls("nvmlDeviceGetComputeRunningProcesses_v3");
  const auto utilizations = nvml.calls("nvmlDeviceGetUtilizationRates");
  for (int i = 0; i < 12; ++i) look();
  EXPECT_EQ(allocation_count() - before, 0U);
  EXPECT_EQ(nvml.calls("nvmlDeviceGetUtilizationRates") - utilizations, 8U * 12);
  EXPECT_EQ(nvml.calls("nvmlDeviceGetFieldValues") - calls, 8U * 6) << "every second look";
  EXPECT_EQ(nvml.calls("nvmlDeviceGetComputeRunningProcesses_v3") - lists, 8U * 2);
  EXPECT_EQ(nvml.calls("nvmlDeviceGetPcieThroughput"), 0U) << "it blocks for 20 ms";
  EXPECT_EQ(nvml.calls("nvmlInit_v2"), 1U);
}

TEST(GpuCollector, SaysOnceThatThereIsNoGpuAndCostsNothing) {
  const FakeNvml nvml;
  nvml.scenario("gpus 0\n");
  GpuMachine machine(nvml);
  const auto gpu = machine.collector();
  ASSERT_TRUE(gpu->open().has_value());
  EXPECT_EQ(gpu->coverage()[0].state, SignalState::kUnavailable);
  EXPECT_FALSE(gpu->coverage()[0].reason.empty());
  EXPECT_EQ(nvml.live(), 0) << "the driver is let go";
  Batch out;
  const auto before = allocation_count();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(gpu->collect({}, out).has_value());
  EXPECT_EQ(allocation_count() - before, 0U);
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(nvml.calls("nvmlInit_v2"), 1U);
}

}  // namespace
}  // namespace plumbline::gpu
