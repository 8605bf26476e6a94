// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "agent/identity/cgroups.h"
#include "tests/support/temp_dir.h"

namespace plumbline {
namespace {

constexpr std::string_view kHybridTable =
    "23 27 0:22 / /sys rw,relatime - sysfs sysfs rw\n"
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
    "40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

TEST(CgroupMounts, FindsV2Alone) {
  const auto mounts = parse_cgroup_mounts(
      "24 21 0:22 / /sys rw - sysfs sysfs rw\n"
      "29 24 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n");
  EXPECT_EQ(mounts.mode, CgroupMode::kUnified);
  EXPECT_EQ(mounts.unified, "/sys/fs/cgroup");
  EXPECT_TRUE(mounts.v1.empty());
}

TEST(CgroupMounts, FindsV1AndV2SideBySide) {
  const auto mounts = parse_cgroup_mounts(kHybridTable);
  EXPECT_EQ(mounts.mode, CgroupMode::kHybrid);
  EXPECT_EQ(mounts.unified, "/sys/fs/cgroup/unified");
  ASSERT_EQ(mounts.v1.size(), 2U) << "a named hierarchy is no controller";
  EXPECT_EQ(mounts.v1.at("memory"), "/sys/fs/cgroup/memory");
}

TEST(CgroupMounts, FindsControllersThatAreMountedTogether) {
  const auto mounts = parse_cgroup_mounts(
      "33 32 0:28 / /sys/fs/cgroup/cpu,cpuacct rw shared:12 master:3 - cgroup cgroup "
      "rw,cpu,cpuacct\n");
  EXPECT_EQ(mounts.mode, CgroupMode::kLegacy);
  EXPECT_EQ(mounts.v1.at("cpu"), "/sys/fs/cgroup/cpu,cpuacct");
  EXPECT_EQ(mounts.v1.at("cpuacct"), "/sys/fs/cgroup/cpu,cpuacct");
}

TEST(CgroupMounts, PrefersTheMountThatShowsTheWholeHierarchy) {
  const auto mounts = parse_cgroup_mounts(
      "50 1 0:26 /kubepods/x /part rw - cgroup2 cgroup2 rw\n"
      "51 1 0:26 / /host\\040root rw - cgroup2 cgroup2 rw\n"
      "52 1 0:26 / /later rw - cgroup2 cgroup2 rw\n");
  EXPECT_EQ(mounts.unified, "/host root");
}

TEST(CgroupMounts, TakesNothingFromNonsense) {
  for (const auto* text : {"",
                           "\n\n",
                           " - ",
                           "1 2 3",
                           "- cgroup2",
                           "1 2 3 / - cgroup2 x rw",
                           "1 1 0:1 / /ext rw - ext4 /dev/vda rw,memory"}) {
    EXPECT_EQ(parse_cgroup_mounts(text).mode, CgroupMode::kNone) << text;
  }
}

TEST(CgroupMounts, SurvivesEveryTruncation) {
  for (std::size_t length = 0; length <= kHybridTable.size(); ++length) {
    parse_cgroup_mounts(kHybridTable.substr(0, length));
  }
}

TEST(CgroupMounts, ReadsTheTableBelowTheGivenProc) {
  const TempDir proc;
  proc.write("self/mountinfo", kHybridTable);
  const auto mounts = find_cgroup_mounts(proc.path());
  ASSERT_TRUE(mounts.has_value());
  EXPECT_EQ(mounts->mode, CgroupMode::kHybrid);
}

TEST(CgroupMounts, SaysWhichFileItCouldNotOpen) {
  const TempDir proc;
  const auto mounts = find_cgroup_mounts(proc.path());
  ASSERT_FALSE(mounts.has_value());
  EXPECT_NE(mounts.error().what.find("self/mountinfo"), std::string::npos);
}

TEST(CgroupMounts, LooksForAControllerInV1First) {
  const TempDir root;
  root.write("unified/cgroup.controllers", "hugetlb memory\n");
  const CgroupMounts mounts{.mode = CgroupMode::kHybrid,
                            .unified = root.path() / "unified",
                            .v1 = {{"memory", root.path() / "memory"}}};
  EXPECT_EQ(mounts.root_of("memory"), root.path() / "memory");
  EXPECT_EQ(mounts.root_of("hugetlb"), root.path() / "unified");
  EXPECT_TRUE(mounts.root_of("io").empty());
  EXPECT_TRUE(CgroupMounts{}.root_of("memory").empty());
}

}  // namespace
}  // namespace plumbline
