// SPDX-License-Identifier: Apache-2.0
#include "collectors/sched/sched.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/bpf/group_totals.h"
#include "collectors/sched/sched_collector.h"
#include "collectors/sched/signals.h"
#include "tests/support/fake_kernel.h"

namespace plumbline::sched {
namespace {

TEST(OffCpuTime, shown_once_is_never_taken_back) {
  OffCpuTime time;
  time.add(-300);  // it leaves: what it ran before is taken away
  EXPECT_EQ(time.shown_ns, 0);
  time.add(1'300);  // it comes back: since it last came
  EXPECT_EQ(time.shown_ns, 1'000);
  time.add(-200);
  EXPECT_EQ(time.shown_ns, 1'000);
  time.add(250);
  EXPECT_EQ(time.shown_ns, 1'050);
}

TEST(Take, moves_all_counters_of_a_slot) {
  const auto tables = bpf::make_latency_tables();
  sched_group slot{};
  latency_record(&tables, &slot.wait, 5'000'000);
  slot.io_wait_ns = 7;
  slot.sleep_ns = 11;
  slot.voluntary = 2;
  slot.involuntary = 3;
  slot.unblamed_ns = 13;
  GroupTimes times;
  EXPECT_EQ(take(slot, times), 13U);
  EXPECT_EQ(take(slot, times), 0U) << "nothing is left";
  EXPECT_EQ(times.wait.view().count, 1U);
  EXPECT_DOUBLE_EQ(times.wait.view().sum, 0.005);
  EXPECT_EQ(times.io_wait.shown_ns, 7);
  EXPECT_EQ(times.sleep.shown_ns, 11);
  EXPECT_EQ(times.voluntary, 2U);
  EXPECT_EQ(times.involuntary, 3U);
}

// The seconds of (victim, culprit); -1 without.
double seconds(const Interference& interference,
               std::string_view victim,
               std::string_view culprit) {
  SeriesTable series(1);
  Batch batch;
  interference.add_points(series, batch);
  for (const auto& point : batch.points()) {
    const auto labels = point.series->attributes();
    if (labels[0].second == victim && labels[1].second == culprit) return point.value.real;
  }
  return -1;
}

TEST(Interference, adds_up_by_victim_and_culprit) {
  Interference interference;
  interference.add("/a", "/b", 1'000'000'000);
  interference.add("/a", "/b", 500'000'000);
  interference.add("/b", "/a", 250'000'000);
  interference.add("/a", "/c", 0);
  EXPECT_DOUBLE_EQ(seconds(interference, "/a", "/b"), 1.5);
  EXPECT_DOUBLE_EQ(seconds(interference, "/b", "/a"), 0.25);
  EXPECT_EQ(interference.size(), 2U) << "no pair without time";
}

TEST(Interference, beyond_its_limit_keeps_the_victim_and_calls_the_culprit_other) {
  Interference interference;
  for (std::size_t i = 0; i < Interference::kMost; ++i) {
    interference.add("/v", "/c" + std::to_string(i), 1);
  }
  interference.add("/v", "/late", 1'000'000'000);
  interference.add("/v", "/later", 1'000'000'000);
  EXPECT_DOUBLE_EQ(seconds(interference, "/v", bpf::kOtherGroups), 2);
  EXPECT_EQ(interference.size(), Interference::kMost + 1);
}

TEST(Interference, forgets_pairs_of_groups_that_are_gone) {
  Interference interference;
  interference.add("/a", "/b", 1);
  interference.add("/a", "/gone", 1);
  interference.add("/gone", "/a", 1);
  interference.keep([](std::string_view path) { return path != "/gone"; });
  EXPECT_EQ(interference.size(), 1U);
  EXPECT_GE(seconds(interference, "/a", "/b"), 0);
}

TEST(SchedCollector, without_rights_says_what_is_missing_and_collects_nothing) {
  FakeKernel kernel;
  const auto collector = make(kernel.context());
  ASSERT_TRUE(collector->open());
  ASSERT_EQ(collector->coverage().size(), 1U);
  EXPECT_EQ(collector->coverage()[0].state, SignalState::kUnavailable);
  EXPECT_THAT(collector->coverage()[0].reason, testing::HasSubstr("CAP_BPF"));
  Batch batch;
  EXPECT_TRUE(collector->collect({}, batch));
  EXPECT_TRUE(batch.empty());
}

}  // namespace
}  // namespace plumbline::sched
