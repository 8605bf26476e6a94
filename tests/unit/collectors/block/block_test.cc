// SPDX-License-Identifier: Apache-2.0
#include "collectors/block/block.h"

#include <gtest/gtest.h>

#include "collectors/block/signals.h"
#include "tests/support/temp_dir.h"

namespace plumbline::block {
namespace {

constexpr std::uint32_t device(std::uint32_t major, std::uint32_t minor) {
  return major << 20U | minor;
}

block_stats stats(std::uint64_t bytes, std::uint32_t requests) {
  block_stats all{};
  all.bytes = bytes;
  all.device.buckets[80] = requests;
  all.device.sum_ns = requests * 1000ULL;
  all.queue.zero = requests;
  return all;
}

std::string attribute(const Series& series, std::string_view key) {
  for (const auto& [name, value] : series.attributes()) {
    if (name == key) return std::string(value);
  }
  return "(none)";
}

TEST(DeviceNames, are_those_of_sysfs_with_slashes_restored) {
  const TempDir sys;
  sys.make_directory("dev/block");
  std::filesystem::create_directory_symlink("../../devices/pci/nvme0n1",
                                            sys.path() / "dev/block/259:0");
  std::filesystem::create_directory_symlink("../../devices/pci/cciss!c0d0",
                                            sys.path() / "dev/block/104:0");
  DeviceNames names(sys.path());
  EXPECT_EQ(names.of(device(259, 0)), "nvme0n1");
  EXPECT_EQ(names.of(device(104, 0)), "cciss/c0d0");
  EXPECT_EQ(names.of(device(8, 16)), "8:16");
}

TEST(DeviceNames, a_device_that_went_keeps_its_name_until_the_number_is_used_again) {
  const TempDir sys;
  sys.make_directory("dev/block");
  const auto link = sys.path() / "dev/block/8:0";
  std::filesystem::create_directory_symlink("../../sda", link);
  DeviceNames names(sys.path());
  EXPECT_EQ(names.of(device(8, 0)), "sda");
  std::filesystem::remove(link);
  names.refresh();
  EXPECT_EQ(names.of(device(8, 0)), "sda");
  std::filesystem::create_directory_symlink("../../sdb", link);
  names.refresh();
  EXPECT_EQ(names.of(device(8, 0)), "sdb");
}

TEST(StatusName, is_the_kernels_word_or_the_errno) {
  EXPECT_EQ(status_name(7), "MEDIUM");
  EXPECT_EQ(status_name(10), "IOERR");
  EXPECT_EQ(status_name(-5), "EIO");
  EXPECT_EQ(status_name(200), "status 200");
}

TEST(RequestTotals, grow_by_what_the_kernel_gained) {
  RequestTotals totals;
  SeriesTable series(1);
  const block_key key{.cgroup = 5, .device = device(8, 0), .operation = BLOCK_WRITE};
  totals.add(key, stats(100, 2), "sda", "/a");
  totals.sweep();
  totals.add(key, stats(150, 3), "sda", "/a");
  Batch batch;
  totals.emit(series, batch);
  ASSERT_EQ(batch.points().size(), 1U);
  EXPECT_EQ(batch.points()[0].value.integer, 150);
  EXPECT_EQ(attribute(*batch.points()[0].series, "plumbline.block.operation"), "write");
  ASSERT_EQ(batch.histogram_count(), 2U);
  EXPECT_EQ(batch.histogram(0).count, 3U);
  EXPECT_EQ(batch.histogram(1).count, 3U);
}

TEST(RequestTotals, two_ids_with_one_name_are_one_series) {
  RequestTotals totals;
  SeriesTable series(1);
  totals.add({.cgroup = 5, .device = 1, .operation = BLOCK_READ}, stats(100, 2), "sda", "_other");
  totals.add({.cgroup = 6, .device = 1, .operation = BLOCK_READ}, stats(10, 1), "sda", "_other");
  Batch batch;
  totals.emit(series, batch);
  ASSERT_EQ(batch.points().size(), 1U);
  EXPECT_EQ(batch.points()[0].value.integer, 110);
}

TEST(RequestTotals, requests_of_nobody_have_no_cgroup) {
  RequestTotals totals;
  SeriesTable series(1);
  totals.add({.cgroup = 0, .device = 1, .operation = BLOCK_FLUSH}, stats(0, 1), "sda", "");
  Batch batch;
  totals.emit(series, batch);
  EXPECT_EQ(attribute(*batch.points()[0].series, "linux.cgroup.path"), "(none)");
}

TEST(RequestTotals, tell_for_how_many_reads_an_entry_has_not_moved) {
  RequestTotals totals;
  const block_key key{.cgroup = 5, .device = 1, .operation = BLOCK_READ};
  for (std::uint32_t i = 0; i < 20; ++i) {
    EXPECT_EQ(totals.add(key, stats(1, 1), "sda", "/a"), i);
    EXPECT_EQ(totals.gained(), i == 0 ? 1U : 0U);
    totals.sweep();
  }
  EXPECT_EQ(totals.add(key, stats(9, 3), "sda", "/a"), 0U);
  EXPECT_EQ(totals.gained(), 2U);
}

}  // namespace
}  // namespace plumbline::block
