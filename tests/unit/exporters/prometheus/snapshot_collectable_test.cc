// SPDX-License-Identifier: Apache-2.0
#include "exporters/prometheus/snapshot_collectable.h"

#include <fcntl.h>

#include <cmath>
#include <limits>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/core/fd.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/exporters/prometheus/promtool.h"

namespace plumbline {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr MetricSpec kIo{.name = "system.disk.io",
                         .instrument = Instrument::kCounter,
                         .unit = Unit::kBytes,
                         .description = "Bytes moved.",
                         .source = "",
                         .attributes = {"system.device", "disk.io.direction"}};
constexpr MetricSpec kUsage{.name = "system.memory.usage",
                            .instrument = Instrument::kUpDownCounter,
                            .unit = Unit::kBytes,
                            .description = "Bytes held.",
                            .source = ""};
constexpr MetricSpec kShare{.name = "system.memory.utilization",
                            .instrument = Instrument::kGauge,
                            .unit = Unit::kOne,
                            .description = "Share held.",
                            .source = ""};
constexpr MetricSpec kWait{.name = "plumbline.wait",
                           .instrument = Instrument::kHistogram,
                           .unit = Unit::kSeconds,
                           .description = "How long.",
                           .source = "",
                           .attributes = {"cgroup.path"}};
constexpr MetricSpec kSize{.name = "plumbline.size",
                           .instrument = Instrument::kHistogram,
                           .unit = Unit::kBytes,
                           .description = "How large.",
                           .source = ""};
// Becomes the name of kUsage with another type.
constexpr MetricSpec kUsageAgain{.name = "system.memory_usage",
                                 .instrument = Instrument::kHistogram,
                                 .unit = Unit::kBytes,
                                 .description = "Another thing.",
                                 .source = ""};

class PrometheusTest : public testing::Test {
 protected:
  Fd nowhere_{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
  ManualClock clock_;
  Log log_{clock_, nowhere_.get(), LogFormat::kText, LogLevel::kInfo};
  Resource resource_{{{"host.name", "node-1"}, {"service.name", "plumbline"}}, "1"};
  SeriesTable table_{1};
  Latest latest_;
  Batch batch_;
  SnapshotCollectable source_{latest_, resource_, log_};

  std::string page() {
    batch_.time = 1'000;
    latest_.update("test", batch_);
    return render_prometheus(source_);
  }
};

TEST_F(PrometheusTest, ShowsEveryInstrumentWithHelpAndType) {
  batch_.add(table_.get(kIo, {"sda", "read"}), 4096);
  batch_.add(table_.get(kUsage), 7);
  batch_.add(table_.get(kShare), 0.25);
  const auto text = page();
  EXPECT_THAT(text,
              HasSubstr("# HELP system_disk_io_bytes_total Bytes moved.\n"
                        "# TYPE system_disk_io_bytes_total counter\n"
                        "system_disk_io_bytes_total{system_device=\"sda\","
                        "disk_io_direction=\"read\"} 4096\n"));
  EXPECT_THAT(text,
              HasSubstr("# TYPE system_memory_usage_bytes gauge\nsystem_memory_usage_bytes 7\n"));
  EXPECT_THAT(text, HasSubstr("system_memory_utilization_ratio 0.25\n"));
  EXPECT_THAT(text, HasSubstr("target_info{host_name=\"node-1\",service_name=\"plumbline\"} 1\n"));
}

TEST_F(PrometheusTest, ShowsAHistogramByExactPowersOfTwo) {
  ExpHistogram waits(1e-9);
  for (const double value : {0.0, 0.25, 0.25, 0.26, 1.0, 1.1, 3600.0}) waits.record(value);
  batch_.add(table_.get(kWait, {"/a"}), waits.view());
  const auto text = page();
  EXPECT_THAT(
      text,
      HasSubstr(
          "plumbline_wait_seconds_bucket{cgroup_path=\"/a\",le=\"9.5367431640625e-07\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("le=\"0.125\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("le=\"0.25\"} 3\n"));  // a bound belongs to the bucket it closes
  EXPECT_THAT(text, HasSubstr("le=\"0.5\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("le=\"1\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("le=\"2\"} 6\n"));
  EXPECT_THAT(text, HasSubstr("le=\"128\"} 6\n"));
  EXPECT_THAT(text, HasSubstr("le=\"+Inf\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("plumbline_wait_seconds_count{cgroup_path=\"/a\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("plumbline_wait_seconds_sum{cgroup_path=\"/a\"} 3602.86\n"));
}

TEST_F(PrometheusTest, ShowsAHistogramWithoutValues) {
  batch_.add(table_.get(kSize), HistogramView{});
  const auto text = page();
  EXPECT_THAT(text, HasSubstr("plumbline_size_bytes_bucket{le=\"+Inf\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("plumbline_size_bytes_count 0\n"));
}

// Bounds and counts agree with what the histogram recorded, value by value.
TEST_F(PrometheusTest, CountsBelowEachBoundWhatIsBelowIt) {
  ExpHistogram sizes;
  std::vector<double> values;
  for (double value = 1; value < 1e9; value *= 1.37) values.push_back(std::floor(value));
  for (const auto value : values) sizes.record(value);
  batch_.add(table_.get(kSize), sizes.view());
  page();
  for (const auto& family : source_.Collect()) {
    if (family.name != "plumbline_size_bytes") continue;
    ASSERT_EQ(family.metric.at(0).histogram.bucket.size(), 41U);
    for (const auto& bucket : family.metric.at(0).histogram.bucket) {
      const auto expected = std::count_if(
          values.begin(), values.end(), [&](double value) { return value <= bucket.upper_bound; });
      EXPECT_EQ(bucket.cumulative_count, static_cast<std::uint64_t>(expected))
          << bucket.upper_bound;
    }
  }
}

TEST_F(PrometheusTest, LeavesVanishedSeriesOut) {
  batch_.add(table_.get(kUsage), 7);
  page();
  batch_.clear();
  EXPECT_THAT(page(), Not(HasSubstr("system_memory_usage")));
}

TEST_F(PrometheusTest, DropsANameWithTwoTypesAndWarnsOnce) {
  batch_.add(table_.get(kUsage), 7);
  batch_.add(table_.get(kUsageAgain), HistogramView{});
  batch_.add(table_.get(kShare), 0.5);
  const auto text = page();
  EXPECT_THAT(text, Not(HasSubstr("system_memory_usage")));
  EXPECT_THAT(text, HasSubstr("system_memory_utilization_ratio 0.5"));
  EXPECT_EQ(log_.warnings(), 1U);
  page();
  EXPECT_EQ(log_.warnings(), 1U);
}

TEST_F(PrometheusTest, EscapesWhatALabelHolds) {
  batch_.add(table_.get(kIo, {"a\"b\\c\nd", "grüße \xff"}), 1);
  const auto text = page();
  EXPECT_THAT(text,
              HasSubstr(R"(system_device="a\"b\\c\nd",disk_io_direction="grüße )"
                        "\xEF\xBF\xBD\"} 1\n"));
  EXPECT_EQ(promtool_complaints(text).value_or(""), "");
}

TEST_F(PrometheusTest, JoinsResourceAttributesThatBecomeOneLabel) {
  const Resource resource({{"a.b", "1"}, {"a_b", "2"}}, "1");
  const SnapshotCollectable source(latest_, resource, log_);
  EXPECT_THAT(render_prometheus(source), HasSubstr("target_info{a_b=\"1;2\"} 1\n"));
}

// 16 digits: what the page says is off by at most the last of them, and never for whole numbers
// that a counter reaches in practice.
TEST_F(PrometheusTest, ShowsValuesToSixteenDigits) {
  const double exact = 0.1 + 0.2;  // needs 17
  batch_.add(table_.get(kShare), exact);
  batch_.add(table_.get(kUsage), std::int64_t{9'007'199'254'740'991});
  const auto text = page();
  const std::string name = "\nsystem_memory_utilization_ratio ";
  const auto shown = std::stod(text.substr(text.find(name) + name.size()));
  EXPECT_NEAR(shown, exact, exact * 1e-15);
  EXPECT_THAT(text, HasSubstr("system_memory_usage_bytes 9007199254740991\n"));
}

TEST_F(PrometheusTest, ShowsWhatIsNotFinite) {
  batch_.add(table_.get(kShare), std::numeric_limits<double>::infinity());
  EXPECT_THAT(page(), HasSubstr("system_memory_utilization_ratio +Inf\n"));
}

}  // namespace
}  // namespace plumbline
