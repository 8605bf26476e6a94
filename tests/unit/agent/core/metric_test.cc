// SPDX-License-Identifier: Apache-2.0
#include "agent/core/metric.h"

#include <gtest/gtest.h>

namespace plumbline {
namespace {

MetricSpec spec(std::string_view name, Instrument instrument, Unit unit) {
  return {.name = name, .instrument = instrument, .unit = unit, .description = "", .source = ""};
}

// OpenTelemetry specification, compatibility/prometheus_and_openmetrics.md, "Metric metadata".
TEST(PrometheusName, FollowsOpenTelemetrysTranslation) {
  EXPECT_EQ(prometheus_name(spec("system.cpu.time", Instrument::kCounter, Unit::kSeconds)),
            "system_cpu_time_seconds_total");
  EXPECT_EQ(prometheus_name(spec("system.cpu.utilization", Instrument::kGauge, Unit::kOne)),
            "system_cpu_utilization_ratio");
  EXPECT_EQ(prometheus_name(spec("system.memory.usage", Instrument::kUpDownCounter, Unit::kBytes)),
            "system_memory_usage_bytes");
  EXPECT_EQ(
      prometheus_name(spec("system.network.packet.count", Instrument::kCounter, Unit::kPacket)),
      "system_network_packet_count_total");
  EXPECT_EQ(prometheus_name(spec("a..b--c", Instrument::kGauge, Unit::kEntry)), "a_b_c");
  EXPECT_EQ(prometheus_name(spec("9lives", Instrument::kGauge, Unit::kEntry)), "_9lives");
  EXPECT_EQ(prometheus_name(spec("disk.io_bytes", Instrument::kCounter, Unit::kBytes)),
            "disk_io_bytes_total");
}

TEST(PrometheusName, LeavesTheNamesOfHistogramsToHistograms) {
  EXPECT_EQ(
      prometheus_name(spec("system.process.count", Instrument::kUpDownCounter, Unit::kProcess)),
      "system_process_number");
  EXPECT_EQ(prometheus_name(spec("a.count", Instrument::kGauge, Unit::kEntry)), "a_number");
  EXPECT_EQ(prometheus_name(spec("a.discount", Instrument::kGauge, Unit::kEntry)), "a_discount");
}

TEST(PrometheusLabel, HasNoDots) {
  EXPECT_EQ(prometheus_label("cpu.mode"), "cpu_mode");
}

}  // namespace
}  // namespace plumbline
