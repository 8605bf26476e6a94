// SPDX-License-Identifier: Apache-2.0
#include "collectors/bpf/last_seen.h"

#include <gtest/gtest.h>

#include "collectors/bpf/latency.h"

namespace plumbline::bpf {
namespace {

struct Key {
  std::uint64_t a;
  std::uint32_t b;
  std::uint32_t c;
};

TEST(LastSeen, an_entry_keeps_its_value_between_reads) {
  LastSeen<Key, int> seen;
  seen.of({1, 2, 3}).value = 7;
  seen.sweep();
  EXPECT_EQ(seen.of({1, 2, 3}).value, 7);
  EXPECT_EQ(seen.of({1, 2, 4}).value, 0);
}

TEST(LastSeen, an_entry_missing_from_one_read_starts_again) {
  LastSeen<Key, int> seen;
  seen.of({1, 2, 3}).value = 7;
  seen.sweep();
  seen.sweep();
  EXPECT_EQ(seen.size(), 0U);
  EXPECT_EQ(seen.of({1, 2, 3}).value, 0);
}

TEST(Advance, only_what_was_gained_since_the_last_time_is_added) {
  latency_histogram now{};
  latency_histogram before{};
  auto total = make_latency_histogram();
  EXPECT_FALSE(advance(now, before, total));
  now.buckets[80] = 3;
  now.sum_ns = 3000;
  EXPECT_TRUE(advance(now, before, total));
  EXPECT_FALSE(advance(now, before, total));
  now.buckets[80] = 4;
  now.zero = 1;
  now.sum_ns = 4000;
  EXPECT_TRUE(advance(now, before, total));
  EXPECT_EQ(total.view().count, 5U);
  EXPECT_EQ(total.view().zero_count, 1U);
  EXPECT_DOUBLE_EQ(total.view().sum, 4e-6);
}

TEST(Advance, a_wrapped_bucket_loses_nothing) {
  latency_histogram now{};
  latency_histogram before{};
  auto total = make_latency_histogram();
  before.buckets[10] = 0xfffffffe;
  now.buckets[10] = 5;
  now.sum_ns = 1;
  advance(now, before, total);
  EXPECT_EQ(total.view().count, 7U);
}

}  // namespace
}  // namespace plumbline::bpf
