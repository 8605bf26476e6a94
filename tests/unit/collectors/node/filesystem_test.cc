// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/filesystem.h"

#include <cerrno>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/config/config.h"
#include "agent/identity/cgroups.h"
#include "collectors/node/filesystem_collector.h"
#include "tests/support/batch_values.h"
#include "tests/support/hostile_text.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace plumbline::node {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr std::string_view kMounts =
    "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
    "23 27 0:22 / /sys rw,relatime - sysfs sysfs rw\n"
    "24 27 0:6 / /dev rw,relatime - devtmpfs devtmpfs rw,size=12334460k\n"
    "25 24 0:23 / /dev/shm rw,relatime - tmpfs tmpfs rw\n"
    "27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard\n"
    "28 27 0:40 / /mnt/nfs\\040share rw - nfs4 server:/export rw,vers=4.2\n"
    "29 27 254:0 /var/x /bind/mount ro,relatime - ext4 /dev/vda rw\n"
    "30 27 254:16 / /data ro,relatime - xfs /dev/vdb rw\n"
    "31 27 0:50 / /var/lib/docker/overlay2/1/merged rw - overlay overlay rw\n"
    "32 27 0:51 / /var/lib/kubelet/pods/1/volumes/secret rw - tmpfs tmpfs rw\n"
    "33 27 254:32 / /var/lib/kubelet/pods/1/volumes/pv rw - ext4 /dev/vdc rw\n"
    "34 27 0:52 / /tmp rw,nosuid - tmpfs tmpfs rw\n";

std::vector<std::string> points(std::string_view mountinfo) {
  std::vector<std::string> out;
  for (const auto& mount : parse_mounts(mountinfo).mounts) out.push_back(mount.point);
  return out;
}

TEST(Mounts, AreThoseThatStoreDataRemoteOnesLast) {
  EXPECT_THAT(points(kMounts),
              ElementsAre("/dev/shm",
                          "/",
                          "/data",
                          "/var/lib/kubelet/pods/1/volumes/pv",
                          "/tmp",
                          "/mnt/nfs share"));
}

TEST(Mounts, KnowDeviceTypeAndMode) {
  const auto table = parse_mounts(kMounts);
  const auto& data = table.mounts[2];
  EXPECT_EQ(data.device, "/dev/vdb");
  EXPECT_EQ(data.type, "xfs");
  EXPECT_EQ(data.mode, "ro");
  EXPECT_FALSE(data.is_remote());
  EXPECT_TRUE(table.mounts.back().is_remote());
}

TEST(Mounts, NameAFileSystemByItsShortestPath) {
  EXPECT_THAT(points("1 1 8:1 / /very/long/bind rw - ext4 /dev/sda1 rw\n"
                     "2 1 8:1 / /data rw - ext4 /dev/sda1 rw\n"),
              ElementsAre("/data"));
}

TEST(Mounts, SeeWhatIsMountedOnTop) {
  const auto table = parse_mounts(
      "1 1 8:1 / /data rw - ext4 /dev/sda1 rw\n"
      "2 1 8:2 / /data rw - ext4 /dev/sda2 rw\n");
  ASSERT_EQ(table.mounts.size(), 1U);
  EXPECT_EQ(table.mounts[0].device, "/dev/sda2");
}

TEST(Mounts, AreBounded) {
  std::string text;
  for (int i = 0; i < 600; ++i)
    text += fmt::format("1 1 8:{} / /m{} rw - ext4 /dev/x{} rw\n", i, i, i);
  const auto table = parse_mounts(text);
  EXPECT_EQ(table.mounts.size(), MountTable::kMax);
  EXPECT_EQ(table.over_limit, 600 - MountTable::kMax);
}

TEST(Mounts, StandHostileText) {
  with_hostile_texts(kMounts, [](auto text) { parse_mounts(text); });
}

class FilesystemCollectorTest : public testing::Test {
 protected:
  FilesystemCollectorTest() { root_.write("self/mountinfo", kMounts); }

  CollectorContext context() {
    return {.config = config_,
            .clock = clock_,
            .log = log_,
            .cgroups = cgroups_,
            .proc = root_.path(),
            .sys = {}};
  }

  // 1000 blocks of 4 KiB: 600 used, 300 free, 100 reserved.
  static int fill(struct statvfs& out) {
    out.f_frsize = 4096;
    out.f_blocks = 1000;
    out.f_bfree = 400;
    out.f_bavail = 300;
    out.f_files = 64;
    out.f_ffree = 60;
    return 0;
  }

  TempDir root_;
  ManualClock clock_;
  Config config_;
  Log log_{clock_, 2, LogFormat::kText, LogLevel::kError};
  CgroupIndex cgroups_{{}, clock_, 1};
};

TEST_F(FilesystemCollectorTest, DividesTheSpaceIntoStatesThatAddUp) {
  const auto collector = make_filesystem_with(
      context(), [](const std::string&, struct statvfs& out) { return fill(out); });
  ASSERT_TRUE(collector->open().has_value());
  Batch batch;
  ASSERT_TRUE(collector->collect(clock_.steady() + 1s, batch).has_value());
  const auto space = [&](const std::string& state) {
    return *value_of(batch, "system.filesystem.usage", {"/dev/vda", state, "ext4", "rw", "/"});
  };
  EXPECT_EQ(space("used"), 600 * 4096);
  EXPECT_EQ(space("free"), 300 * 4096);
  EXPECT_EQ(space("reserved"), 100 * 4096);
  EXPECT_EQ(value_of(batch, "system.filesystem.limit", {"/dev/vda", "ext4", "rw", "/"}),
            1000 * 4096);
  EXPECT_EQ(
      value_of(batch, "system.filesystem.utilization", {"/dev/vda", "used", "ext4", "rw", "/"}),
      0.6);
  EXPECT_EQ(
      value_of(
          batch, "plumbline.node.filesystem.inode.usage", {"/dev/vda", "used", "ext4", "rw", "/"}),
      4);
}

TEST_F(FilesystemCollectorTest, GoesOnAfterAMountThatCannotBeRead) {
  const auto collector =
      make_filesystem_with(context(), [](const std::string& path, struct statvfs& out) {
        if (path == "/data") {
          errno = EIO;
          return -1;
        }
        return fill(out);
      });
  ASSERT_TRUE(collector->open().has_value());
  Batch batch;
  ASSERT_TRUE(collector->collect(clock_.steady() + 1s, batch).has_value());
  EXPECT_FALSE(value_of(batch, "system.filesystem.limit", {"/dev/vdb", "xfs", "ro", "/data"}));
  EXPECT_TRUE(value_of(batch, "system.filesystem.limit", {"tmpfs", "tmpfs", "rw", "/tmp"}));
  EXPECT_EQ(value_of(batch, "plumbline.node.filesystem.skipped", {"error"}), 1);
  EXPECT_EQ(collector->coverage()[0].state, SignalState::kDegraded);
  EXPECT_THAT(collector->coverage()[0].reason, testing::HasSubstr("/data"));
}

TEST_F(FilesystemCollectorTest, StopsAtTheDeadline) {
  const auto collector =
      make_filesystem_with(context(), [&](const std::string&, struct statvfs& out) {
        clock_.advance(300ms);
        return fill(out);
      });
  ASSERT_TRUE(collector->open().has_value());
  Batch batch;
  ASSERT_TRUE(collector->collect(clock_.steady() + 1s, batch).has_value());
  EXPECT_EQ(value_of(batch, "plumbline.node.filesystem.skipped", {"deadline"}), 2);
  EXPECT_TRUE(value_of(batch, "system.filesystem.limit", {"/dev/vda", "ext4", "rw", "/"}));
}

TEST_F(FilesystemCollectorTest, LeavesOutWhatHasNoBlocksOrNoInodes) {
  const auto collector =
      make_filesystem_with(context(), [](const std::string& path, struct statvfs& out) {
        fill(out);
        if (path == "/tmp") out.f_blocks = 0;
        if (path == "/data") out.f_files = 0;
        return 0;
      });
  ASSERT_TRUE(collector->open().has_value());
  Batch batch;
  ASSERT_TRUE(collector->collect(clock_.steady() + 1s, batch).has_value());
  EXPECT_FALSE(value_of(batch, "system.filesystem.limit", {"tmpfs", "tmpfs", "rw", "/tmp"}));
  EXPECT_FALSE(
      value_of(batch, "plumbline.node.filesystem.inode.limit", {"/dev/vdb", "xfs", "ro", "/data"}));
}

TEST_F(FilesystemCollectorTest, LooksThroughTheEyesOfProcessOne) {
  root_.write("1/mountinfo", "27 1 254:0 / / rw - ext4 /dev/vda rw\n");
  root_.make_directory("1/root");
  std::string asked;
  const auto collector =
      make_filesystem_with(context(), [&](const std::string& path, struct statvfs& out) {
        asked = path;
        return fill(out);
      });
  ASSERT_TRUE(collector->open().has_value());
  Batch batch;
  ASSERT_TRUE(collector->collect(clock_.steady() + 1s, batch).has_value());
  EXPECT_EQ(asked, (root_.path() / "1/root/").string());
}

}  // namespace
}  // namespace plumbline::node
