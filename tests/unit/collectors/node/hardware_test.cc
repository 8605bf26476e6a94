// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/hardware.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/config/config.h"
#include "agent/identity/cgroups.h"
#include "collectors/node/hardware_collector.h"
#include "tests/support/batch_values.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace plumbline::node {
namespace {

class HardwareTest : public testing::Test {
 protected:
  void write_cpu(const std::string& name, const char* package, const char* core) {
    sys_.write("devices/system/cpu/" + name + "/topology/physical_package_id", package);
    sys_.write("devices/system/cpu/" + name + "/topology/core_id", core);
  }

  TempDir sys_;
  SeriesTable series_{1};
  Batch out_;
};

TEST_F(HardwareTest, CountsCoresAndReadsFrequencies) {
  write_cpu("cpu0", "0\n", "0\n");
  write_cpu("cpu1", "0\n", "0\n");
  write_cpu("cpu2", "0\n", "1\n");
  write_cpu("cpu3", "1\n", "0\n");
  sys_.write("devices/system/cpu/cpu2/cpufreq/scaling_cur_freq", "2400000\n");
  sys_.write("devices/system/cpu/cpu2/cpufreq/scaling_max_freq", "3000000\n");
  sys_.write("devices/system/cpu/cpu2/thermal_throttle/core_throttle_count", "7\n");
  sys_.make_directory("devices/system/cpu/cpufreq");
  EXPECT_EQ(read_cpus(sys_.path(), series_, out_), 4U);
  EXPECT_EQ(value_of(out_, "system.cpu.physical.count"), 3);
  EXPECT_EQ(value_of(out_, "system.cpu.frequency", {"2"}), 2.4e9);
  EXPECT_EQ(value_of(out_, "plumbline.node.cpu.frequency.limit", {"2", "max"}), 3e9);
  EXPECT_EQ(value_of(out_, "plumbline.node.cpu.thermal_throttles", {"2"}), 7);
  EXPECT_FALSE(value_of(out_, "system.cpu.frequency", {"0"})) << "unknown is not zero";
}

TEST_F(HardwareTest, ReadsTheSizeOfDisks) {
  sys_.write("block/vda/size", "2048\n");
  sys_.write("block/loop0/size", "8\n");
  sys_.write("block/cciss!c0d0/size", "1\n");
  EXPECT_EQ(read_disk_sizes(sys_.path(), series_, out_), 2U);
  EXPECT_EQ(value_of(out_, "system.disk.limit", {"vda"}), 2048 * 512);
  EXPECT_EQ(value_of(out_, "system.disk.limit", {"cciss/c0d0"}), 512);
  EXPECT_FALSE(value_of(out_, "system.disk.limit", {"loop0"}));
}

TEST_F(HardwareTest, ReadsLinks) {
  sys_.write("class/net/eth0/ifindex", "2\n");
  sys_.write("class/net/eth0/operstate", "up\n");
  sys_.write("class/net/eth0/speed", "10000\n");
  sys_.write("class/net/eth0/mtu", "1500\n");
  sys_.write("class/net/eth0/carrier_changes", "3\n");
  sys_.write("class/net/lo/ifindex", "1\n");
  sys_.write("class/net/lo/operstate", "unknown\n");
  sys_.write("class/net/wlan0/ifindex", "3\n");
  sys_.write("class/net/wlan0/operstate", "down\n");
  sys_.write("class/net/wlan0/speed", "-1\n");
  sys_.write("class/net/bonding_masters", "\n");
  EXPECT_EQ(read_links(sys_.path(), series_, out_), 3U);
  EXPECT_EQ(value_of(out_, "plumbline.node.network.link.up", {"eth0"}), 1);
  EXPECT_EQ(value_of(out_, "plumbline.node.network.link.up", {"wlan0"}), 0);
  EXPECT_FALSE(value_of(out_, "plumbline.node.network.link.up", {"lo"}));
  EXPECT_EQ(value_of(out_, "plumbline.node.network.link.speed", {"eth0"}), 1.25e9);
  EXPECT_FALSE(value_of(out_, "plumbline.node.network.link.speed", {"wlan0"}));
  EXPECT_EQ(value_of(out_, "plumbline.node.network.link.mtu", {"eth0"}), 1500);
  EXPECT_EQ(value_of(out_, "plumbline.node.network.link.changes", {"eth0"}), 3);
}

TEST_F(HardwareTest, ReadsSensors) {
  sys_.write("class/hwmon/hwmon0/name", "k10temp\n");
  sys_.write("class/hwmon/hwmon0/temp1_input", "54250\n");
  sys_.write("class/hwmon/hwmon0/temp1_label", "Tctl\n");
  sys_.write("class/hwmon/hwmon0/temp1_crit", "95000\n");
  sys_.write("class/hwmon/hwmon0/temp2_input", "nonsense\n");
  sys_.write("class/thermal/thermal_zone0/type", "acpitz\n");
  sys_.write("class/thermal/thermal_zone0/temp", "-4000\n");
  sys_.write("class/powercap/intel-rapl:0/name", "package-0\n");
  sys_.write("class/powercap/intel-rapl:0/energy_uj", "2500000\n");
  EXPECT_EQ(read_sensors(sys_.path(), series_, out_), 4U);
  EXPECT_DOUBLE_EQ(*value_of(out_, "hw.temperature", {"hwmon0/temp1", "k10temp", "Tctl"}), 54.25);
  EXPECT_DOUBLE_EQ(*value_of(out_, "hw.temperature.limit", {"hwmon0/temp1", "k10temp", "Tctl"}),
                   95);
  EXPECT_FALSE(value_of(out_, "hw.temperature", {"hwmon0/temp2", "k10temp"}));
  EXPECT_DOUBLE_EQ(*value_of(out_, "hw.temperature", {"thermal_zone0", "acpitz"}), -4);
  EXPECT_DOUBLE_EQ(*value_of(out_, "hw.energy", {"intel-rapl:0", "package-0"}), 2.5);
}

TEST_F(HardwareTest, CountsMemoryErrors) {
  sys_.write("devices/system/edac/mc/mc0/ce_count", "12\n");
  sys_.write("devices/system/edac/mc/mc0/ue_count", "0\n");
  EXPECT_EQ(read_memory_errors(sys_.path(), series_, out_), 1U);
  EXPECT_EQ(value_of(out_, "hw.errors", {"mc0", "memory", "corrected"}), 12);
  EXPECT_EQ(value_of(out_, "hw.errors", {"mc0", "memory", "uncorrected"}), 0);
}

TEST_F(HardwareTest, SaysWhatThisMachineDoesNotHave) {
  const ManualClock clock;
  const Config config;
  Log log(clock, 2, LogFormat::kText, LogLevel::kError);
  CgroupIndex cgroups({}, clock, 1);
  const CollectorContext context{.config = config,
                                 .clock = clock,
                                 .log = log,
                                 .cgroups = cgroups,
                                 .proc = sys_.path(),
                                 .sys = sys_.path()};
  EXPECT_FALSE(make_hardware(context)->open().has_value()) << "an empty /sys";
  write_cpu("cpu0", "0\n", "0\n");
  const auto hardware = make_hardware(context);
  ASSERT_TRUE(hardware->open().has_value());
  EXPECT_EQ(hardware->coverage()[0].state, SignalState::kAvailable);
  EXPECT_EQ(hardware->coverage()[3].state, SignalState::kUnavailable);
  EXPECT_THAT(hardware->coverage()[3].reason, testing::HasSubstr("sensors"));
}

}  // namespace
}  // namespace plumbline::node
