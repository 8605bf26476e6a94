// SPDX-License-Identifier: Apache-2.0
#include "collectors/memory/memory.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace plumbline::memory
