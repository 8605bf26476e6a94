// SPDX-License-Identifier: Apache-2.0
//
// Tests against the running kernel, as root: open a collector, make something happen, look at what
// it saw.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "agent/config/config.h"
#include "agent/core/batch.h"
#include "agent/core/clock.h"
#include "agent/core/log.h"
#include "agent/identity/cgroups.h"
#include "collectors/collector.h"

namespace plumbline {

// A fresh group in the hierarchy whose ids the kernel programs use; removed at the end.
class TestCgroup {
 public:
  explicit TestCgroup(const CgroupIndex& cgroups);
  ~TestCgroup();
  TestCgroup(const TestCgroup&) = delete;
  TestCgroup& operator=(const TestCgroup&) = delete;
  TestCgroup(TestCgroup&&) = delete;
  TestCgroup& operator=(TestCgroup&&) = delete;

  // As it appears in linux.cgroup.path.
  const std::string& path() const { return path_; }
  void write(std::string_view file, std::string_view text) const;
  // Starts a process that enters the group before it runs `work`; its return value is the exit
  // status.
  pid_t start(const std::function<int()>& work) const;

 private:
  std::string path_;
  std::filesystem::path directory_;
};

// Waits for the end of a child; the status of waitpid(2).
int wait_for(pid_t pid);

// The coverage of one signal; fails the test when there is none.
Coverage coverage_of(const Collector& collector, std::string_view signal);

class KernelTest : public testing::Test {
 protected:
  KernelTest();
  void SetUp() override;  // skips without root

  CollectorContext context();
  // One collect() into a fresh batch; fails the test on an error.
  Batch collect(Collector& collector);

  SystemClock clock_;
  Config config_;
  Log log_;
  CgroupIndex cgroups_;
};

// The share of events that a test may miss without failing. A hardened kernel runs no tracing
// programs while certain tasks of its own have the CPU: what an interrupt completes on top of them
// is seen by nobody, and not counted as missed either.
inline constexpr double kWithheld = 0.03;

using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// The value of the one series of `metric` that has all of these labels (and maybe more); nothing
// when there is none. Sums when there are several.
std::optional<double> number(const Batch& batch, const MetricSpec& metric, Labels labels);
// The same for a histogram; the view lives as long as the batch.
std::optional<HistogramView> histogram(const Batch& batch, const MetricSpec& metric, Labels labels);

}  // namespace plumbline
