// SPDX-License-Identifier: Apache-2.0
#include "collectors/gpu/groups.h"

#include <gtest/gtest.h>

#include "tests/support/hostile_text.h"
#include "tests/unit/collectors/gpu/fake_nvml.h"

namespace plumbline::gpu {
namespace {

TEST(ProcessGroups, ReadsPathsOfBothVersions) {
  EXPECT_EQ(group_in("0::/kubepods/pod1/c\n"), "/kubepods/pod1/c");
  EXPECT_EQ(group_in("12:cpuset:/x\n7:memory:/kubepods/c\n0::/\n"), "/kubepods/c");
  EXPECT_EQ(group_in("3:cpu,cpuacct:/x\n"), "");
  EXPECT_EQ(group_in("0::/a:b/c"), "/a:b/c");
  EXPECT_EQ(group_in(""), "");
}

TEST(ProcessGroups, ReadsTheStartBehindAnyName) {
  EXPECT_EQ(start_in("7 (a) 1 2) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0\n"), 4711U);
  EXPECT_EQ(start_in("7 (a) S 1"), 0U);
  EXPECT_EQ(start_in("nonsense"), 0U);
}

TEST(ProcessGroups, TakesAnyText) {
  with_hostile_texts(
      "7 (a) 1 2) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0\n0::/a\n1:memory:/b",
      [](std::string_view text) {
        start_in(text);
        EXPECT_LE(group_in(text).size(), text.size());
      });
}

TEST(ProcessGroups, KeepsTheGroupOfAProcessThatEnded) {
  const FakeNvml nvml;
  const GpuMachine machine(nvml);
  machine.add_process(5, "/a");
  ProcessGroups groups(machine.root().path() / "proc");
  ASSERT_NE(groups.find(5), nullptr);
  EXPECT_TRUE(groups.find(5)->alive);
  std::filesystem::remove_all(machine.root().path() / "proc/5");
  groups.forget_old();
  ASSERT_NE(groups.find(5), nullptr);
  EXPECT_EQ(groups.find(5)->path, "/a");
  EXPECT_FALSE(groups.find(5)->alive);
  groups.forget_old();
  groups.forget_old();
  EXPECT_EQ(groups.find(5), nullptr);
  EXPECT_EQ(groups.size(), 0U);
}

TEST(ProcessGroups, KnowsThatAPidWasGivenToAnother) {
  const FakeNvml nvml;
  const GpuMachine machine(nvml);
  machine.add_process(5, "/a", 100);
  ProcessGroups groups(machine.root().path() / "proc");
  EXPECT_EQ(groups.find(5)->path, "/a");
  machine.add_process(5, "/b", 100);
  EXPECT_EQ(groups.find(5)->path, "/a") << "read once";
  machine.add_process(5, "/b", 101);
  EXPECT_EQ(groups.find(5)->path, "/b");
}

}  // namespace
}  // namespace plumbline::gpu
