// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/gpu/nvml_source.h"
#include "tests/support/batch_values.h"
#include "tests/unit/collectors/gpu/fake_nvml.h"

namespace plumbline::gpu {
namespace {

using std::chrono::seconds;

TEST(GpuFaults, ALostGpuIsFailedAndTheOthersGoOn) {
  const FakeNvml nvml;
  nvml.scenario("gpus 2\ngpu 1 utilization 40\n");
  GpuMachine machine(nvml);
  const auto gpu = machine.collector();
  ASSERT_TRUE(gpu->open().has_value());
  nvml.scenario("gpus 2\ngpu 1 utilization 40\nfail nvmlDeviceGetUtilizationRates 15 0\n");
  auto out = machine.collect(*gpu);
  EXPECT_EQ(value_of(out, "hw.status", {uuid(0), "gpu", "failed"}), 1);
  EXPECT_EQ(value_of(out, "hw.status", {uuid(0), "gpu", "ok"}), 0);
  EXPECT_FALSE(value_of(out, "hw.gpu.memory.limit", {uuid(0)})) << "nothing old of a lost one";
  EXPECT_EQ(value_of(out, "hw.gpu.utilization", {uuid(1), "general"}), 0.4);
  EXPECT_EQ(value_of(out, "plumbline.gpu.devices", {"lost"}), 1);
  const auto asked = nvml.calls("nvmlDeviceGetUtilizationRates");
  out = machine.collect(*gpu);
  EXPECT_EQ(nvml.calls("nvmlDeviceGetUtilizationRates") - asked, 1U) << "left alone for a minute";
  nvml.scenario("gpus 2\n");
  out = machine.collect(*gpu, NvmlSource::kLostPause);
  EXPECT_EQ(value_of(out, "hw.status", {uuid(0), "gpu", "ok"}), 1);
  EXPECT_TRUE(value_of(out, "hw.gpu.memory.limit", {uuid(0)})) << "read whole at once";
}

TEST(GpuFaults, ADriverThatIsLoadedAnewIsInitializedAnew) {
  const FakeNvml nvml;
  nvml.scenario("gpus 2\n");
  GpuMachine machine(nvml);
  const auto gpu = machine.collector();
  ASSERT_TRUE(gpu->open().has_value());
  nvml.scenario("gpus 2\nfail nvmlDeviceGetUtilizationRates 9\n");
  machine.collect(*gpu);
  auto out = machine.collect(*gpu, seconds(1));
  EXPECT_EQ(value_of(out, "plumbline.gpu.collection.success"), 0);
  EXPECT_EQ(nvml.live(), 0) << "nothing holds the driver";
  EXPECT_EQ(nvml.calls("nvmlInit_v2"), 1U) << "not at once";
  nvml.scenario("gpus 2\ndriver 600.1\n");
  out = machine.collect(*gpu, NvmlSource::kFirstPause);
  EXPECT_EQ(value_of(out, "plumbline.gpu.collection.success"), 1);
  EXPECT_EQ(value_of(out, "plumbline.gpu.devices", {"ok"}), 2);
  EXPECT_EQ(nvml.live(), 1);
}

TEST(GpuFaults, ALibraryThatDoesNotFitTheDriverIsSaidWithTheWayOut) {
  const FakeNvml nvml;
  nvml.scenario("gpus 1\nfail nvmlInit_v2 18\n");
  GpuMachine machine(nvml);
  const auto gpu = machine.collector();
  ASSERT_TRUE(gpu->open().has_value());
  EXPECT_THAT(gpu->coverage()[0].reason, testing::HasSubstr("different versions"));
  for (int i = 0; i < 100; ++i) machine.collect(*gpu, seconds(10));
  EXPECT_LT(nvml.calls("nvmlInit_v2"), 12U) << "with growing pauses";
  EXPECT_EQ(nvml.live(), 0);
}

TEST(GpuFaults, DevicesWithoutTheirDriverAreAFailureAndNotNoGpu) {
  const FakeNvml nvml;
  nvml.scenario("gpus 0\n");
  GpuMachine machine(nvml);
  machine.root().write("sys/bus/pci/devices/0000:1a:00.0/class", "0x030200\n");
  machine.root().write("sys/bus/pci/devices/0000:1a:00.0/vendor", "0x10de\n");
  const auto gpu = machine.collector();
  ASSERT_TRUE(gpu->open().has_value());
  EXPECT_THAT(gpu->coverage()[0].reason, testing::HasSubstr("sees none"));
  EXPECT_EQ(value_of(machine.collect(*gpu), "plumbline.gpu.collection.success"), 0);
}

TEST(GpuFaults, AGpuThatDoesNotTellItsNameIsCounted) {
  const FakeNvml nvml;
  nvml.scenario("gpus 3\nfail nvmlDeviceGetHandleByIndex_v2 15 1\n");
  GpuMachine machine(nvml);
  const auto gpu = machine.collector();
  ASSERT_TRUE(gpu->open().has_value());
  const auto out = machine.collect(*gpu);
  EXPECT_EQ(value_of(out, "plumbline.gpu.devices", {"ok"}), 2);
  EXPECT_EQ(value_of(out, "plumbline.gpu.devices", {"nameless"}), 1);
}

// The patience is real time: what a machine under load makes late is late here too, so the test
// waits for what must come.
TEST(GpuFaults, ADriverThatHangsIsToldAndWaitedForOnItsOwnThread) {
  const FakeNvml nvml;
  GpuMachine machine(nvml);
  const auto stone = machine.root().write("stone", "");
  nvml.scenario("gpus 1\nhang nvmlInit_v2 " + stone.string() + "\n");
  const auto gpu = machine.collector(std::chrono::milliseconds(5));
  ASSERT_TRUE(gpu->open().has_value()) << "the agent goes on";
  EXPECT_THAT(gpu->coverage()[0].reason, testing::HasSubstr("hangs"));
  EXPECT_EQ(value_of(machine.collect(*gpu), "plumbline.gpu.collection.success"), 0);
  EXPECT_EQ(nvml.calls("nvmlInit_v2"), 1U) << "no second call behind one that hangs";
  std::filesystem::remove(stone);
  while (value_of(machine.collect(*gpu), "plumbline.gpu.collection.success") != 1) {
  }
  EXPECT_EQ(gpu->coverage()[0].state, SignalState::kAvailable);
}

TEST(GpuFaults, AListThatGrowsBetweenTwoCallsIsReadWhole) {
  const FakeNvml nvml;
  nvml.scenario("gpus 1\nprocess 0 1 10\ngrowing 0 1\n");
  GpuMachine machine(nvml);
  const auto gpu = machine.collector();
  ASSERT_TRUE(gpu->open().has_value());
  auto out = machine.collect(*gpu);
  EXPECT_GE(value_of(out, "plumbline.gpu.share.processes", {uuid(0), "unknown"}).value_or(0), 64);
  nvml.scenario("gpus 1\nprocess 0 1 10\ngrowing 0 99\n");
  for (int i = 0; i < 6; ++i) out = machine.collect(*gpu);
  EXPECT_FALSE(value_of(out, "plumbline.gpu.share.processes", {uuid(0), "unknown"}))
      << "one that never ends is not known, not cut off";
  EXPECT_EQ(value_of(out, "hw.status", {uuid(0), "gpu", "ok"}), 1);
}

TEST(GpuFaults, AnOldLibraryGivesWhatItHas) {
  const FakeNvml nvml(FakeNvml::Version::kOld);
  nvml.scenario(
      "gpus 1\ngpu 0 total 1000\ngpu 0 used 400\ngpu 0 reserved 100\ngpu 0 power 70000\n"
      "gpu 0 energy 5000\ngpu 0 reasons 64\nprocess 0 7 400\n");
  GpuMachine machine(nvml);
  const auto gpu = machine.collector();
  ASSERT_TRUE(gpu->open().has_value());
  const auto out = machine.collect(*gpu);
  EXPECT_EQ(value_of(out, "hw.gpu.memory.usage", {uuid(0)}), 500) << "reserved memory is in it";
  EXPECT_FALSE(value_of(out, "plumbline.gpu.memory.reserved", {uuid(0)}));
  EXPECT_EQ(value_of(out, "hw.power", {uuid(0), "gpu"}), 70);
  EXPECT_EQ(value_of(out, "hw.energy", {uuid(0), "NVIDIA H200"}), 5);
  EXPECT_EQ(value_of(out, "plumbline.gpu.throttled", {uuid(0), "hardware_thermal"}), 1);
  EXPECT_EQ(value_of(out, "plumbline.gpu.share.processes", {uuid(0), "unknown"}), 1);
  EXPECT_EQ(gpu->coverage()[0].state, SignalState::kDegraded);
  EXPECT_THAT(gpu->coverage()[0].reason, testing::HasSubstr("nvmlDeviceGetFieldValues"));
}

TEST(GpuFaults, CountersThatWrapGoOn) {
  const FakeNvml nvml;
  nvml.scenario("gpus 1\nfield 0 197 u 4294967290\n");
  GpuMachine machine(nvml);
  const auto gpu = machine.collector();
  ASSERT_TRUE(gpu->open().has_value());
  machine.collect(*gpu);
  nvml.scenario("gpus 1\nfield 0 197 u 10\n");
  const auto out = machine.collect(*gpu);
  EXPECT_EQ(value_of(out, "hw.gpu.io", {uuid(0), "transmit"}), 4'294'967'306.0);
}

TEST(GpuFaults, TheDriverIsLetGoAtTheEnd) {
  const FakeNvml nvml;
  nvml.scenario("gpus 1\n");
  const GpuMachine machine(nvml);
  {
    const auto gpu = machine.collector();
    ASSERT_TRUE(gpu->open().has_value());
    EXPECT_EQ(nvml.live(), 1);
  }
  EXPECT_EQ(nvml.live(), 0);
}

}  // namespace
}  // namespace plumbline::gpu
