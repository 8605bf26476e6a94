// SPDX-License-Identifier: Apache-2.0
#include "collectors/bpf/group_slots.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/fake_kernel.h"

namespace plumbline::bpf {
namespace {

// A table of 512 slots that begins with 64, without a kernel.
class GroupNamesTest : public testing::Test {
 protected:
  // What a program does with a group it meets: looks for it everywhere, then takes a free slot.
  std::size_t claim(std::uint64_t id) {
    for (const std::uint64_t wanted : {id, std::uint64_t{0}}) {
      for (std::uint32_t step = 0; step < GROUPS_STEPS; ++step) {
        const std::uint32_t slot = group_place(group_home(id), step) & mask_;
        if (slot == GROUPS_OVERFLOW || ids_[slot] != wanted) continue;
        ids_[slot] = id;
        return slot;
      }
    }
    return GROUPS_OVERFLOW;
  }

  std::string name(std::size_t slot) { return std::string(names_.name(slot, kernel_.cgroups())); }

  // Ticks until slots of removed groups must have been freed.
  void pass_time(bool empty = true) {
    for (int i = 0; i < 64; ++i) {
      kernel_.tick();
      names_.recycle(kernel_.cgroups(), [empty](std::size_t) { return empty; });
    }
  }

  FakeKernel kernel_;
  std::vector<std::uint64_t> ids_ = std::vector<std::uint64_t>(512);
  std::uint32_t mask_ = 63;
  GroupNames names_{ids_, mask_};
};

TEST_F(GroupNamesTest, a_slot_is_called_by_the_path_of_its_group) {
  const auto slot = claim(kernel_.make_group("/pods/a"));
  EXPECT_EQ(name(slot), "/pods/a");
}

TEST_F(GroupNamesTest, a_free_slot_has_no_name_and_the_first_is_the_others) {
  EXPECT_EQ(name(5), "");
  EXPECT_EQ(name(GROUPS_OVERFLOW), kOtherGroups);
}

TEST_F(GroupNamesTest, a_group_that_nobody_finds_waits_before_it_is_called_other) {
  const auto slot = claim(123'456'789);
  EXPECT_EQ(name(slot), "");
  for (int i = 0; i < 10; ++i) {
    kernel_.tick();
    names_.recycle(kernel_.cgroups(), [](std::size_t) { return false; });
  }
  EXPECT_EQ(name(slot), kOtherGroups);
}

TEST_F(GroupNamesTest, a_living_group_keeps_its_slot) {
  const auto id = kernel_.make_group("/a");
  const auto slot = claim(id);
  pass_time();
  EXPECT_EQ(names_.id(slot), id);
}

TEST_F(GroupNamesTest, the_slot_of_a_removed_group_is_free_after_a_while) {
  const auto slot = claim(kernel_.make_group("/a"));
  kernel_.tick();
  kernel_.remove_group("/a");
  kernel_.tick();
  EXPECT_EQ(name(slot), "/a") << "its last counts still have an owner";
  pass_time();
  EXPECT_EQ(names_.id(slot), 0U);
}

TEST_F(GroupNamesTest, a_slot_with_counts_in_it_is_not_given_away) {
  const auto id = kernel_.make_group("/a");
  const auto slot = claim(id);
  kernel_.tick();
  kernel_.remove_group("/a");
  pass_time(false);
  EXPECT_EQ(names_.id(slot), id);
}

TEST_F(GroupNamesTest, more_slots_are_wanted_when_half_are_taken) {
  for (std::uint64_t id = 1000; std::ranges::count(ids_, 0U) > 512 - 32; ++id) claim(id);
  EXPECT_EQ(names_.wanted(kernel_.cgroups()), 64U);
  for (std::uint64_t id = 5000; std::ranges::count(ids_, 0U) > 512 - 33; ++id) claim(id);
  EXPECT_EQ(names_.wanted(kernel_.cgroups()), 128U);
  names_.resize(128);
  EXPECT_EQ(mask_, 127U) << "the program is told";
  EXPECT_EQ(names_.wanted(kernel_.cgroups()), 128U);
}

TEST_F(GroupNamesTest, more_slots_are_wanted_when_more_groups_are_alive) {
  for (int i = 0; i < 100; ++i) kernel_.make_group("/g" + std::to_string(i));
  kernel_.tick();
  EXPECT_EQ(names_.wanted(kernel_.cgroups()), 256U);
}

TEST_F(GroupNamesTest, slots_end_with_the_table) {
  names_.resize(512);
  std::ranges::fill(ids_, 7U);
  EXPECT_EQ(names_.wanted(kernel_.cgroups()), 512U);
}

TEST_F(GroupNamesTest, after_growing_a_group_leaves_the_slot_where_nobody_looks_for_it) {
  std::vector<std::pair<std::uint64_t, std::size_t>> before;
  for (int i = 0; i < 20; ++i) {
    const auto id = kernel_.make_group("/g" + std::to_string(i));
    before.emplace_back(id, claim(id));
  }
  names_.resize(512);
  kernel_.tick();
  for (const auto& [id, slot] : before) claim(id);
  pass_time();
  for (const auto& [id, slot] : before) {
    EXPECT_EQ(std::ranges::count(ids_, id), 1) << "one slot for each, the one in use";
    EXPECT_EQ(ids_[claim(id)], id);
  }
}

TEST(GroupHome, spreads_ids_of_neighbours_over_the_table) {
  // Ids of sibling groups have a constant distance, which depends on the controllers.
  for (const std::uint64_t distance : {1U, 2U, 17U, 29U, 33U, 34U, 40U, 64U, 4096U}) {
    std::vector<bool> taken(512);
    for (std::uint64_t i = 0; i < 256; ++i) {
      const auto place = [home = group_home(50'000 + distance * i)](std::uint32_t step) {
        return group_place(home, step) % 512;
      };
      std::uint32_t step = 0;
      while (step < GROUPS_STEPS && taken[place(step)]) ++step;
      ASSERT_LT(step, GROUPS_STEPS) << "at half load, distance " << distance;
      taken[place(step)] = true;
    }
  }
}

TEST(GroupSlots, are_as_many_as_the_limits_allow) {
  Config config;
  config.limits.cgroups = 1'000;
  config.bpf.memory_bytes = 16U << 20U;
  EXPECT_EQ(group_slots(config, 8, 8), 2048U) << "by the limit on groups";
  EXPECT_EQ(group_slots(config, 4096, 8), 512U) << "by memory";
  EXPECT_EQ(group_slots(config, 4096, 32), 128U) << "by a smaller share of it";
  config.bpf.memory_bytes = 1;
  EXPECT_EQ(group_slots(config, 4096, 8), kFewestSlots);
}

TEST(GroupTotals, go_on_when_a_group_comes_back_under_its_path) {
  GroupTotals<int> totals;
  totals.of("/a") += 3;
  totals.sweep();
  totals.sweep();
  totals.of("/a") += 4;
  EXPECT_EQ(totals.of("/a"), 7);
}

TEST(GroupTotals, forget_sooner_when_many_come_and_go) {
  GroupTotals<int> totals;
  totals.of(kOtherGroups) = 1;
  for (int tick = 0; tick < 100; ++tick) {
    totals.of("/service") += 1;
    for (int job = 0; job < 300; ++job) totals.of("/job-" + std::to_string(300 * tick + job));
    totals.sweep();
    EXPECT_LE(totals.size(), GroupTotals<int>::kMostIdle + 302);
  }
  EXPECT_EQ(totals.of("/service"), 100);
}

TEST(GroupTotals, keep_the_latest_of_many) {
  GroupTotals<int> totals;
  constexpr int kEach = 20;  // jobs in a tick
  constexpr int kTicks = 100;
  for (int tick = 0; tick < kTicks; ++tick) {
    for (int job = 0; job < kEach; ++job) {
      totals.of("/job-" + std::to_string(kEach * tick + job)) = 1;
    }
    totals.sweep();
  }
  constexpr auto kMost = static_cast<int>(GroupTotals<int>::kMostIdle);
  EXPECT_LE(totals.size(), kMost + kEach);
  EXPECT_GT(totals.size(), kMost - kEach);
  EXPECT_TRUE(totals.contains("/job-" + std::to_string(kEach * kTicks - kMost)));
  EXPECT_FALSE(totals.contains("/job-" + std::to_string(kEach * kTicks - kMost - 2 * kEach)));
}

TEST(GroupTotals, forget_groups_but_never_the_others) {
  GroupTotals<int> totals;
  totals.of("/a") += 3;
  totals.of(kOtherGroups) += 5;
  std::size_t dropped = 0;
  for (int i = 0; i < 100; ++i) dropped += totals.sweep();
  EXPECT_EQ(dropped, 1U);
  EXPECT_FALSE(totals.contains("/a"));
  EXPECT_EQ(totals.of(kOtherGroups), 5);
}

}  // namespace
}  // namespace plumbline::bpf
