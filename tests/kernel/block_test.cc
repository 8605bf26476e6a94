// SPDX-License-Identifier: Apache-2.0
//
// Block latency against fio's own numbers, on a loop device made for it.
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

#include <fmt/format.h>

#include "collectors/block/block_collector.h"
#include "collectors/block/signals.h"
#include "tests/kernel/kernel_test.h"
#include "tests/support/temp_dir.h"

namespace plumbline {
namespace {

std::string shell(const std::string& command) {
  std::string printed;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const auto length = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    printed.append(buffer.data(), length);
  }
  EXPECT_EQ(::pclose(pipe), 0) << command << "\n" << printed;
  return printed;
}

// A loop device on a file of its own, past the page cache: as slow as the disk below, so that fio's
// own share of each request is small.
class LoopDevice {
 public:
  LoopDevice() {
    const auto file = directory_.path() / "disk";
    shell(fmt::format("dd if=/dev/zero of={} bs=1M count=64 status=none", file.native()));
    path_ = shell(fmt::format("losetup -f --show --direct-io=on {}", file.native()));
    if (!path_.empty()) path_.pop_back();
  }
  ~LoopDevice() { shell("losetup -d " + path_); }
  LoopDevice(const LoopDevice&) = delete;
  LoopDevice& operator=(const LoopDevice&) = delete;
  LoopDevice(LoopDevice&&) = delete;
  LoopDevice& operator=(LoopDevice&&) = delete;

  const std::string& path() const { return path_; }
  std::string_view name() const { return std::string_view(path_).substr(path_.rfind('/') + 1); }

 private:
  TempDir directory_;
  std::string path_;
};

struct FioResult {
  double operations = 0;
  double bytes = 0;
  double latency_median_s = 0;
};

// Random reads or writes, one after the other.
FioResult run_fio(const LoopDevice& device, std::string_view operation) {
  const auto out = shell(fmt::format(
      "chrt -f 1 fio --name=t --filename={0} --direct=1 --rw=rand{1} --bs=256k --size=64M "
      "--ioengine=psync --output-format=json | python3 -c '"
      "import json, sys; j = json.load(sys.stdin)[\"jobs\"][0][\"{1}\"]; "
      "print(j[\"total_ios\"], j[\"io_bytes\"], "
      "j[\"clat_ns\"][\"percentile\"][\"50.000000\"] / 1e9)'",
      device.path(),
      operation));
  FioResult result;
  EXPECT_EQ(
      std::sscanf(
          out.c_str(), "%lf %lf %lf", &result.operations, &result.bytes, &result.latency_median_s),
      3)
      << out;
  return result;
}

// Seconds that requests of this kind took since boot, by the kernel's own count in ms.
double diskstats_s(const LoopDevice& device, std::string_view operation) {
  const auto field = operation == "read" ? 7 : 11;
  const auto ms =
      shell(fmt::format("awk '$3 == \"{}\" {{print ${}}}' /proc/diskstats", device.name(), field));
  return std::strtod(ms.c_str(), nullptr) * 1e-3;
}

// One run of fio: what it was to fio, to the kernel's own count and to the collector.
struct Pass {
  FioResult fio;
  double spent_s = 0;
  Batch batch;
};

class BlockTest : public KernelTest {
 protected:
  // Runs fio before a fresh collector until hardly a request was withheld (kernel_test.h), five
  // times at most: what the kernel hides differs from run to run, what the collector loses does
  // not.
  Pass run_before_collector(const LoopDevice& device, std::string_view operation);
};

Pass BlockTest::run_before_collector(const LoopDevice& device, std::string_view operation) {
  const Labels labels{{"system.device", device.name()}, {"plumbline.block.operation", operation}};
  Pass pass;
  for (int attempt = 1; attempt <= 5; ++attempt) {
    const auto collector = block::make(context());
    EXPECT_TRUE(collector->open());
    const auto before_s = diskstats_s(device, operation);
    pass.fio = run_fio(device, operation);
    // A completion hook may come a moment after the reader was woken.
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    pass.spent_s = diskstats_s(device, operation) - before_s;
    pass.batch = collect(*collector);
    const auto served = histogram(pass.batch, block::kDeviceDuration, labels);
    const auto seen = served ? static_cast<double>(served->count) : 0;
    if (std::abs(seen - pass.fio.operations) <= kWithheld * pass.fio.operations) return pass;
    fmt::print("attempt {}: {} of {} requests seen\n", attempt, seen, pass.fio.operations);
  }
  ADD_FAILURE() << "requests are missing in every run of fio";
  return pass;
}

class BlockOperationTest : public BlockTest, public testing::WithParamInterface<const char*> {};

TEST_P(BlockOperationTest, is_counted_and_timed_as_fio_does) {
  const LoopDevice device;
  auto collector = block::make(context());
  ASSERT_TRUE(collector->open());
  const auto coverage = coverage_of(*collector, "block.latency");
  ASSERT_EQ(coverage.state, SignalState::kAvailable) << coverage.reason;
  collector.reset();
  const auto [fio, disk_s, batch] = run_before_collector(device, GetParam());

  const Labels labels{{"system.device", device.name()}, {"plumbline.block.operation", GetParam()}};
  const auto served = histogram(batch, block::kDeviceDuration, labels);
  const auto queued = histogram(batch, block::kQueueDuration, labels);
  ASSERT_TRUE(served && queued);
  EXPECT_EQ(queued->count, served->count);
  EXPECT_NEAR(number(batch, block::kIo, labels).value_or(0), fio.bytes, kWithheld * fio.bytes);

  const auto spent_s = served->sum + queued->sum;
  EXPECT_NEAR(spent_s, disk_s, spent_s * 0.08 + 0.002);
  // fio's number also holds its submission and wake-up, some 30 us on a busy machine. Medians,
  // because its mean is that of the tests running beside.
  const auto median_s = quantile(*served, 0.5) + quantile(*queued, 0.5);
  EXPECT_LE(median_s, fio.latency_median_s * 1.1);
  EXPECT_GE(median_s, fio.latency_median_s * 0.6);
  RecordProperty("median_us", std::to_string(median_s * 1e6));
  RecordProperty("fio_median_us", std::to_string(fio.latency_median_s * 1e6));
}

INSTANTIATE_TEST_SUITE_P(Fio,
                         BlockOperationTest,
                         testing::Values("read", "write"),
                         [](const auto& test) { return std::string(test.param); });

TEST_F(BlockTest, a_group_has_its_own_requests) {
  const LoopDevice device;
  const auto collector = block::make(context());
  ASSERT_TRUE(collector->open());
  const TestCgroup group(cgroups_);
  const auto reader = group.start([&] {
    const auto command = fmt::format(
        "dd if={} of=/dev/null bs=64k count=64 iflag=direct status=none", device.path());
    return std::system(command.c_str());
  });
  EXPECT_EQ(wait_for(reader), 0);
  const auto batch = collect(*collector);
  const auto read = number(batch,
                           block::kIo,
                           {{"system.device", device.name()},
                            {"plumbline.block.operation", "read"},
                            {"linux.cgroup.path", group.path()}});
  EXPECT_NEAR(read.value_or(0), 64 * 64 * 1024, 4 * 64 * 1024);
}

// Bytes of writes of this group, to any device.
double written_by(const Batch& batch, const std::string& path) {
  return number(batch,
                block::kIo,
                {{"plumbline.block.operation", "write"}, {"linux.cgroup.path", path}})
      .value_or(0);
}

bool is_on_disk(const TempDir& directory) {
  struct stat status {};
  return ::stat(directory.path().c_str(), &status) == 0 && major(status.st_dev) != 0;
}

// The end of a shell command that runs in this group, with {} for a file of this directory.
int write_by(const TestCgroup& group, const TempDir& directory, const char* command) {
  const auto file = (directory.path() / "file").native();
  const auto line = fmt::format(fmt::runtime(command), file);
  return wait_for(group.start([&] { return std::system(line.c_str()); }));
}

TEST_F(BlockTest, what_the_kernel_writes_back_belongs_to_who_made_the_file_dirty) {
  constexpr double kBytes = 64 * 64 * 1024;
  const TempDir directory;
  if (!is_on_disk(directory)) GTEST_SKIP() << "no block device below " << directory.path();
  const auto collector = block::make(context());
  ASSERT_TRUE(collector->open());
  const TestCgroup group(cgroups_);
  EXPECT_EQ(write_by(group, directory, "dd if=/dev/zero of={} bs=64k count=64 status=none"), 0);
  ::sync();
  EXPECT_NEAR(written_by(collect(*collector), group.path()), kBytes, kWithheld * kBytes);
}

TEST_F(BlockTest, a_file_that_is_synced_again_and_again_stays_with_who_writes_it) {
  constexpr double kBytes = 32 * 64 * 1024;
  const TempDir directory;
  if (!is_on_disk(directory)) GTEST_SKIP() << "no block device below " << directory.path();
  const auto collector = block::make(context());
  ASSERT_TRUE(collector->open());
  const TestCgroup group(cgroups_);
  EXPECT_EQ(write_by(group,
                     directory,
                     "for i in $(seq 32); do dd if=/dev/zero of={} bs=64k count=1 oflag=append "
                     "conv=notrunc,fsync status=none; done"),
            0);
  EXPECT_GE(written_by(collect(*collector), group.path()), kBytes * (1 - kWithheld));
}

TEST_F(BlockTest, a_file_that_was_dirty_before_is_of_an_unknown_group_and_of_earlier) {
  const TempDir directory;
  if (!is_on_disk(directory)) GTEST_SKIP() << "no block device below " << directory.path();
  const auto file = (directory.path() / "file").native();
  ASSERT_EQ(
      std::system(fmt::format("dd if=/dev/zero of={} bs=64k count=64 status=none", file).c_str()),
      0);
  const auto collector = block::make(context());
  ASSERT_TRUE(collector->open());
  if (coverage_of(*collector, "block.cgroup").state == SignalState::kAvailable) {
    GTEST_SKIP() << "here the bios carry their group";
  }
  ::sync();
  const auto batch = collect(*collector);
  EXPECT_GT(written_by(batch, "_other"), 0);
  EXPECT_GT(number(batch, block::kLost, {{"plumbline.loss.reason", "earlier"}}).value_or(0), 0);
  EXPECT_GT(cgroups_.events().of(EventKind::kBlock, EventTally::kEarlier), 0U);
}

TEST_F(BlockTest, with_the_completion_hook_denied_latency_is_left_and_errors_are_not) {
  config_.bpf.deny_hooks = {"block_rq_complete"};
  const LoopDevice device;
  auto collector = block::make(context());
  ASSERT_TRUE(collector->open());
  EXPECT_EQ(coverage_of(*collector, "block.latency").state, SignalState::kDegraded);
  EXPECT_EQ(coverage_of(*collector, "block.errors").state, SignalState::kUnavailable);
  collector.reset();
  run_before_collector(device, "read");
}

TEST_F(BlockTest, without_the_start_hook_requests_have_no_group) {
  config_.bpf.deny_hooks = {"block_io_start"};
  const LoopDevice device;
  auto collector = block::make(context());
  ASSERT_TRUE(collector->open());
  const auto owner = coverage_of(*collector, "block.cgroup");
  if (owner.state == SignalState::kAvailable) GTEST_SKIP() << "here the bios carry their group";
  EXPECT_EQ(owner.state, SignalState::kUnavailable);
  EXPECT_NE(owner.reason.find("deny_hooks"), std::string::npos) << owner.reason;
  EXPECT_EQ(coverage_of(*collector, "block.latency").state, SignalState::kAvailable);
  collector.reset();
  const auto pass = run_before_collector(device, "read");
  for (const auto& point : pass.batch.points()) {
    for (const auto& [key, value] : point.series->attributes()) {
      EXPECT_NE(key, "linux.cgroup.path") << value;
    }
  }
}

TEST_F(BlockTest, without_any_hook_there_is_a_reason_and_no_point) {
  config_.bpf.deny_hooks = {"block_rq_complete", "block_io_done"};
  const LoopDevice device;
  const auto collector = block::make(context());
  ASSERT_TRUE(collector->open());
  for (const auto& coverage : collector->coverage()) {
    EXPECT_EQ(coverage.state, SignalState::kUnavailable) << coverage.signal;
    EXPECT_FALSE(coverage.reason.empty()) << coverage.signal;
  }
  run_fio(device, "read");
  EXPECT_TRUE(collect(*collector).empty());
}

}  // namespace
}  // namespace plumbline
