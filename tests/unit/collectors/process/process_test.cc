// SPDX-License-Identifier: Apache-2.0
#include "collectors/process/process.h"

#include <csignal>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/core/batch.h"
#include "agent/core/series.h"
#include "collectors/process/process_collector.h"
#include "tests/support/fake_kernel.h"

namespace plumbline::process {
namespace {

TEST(Ending, an_exit_has_a_code_and_no_signal) {
  EXPECT_EQ(ending(0).code, 0);
  EXPECT_EQ(ending(0x0300).code, 3);
  EXPECT_EQ(ending(0xff00).code, 255);
  EXPECT_FALSE(ending(0x0300).signal);
}

TEST(Ending, a_kill_has_a_signal_and_no_code) {
  EXPECT_EQ(ending(SIGKILL).signal, SIGKILL);
  EXPECT_FALSE(ending(SIGKILL).code);
  EXPECT_EQ(ending(SIGSEGV | 0x80).signal, SIGSEGV) << "with a core dump";
}

TEST(SignalName, is_what_kill_lists) {
  EXPECT_EQ(signal_name(SIGKILL), "SIGKILL");
  EXPECT_EQ(signal_name(SIGTERM), "SIGTERM");
  EXPECT_EQ(signal_name(SIGRTMIN + 3), "SIGRTMIN+3");
  EXPECT_EQ(signal_name(77), "SIG77");
}

// "code/signal=count" for each point.
std::string exits(const ExitCounts& counts) {
  SeriesTable series(1);
  Batch batch;
  counts.add_points("/a", series, batch);
  std::string text;
  for (const auto& point : batch.points()) {
    for (const auto& [key, value] : point.series->attributes()) {
      if (key != "linux.cgroup.path") text += std::string(value) + "=";
    }
    text += std::to_string(point.value.integer) + " ";
  }
  return text;
}

TEST(ExitCounts, are_kept_by_code_and_signal) {
  ExitCounts counts;
  counts.add(0, 5);
  counts.add(0x0100, 1);
  counts.add(0, 2);
  counts.add(SIGKILL, 3);
  EXPECT_EQ(exits(counts), "0=7 1=1 SIGKILL=3 ");
}

TEST(ExitCounts, do_not_tell_core_dumps_apart) {
  ExitCounts counts;
  counts.add(SIGSEGV, 1);
  counts.add(SIGSEGV | 0x80, 1);
  EXPECT_EQ(exits(counts), "SIGSEGV=2 ");
}

TEST(ExitCounts, without_a_status_are_one_sum_without_attributes) {
  ExitCounts counts;
  counts.add_unknown(4);
  EXPECT_EQ(exits(counts), "4 ");
}

TEST(ExitCounts, stop_at_a_limit_and_lose_none) {
  ExitCounts counts;
  for (std::uint32_t code = 0; code < 256; ++code) counts.add(code << 8U, 1);
  EXPECT_EQ(counts.size(), ExitCounts::kMost);
  const auto unknown = std::to_string(256 - ExitCounts::kMost);
  EXPECT_TRUE(exits(counts).ends_with(" " + unknown + " ")) << exits(counts);
}

TEST(ProcessCollector, without_rights_says_so_for_each_signal) {
  FakeKernel kernel;
  const auto collector = make(kernel.context());
  ASSERT_TRUE(collector->open());
  EXPECT_EQ(collector->coverage().size(), 3U);
  for (const auto& signal : collector->coverage()) {
    EXPECT_EQ(signal.state, SignalState::kUnavailable) << signal.signal;
    EXPECT_THAT(signal.reason, testing::HasSubstr("CAP_BPF")) << signal.signal;
  }
  Batch batch;
  EXPECT_TRUE(collector->collect({}, batch));
  EXPECT_TRUE(batch.empty());
}

}  // namespace
}  // namespace plumbline::process
