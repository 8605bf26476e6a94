// SPDX-License-Identifier: Apache-2.0
#include "collectors/memory/memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/memory/memory_collector.h"
#include "tests/support/fake_kernel.h"

namespace plumbline::memory {
namespace {

TEST(OomKills, are_found_wherever_the_line_stands) {
  EXPECT_EQ(oom_kills("nr_free_pages 12\noom_kill 3\nnuma_hit 4\n"), 3U);
  EXPECT_EQ(oom_kills("oom_kill 0\n"), 0U);
  EXPECT_EQ(oom_kills("a 1\noom_kill 18446744073709551615"), 18446744073709551615U);
}

TEST(OomKills, are_unknown_without_their_line) {
  EXPECT_FALSE(oom_kills(""));
  EXPECT_FALSE(oom_kills("nr_free_pages 12\n"));
  EXPECT_FALSE(oom_kills("memcg_oom_kill 3\noom_kill_other 4\n"));
  EXPECT_FALSE(oom_kills("oom_kill many\n"));
}

TEST(MemoryCollector, without_rights_counts_oom_kills_for_the_node) {
  FakeKernel kernel;
  kernel.write("proc/vmstat", "nr_free_pages 12\noom_kill 3\n");
  const auto collector = make(kernel.context());
  ASSERT_TRUE(collector->open());
  const auto coverage = collector->coverage();
  ASSERT_EQ(coverage.size(), 3U);
  EXPECT_EQ(coverage[0].state, SignalState::kDegraded);
  EXPECT_EQ(coverage[0].mechanism, "/proc/vmstat oom_kill");
  EXPECT_THAT(coverage[0].reason, testing::HasSubstr("CAP_BPF"));
  EXPECT_EQ(coverage[1].state, SignalState::kUnavailable);
  EXPECT_EQ(coverage[2].state, SignalState::kUnavailable);
  Batch batch;
  EXPECT_TRUE(collector->collect({}, batch));
  ASSERT_EQ(batch.points().size(), 1U);
  EXPECT_EQ(batch.points()[0].value.integer, 3);
  EXPECT_EQ(batch.points()[0].series->attributes().size(), 0U);
}

TEST(MemoryCollector, without_anything_has_no_points) {
  FakeKernel kernel;
  const auto collector = make(kernel.context());
  ASSERT_TRUE(collector->open());
  EXPECT_EQ(collector->coverage()[0].state, SignalState::kUnavailable);
  Batch batch;
  EXPECT_TRUE(collector->collect({}, batch));
  EXPECT_TRUE(batch.empty());
}

}  // namespace
}  // namespace plumbline::memory
