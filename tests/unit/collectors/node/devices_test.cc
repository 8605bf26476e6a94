// SPDX-License-Identifier: Apache-2.0
// Disks and network interfaces.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/node/disk.h"
#include "collectors/node/network.h"
#include "collectors/node/softnet.h"
#include "tests/support/hostile_text.h"
#include "tests/unit/collectors/node/captured.h"

namespace plumbline::node {
namespace {

TEST(Diskstats, HasEveryDisk) {
  const auto captured_text = captured("proc/diskstats");
  std::string_view text = captured_text;
  int disks = 0;
  std::optional<DiskStats> vda;
  while (const auto disk = take_disk(text)) {
    ++disks;
    if (disk->name == "vda") vda = disk;
  }
  EXPECT_EQ(disks, 10);
  ASSERT_TRUE(vda);
  EXPECT_EQ(vda->major, 254);
  EXPECT_EQ(vda->fields[DiskStats::kReads], 245664);
  EXPECT_EQ(vda->fields[DiskStats::kSectorsRead], 11781874);
  EXPECT_EQ(vda->fields[DiskStats::kInFlight], 0);
  EXPECT_EQ(vda->fields[DiskStats::kIoMillis], 43412);
  EXPECT_EQ(vda->fields[DiskStats::kFlushMillis], 497);
}

TEST(Diskstats, LeavesAbsentWhatOlderKernelsDoNotCount) {
  std::string_view text = "   8       0 sda 1 2 3 4 5 6 7 8 9 10 11\n";
  const auto disk = take_disk(text);
  ASSERT_TRUE(disk);
  EXPECT_EQ(disk->fields[DiskStats::kWeightedMillis], 11);
  EXPECT_TRUE(std::isnan(disk->fields[DiskStats::kDiscards]));
}

TEST(Diskstats, MeasuresWhatStoresData) {
  for (const auto* name : {"sda", "vda", "nvme0n1", "dm-3", "md127", "sr0", "fdisk", "mmcblk0"}) {
    EXPECT_TRUE(is_measured_disk(name)) << name;
  }
  for (const auto* name : {"loop0", "ram15", "zram0", "fd0"}) {
    EXPECT_FALSE(is_measured_disk(name)) << name;
  }
}

TEST(DeviceNames, FollowsADeviceThatIsReplaced) {
  DeviceNames names;
  names.set(254, 0, "vda");
  names.set(8, 0, "sda");
  EXPECT_EQ(names.find(254, 0), "vda");
  EXPECT_EQ(names.find(8, 1), "");
  names.set(8, 0, "sdb");
  EXPECT_EQ(names.find(8, 0), "sdb");
}

TEST(NetDev, HasEveryInterface) {
  const auto captured_text = captured("proc/net/dev");
  std::string_view text = captured_text;
  std::vector<std::string> names;
  std::optional<InterfaceStats> eth0;
  while (const auto interface = take_interface(text)) {
    names.emplace_back(interface->name);
    if (interface->name == "eth0") eth0 = interface;
  }
  EXPECT_THAT(names, testing::ElementsAre("lo", "ifb0", "ifb1", "eth0"));
  ASSERT_TRUE(eth0);
  EXPECT_EQ(eth0->fields[InterfaceStats::kBytesIn], 1034731785);
  EXPECT_EQ(eth0->fields[InterfaceStats::kPacketsOut], 42973);
}

TEST(NetDev, ReadsNamesThatTouchTheirNumbers) {
  std::string_view text = "eth0:123 4 0 0 0 0 0 0 5 6 0 0 0 0 0 0\n eth0:1: 9 1 0 0 0 0 0 0 8 1\n";
  auto interface = take_interface(text);
  ASSERT_TRUE(interface);
  EXPECT_EQ(interface->name, "eth0");
  EXPECT_EQ(interface->fields[InterfaceStats::kBytesIn], 123);
  interface = take_interface(text);
  ASSERT_TRUE(interface);
  EXPECT_EQ(interface->name, "eth0:1");
  EXPECT_TRUE(std::isnan(interface->fields[InterfaceStats::kCarrier]));
}

TEST(Softnet, NamesItsCpuByTheLastColumns) {
  std::string_view text =
      "0000d225 00000001 00000002 0 0 0 0 0 0 0 0 00000003 00000005 00000000 00000000\n";
  const auto stats = take_softnet(text, 0);
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->cpu, 5) << "CPUs 1 to 4 are offline";
  EXPECT_EQ(stats->processed, 0xd225);
  EXPECT_EQ(stats->dropped, 1);
  EXPECT_EQ(stats->squeezed, 2);
  EXPECT_EQ(stats->backlog, 3);
}

TEST(Softnet, CountsLinesOnOlderKernels) {
  std::string_view text = "00000010 00000000 00000000 0 0 0 0 0 0 0\n";
  const auto stats = take_softnet(text, 3);
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->cpu, 3);
  EXPECT_TRUE(std::isnan(stats->backlog));
}

TEST(Devices, StandHostileText) {
  with_hostile_texts(captured("proc/diskstats"), [](auto text) {
    while (take_disk(text)) {
    }
  });
  with_hostile_texts(captured("proc/net/dev"), [](auto text) {
    while (take_interface(text)) {
    }
  });
  with_hostile_texts(captured("proc/net/softnet_stat"), [](auto text) {
    while (take_softnet(text, 0)) {
    }
  });
}

}  // namespace
}  // namespace plumbline::node
