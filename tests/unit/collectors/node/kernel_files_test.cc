// SPDX-License-Identifier: Apache-2.0
// The small files: load, pressure, the per-CPU tables, the clock.
#include <cmath>

#include <gtest/gtest.h>

#include "collectors/node/clock_state.h"
#include "collectors/node/load.h"
#include "collectors/node/pressure.h"
#include "collectors/node/tables.h"
#include "tests/support/hostile_text.h"
#include "tests/unit/collectors/node/captured.h"

namespace plumbline::node {
namespace {

TEST(Loadavg, HasThreeMeansAndTheThreads) {
  const auto load = parse_loadavg(captured("proc/loadavg"));
  EXPECT_EQ(load.one, 5.58);
  EXPECT_EQ(load.five, 3.55);
  EXPECT_EQ(load.fifteen, 2.76);
  EXPECT_EQ(load.threads, 115);
  EXPECT_TRUE(std::isnan(parse_loadavg("1 2").fifteen));
  EXPECT_TRUE(std::isnan(parse_loadavg("1 2 3 4 5").threads));
}

TEST(Pressure, HasTheTotalsInSeconds) {
  const auto pressure = parse_pressure(
      "some avg10=1.00 avg60=2.00 avg300=3.00 total=1500000\n"
      "full avg10=0.00 avg60=0.00 avg300=0.00 total=250000\n");
  EXPECT_DOUBLE_EQ(pressure.some, 1.5);
  EXPECT_DOUBLE_EQ(pressure.full, 0.25);
  const auto old = parse_pressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n");
  EXPECT_TRUE(std::isnan(old.full)) << "before 5.13 a CPU has no such line";
  EXPECT_GT(parse_pressure(captured("proc/pressure/io")).some, 0);
}

TEST(StatTable, AddsUpTheCpus) {
  const std::string text =
      "entries  clashres drop\n00000002  00000001 0000000f\n"
      "00000002  00000003 00000001\n";
  const auto table = parse_stat_table(text);
  ASSERT_EQ(table.columns, 3U);
  EXPECT_EQ(table.names[2], "drop");
  EXPECT_EQ(table.firsts[0], 2) << "entries are the same on every line";
  EXPECT_EQ(table.sums[1], 4);
  EXPECT_EQ(table.sums[2], 16);
}

TEST(StatTable, ReadsWhatTheKernelWrites) {
  const auto text = captured("proc/net/stat/arp_cache");
  const auto table = parse_stat_table(text);
  ASSERT_EQ(table.columns, 13U);
  EXPECT_EQ(table.names[0], "entries");
  EXPECT_EQ(table.firsts[0], 2);
}

TEST(KernelFiles, StandHostileText) {
  with_hostile_texts(captured("proc/loadavg"), [](auto text) { parse_loadavg(text); });
  with_hostile_texts(captured("proc/pressure/cpu"), [](auto text) { parse_pressure(text); });
  with_hostile_texts(captured("proc/net/stat/nf_conntrack"),
                     [](auto text) { parse_stat_table(text); });
}

TEST(ClockState, HasSecondsWhateverTheUnitOfTheKernel) {
  timex kernel{};
  kernel.status = STA_NANO;
  kernel.offset = -1500;
  kernel.maxerror = 2500;
  kernel.esterror = 16;
  kernel.freq = 65536 * 10;
  auto state = to_clock_state(kernel);
  EXPECT_TRUE(state.synchronized);
  EXPECT_DOUBLE_EQ(state.offset, -1.5e-6);
  EXPECT_DOUBLE_EQ(state.max_error, 2.5e-3);
  EXPECT_DOUBLE_EQ(state.estimated_error, 1.6e-5);
  EXPECT_DOUBLE_EQ(state.frequency_adjustment, 1e-5);
  kernel.status = STA_UNSYNC;
  state = to_clock_state(kernel);
  EXPECT_FALSE(state.synchronized);
  EXPECT_DOUBLE_EQ(state.offset, -1.5e-3);
}

}  // namespace
}  // namespace plumbline::node
