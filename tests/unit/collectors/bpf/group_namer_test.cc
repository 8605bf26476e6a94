// SPDX-License-Identifier: Apache-2.0
#include "collectors/bpf/group_namer.h"

#include <sys/stat.h>

#include <chrono>

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace plumbline::bpf {
namespace {

using namespace std::chrono_literals;

class GroupNamerTest : public testing::Test {
 protected:
  std::uint64_t make_group(const char* name) {
    struct stat status {};
    ::stat(root_.make_directory(name).c_str(), &status);
    return status.st_ino;
  }

  TempDir root_;
  ManualClock clock_;
  CgroupIndex cgroups_{
      {.mode = CgroupMode::kUnified, .unified = root_.path(), .v1 = {}}, clock_, 100};
  GroupNamer names_;
};

TEST_F(GroupNamerTest, a_known_group_has_its_path_and_id_0_has_none) {
  const auto id = make_group("a");
  cgroups_.refresh();
  EXPECT_EQ(names_.of(id, cgroups_), "/a");
  EXPECT_EQ(names_.of(0, cgroups_), "");
}

TEST_F(GroupNamerTest, a_group_that_becomes_known_in_time_gets_its_path) {
  cgroups_.refresh();
  EXPECT_EQ(names_.of(999999999, cgroups_), std::nullopt);  // uses up the walk for unknown ids
  names_.sweep();
  const auto id = make_group("b");
  EXPECT_EQ(names_.of(id, cgroups_), std::nullopt);
  names_.sweep();
  clock_.advance(2s);
  cgroups_.refresh();
  EXPECT_EQ(names_.of(id, cgroups_), "/b");
}

TEST_F(GroupNamerTest, a_group_that_stays_unknown_is_other_for_good) {
  cgroups_.refresh();
  for (std::uint32_t i = 1; i < GroupNamer::kNamelessReads; ++i) {
    EXPECT_EQ(names_.of(999999999, cgroups_), std::nullopt);
    EXPECT_EQ(names_.of(999999999, cgroups_), std::nullopt) << "asked twice in one read";
    names_.sweep();
  }
  EXPECT_EQ(names_.of(999999999, cgroups_), kOtherGroups);
}

}  // namespace
}  // namespace plumbline::bpf
