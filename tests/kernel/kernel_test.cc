// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/kernel_test.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

namespace plumbline {
namespace {

std::filesystem::path hierarchy_root(const CgroupIndex& cgroups) {
  const auto controller = cgroups.id_controller();
  return controller.empty() ? cgroups.mounts().unified
                            : cgroups.mounts().v1.at(std::string(controller));
}

CgroupMounts mounts() {
  auto found = find_cgroup_mounts("/proc");
  return found ? *std::move(found) : CgroupMounts{};
}

bool matches(const Series& series, const MetricSpec& metric, Labels labels) {
  if (series.spec().name != metric.name) return false;
  return std::ranges::all_of(labels, [&](const auto& label) {
    return std::ranges::any_of(series.attributes(), [&](const auto& held) {
      return held.first == label.first && held.second == label.second;
    });
  });
}

}  // namespace

TestCgroup::TestCgroup(const CgroupIndex& cgroups) {
  static int count = 0;
  path_ = fmt::format("/plumbline-test-{}-{}", ::getpid(), ++count);
  directory_ = hierarchy_root(cgroups) / path_.substr(1);
  std::filesystem::create_directory(directory_);
}

TestCgroup::~TestCgroup() {
  ::rmdir(directory_.c_str());
}

void TestCgroup::write(std::string_view file, std::string_view text) const {
  std::ofstream(directory_ / file) << text << std::flush;
}

pid_t TestCgroup::start(const std::function<int()>& work) const {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  write("cgroup.procs", std::to_string(::getpid()));
  ::_exit(work());
}

int wait_for(pid_t pid) {
  int status = -1;
  ::waitpid(pid, &status, 0);
  return status;
}

Coverage coverage_of(const Collector& collector, std::string_view signal) {
  for (const auto& one : collector.coverage()) {
    if (one.signal == signal) return one;
  }
  ADD_FAILURE() << "no signal " << signal;
  return {};
}

KernelTest::KernelTest()
    : log_(clock_, STDERR_FILENO, LogFormat::kText, LogLevel::kInfo),
      cgroups_(mounts(), clock_, config_.limits.cgroups) {}

void KernelTest::SetUp() {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
}

CollectorContext KernelTest::context() {
  return {.config = config_, .clock = clock_, .log = log_, .cgroups = cgroups_};
}

Batch KernelTest::collect(Collector& collector) {
  Batch batch;
  batch.time = clock_.wall();
  const auto done = collector.collect(clock_.steady() + std::chrono::seconds(1), batch);
  EXPECT_TRUE(done) << done.error().what;
  return batch;
}

std::optional<double> number(const Batch& batch, const MetricSpec& metric, Labels labels) {
  std::optional<double> sum;
  for (const auto& point : batch.points()) {
    if (!matches(*point.series, metric, labels)) continue;
    sum = sum.value_or(0) +
          (is_integral(metric.unit) ? static_cast<double>(point.value.integer) : point.value.real);
  }
  return sum;
}

std::optional<HistogramView> histogram(const Batch& batch,
                                       const MetricSpec& metric,
                                       Labels labels) {
  for (std::size_t i = 0; i < batch.histogram_count(); ++i) {
    if (matches(*batch.histogram_series(i), metric, labels)) return batch.histogram(i);
  }
  return {};
}

}  // namespace plumbline
