// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/encode.h"

#include <array>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tests/unit/agent/pipeline/otlp_model.h"

namespace plumbline {
namespace {

constexpr UnixNanos kBoot = 1'700'000'000'000'000'000;
constexpr UnixNanos kNow = 1'790'000'000'000'000'000;

constexpr MetricSpec kIo{.name = "t.io",
                         .instrument = Instrument::kCounter,
                         .unit = Unit::kBytes,
                         .description = "Bytes moved.",
                         .source = "",
                         .attributes = {"device", "queue.number"}};
constexpr MetricSpec kUsage{.name = "t.usage",
                            .instrument = Instrument::kUpDownCounter,
                            .unit = Unit::kBytes,
                            .description = "Bytes held.",
                            .source = ""};
constexpr MetricSpec kTemperature{.name = "t.temperature",
                                  .instrument = Instrument::kGauge,
                                  .unit = Unit::kCelsius,
                                  .description = "How warm.",
                                  .source = "",
                                  .attributes = {"sensor"}};
constexpr MetricSpec kLatency{.name = "t.latency",
                              .instrument = Instrument::kHistogram,
                              .unit = Unit::kSeconds,
                              .description = "How long.",
                              .source = "",
                              .attributes = {"device"}};

class EncodeTest : public testing::Test {
 protected:
  Resource resource_{{{"host.name", "node-1"}, {"service.name", "plumbline"}}, "0.1.0"};
  SeriesTable table_{kBoot};
  Latest latest_;
  Batch batch_;

  EncodeTest() { batch_.time = kNow; }

  // Encodes everything and compares it with the model, field by field.
  ExportRequest checked() {
    latest_.update("test", batch_);
    auto parsed = encode_and_parse(resource_, latest_.entries());
    EXPECT_EQ(difference(model_of(resource_, "0.1.0", latest_.entries()), parsed), "");
    return parsed;
  }
  const auto& metric(const ExportRequest& request, int i) {
    return request.resource_metrics(0).scope_metrics(0).metrics(i);
  }
};

TEST_F(EncodeTest, WritesNothingForNothing) {
  MetricsEncoder encoder;
  std::string bytes;
  EXPECT_EQ(encoder.encode(resource_, {}, bytes), 0U);
  EXPECT_EQ(bytes, "");
}

TEST_F(EncodeTest, WritesResourceAndScopeWithTheirSchema) {
  batch_.add(table_.get(kUsage), 1);
  const auto request = checked();
  ASSERT_EQ(request.resource_metrics_size(), 1);
  const auto& of_resource = request.resource_metrics(0);
  EXPECT_EQ(of_resource.schema_url(), kSchemaUrl);
  ASSERT_EQ(of_resource.resource().attributes_size(), 2);
  EXPECT_EQ(of_resource.resource().attributes(0).key(), "host.name");
  EXPECT_EQ(of_resource.resource().attributes(0).value().string_value(), "node-1");
  ASSERT_EQ(of_resource.scope_metrics_size(), 1);
  EXPECT_EQ(of_resource.scope_metrics(0).scope().name(), "plumbline");
  EXPECT_EQ(of_resource.scope_metrics(0).scope().version(), "0.1.0");
}

TEST_F(EncodeTest, WritesACounterAsAMonotonicCumulativeSum) {
  batch_.add(table_.get(kIo, {"sda", 7}), 4096);
  const auto request = checked();
  const auto& io = metric(request, 0);
  EXPECT_EQ(io.name(), "t.io");
  EXPECT_EQ(io.unit(), "By");
  EXPECT_EQ(io.description(), "Bytes moved.");
  ASSERT_TRUE(io.has_sum());
  EXPECT_TRUE(io.sum().is_monotonic());
  EXPECT_EQ(io.sum().aggregation_temporality(), 2);
  const auto& point = io.sum().data_points(0);
  EXPECT_EQ(point.as_int(), 4096);
  EXPECT_EQ(point.start_time_unix_nano(), kBoot);
  EXPECT_EQ(point.time_unix_nano(), kNow);
  EXPECT_EQ(point.flags(), 0U);
  EXPECT_EQ(point.attributes(1).value().int_value(), 7);
}

TEST_F(EncodeTest, WritesAnUpDownCounterAsASumThatIsNotMonotonic) {
  batch_.add(table_.get(kUsage), -5);
  const auto request = checked();
  ASSERT_TRUE(metric(request, 0).has_sum());
  EXPECT_FALSE(metric(request, 0).sum().is_monotonic());
  EXPECT_EQ(metric(request, 0).sum().data_points(0).as_int(), -5);
}

TEST_F(EncodeTest, WritesAGaugeWithoutAStart) {
  batch_.add(table_.get(kTemperature, {"cpu"}), 61.5);
  const auto request = checked();
  ASSERT_TRUE(metric(request, 0).has_gauge());
  EXPECT_EQ(metric(request, 0).gauge().data_points(0).as_double(), 61.5);
  EXPECT_EQ(metric(request, 0).gauge().data_points(0).start_time_unix_nano(), 0U);
}

TEST_F(EncodeTest, WritesAHistogramAtScaleThree) {
  ExpHistogram histogram(1e-9);
  for (const double value : {0.0, 0.001, 0.002, 0.25, 1.0, 1.0, 3600.0}) histogram.record(value);
  batch_.add(table_.get(kLatency, {"sda"}), histogram.view());
  const auto request = checked();
  ASSERT_TRUE(metric(request, 0).has_exponential_histogram());
  EXPECT_EQ(metric(request, 0).exponential_histogram().aggregation_temporality(), 2);
  const auto& point = metric(request, 0).exponential_histogram().data_points(0);
  EXPECT_EQ(point.scale(), 3);
  EXPECT_EQ(point.count(), 7U);
  EXPECT_EQ(point.zero_count(), 1U);
  EXPECT_EQ(point.zero_threshold(), 1e-9);
  EXPECT_EQ(point.positive().offset(), bucket_index(0.001));
  EXPECT_EQ(point.positive().bucket_counts(bucket_index(1.0) - bucket_index(0.001)), 2U);
  EXPECT_EQ(point.start_time_unix_nano(), kBoot);
}

TEST_F(EncodeTest, WritesAHistogramWithoutAnyValueOrWithZerosOnly) {
  batch_.add(table_.get(kLatency, {"none"}), HistogramView{});
  batch_.add(table_.get(kLatency, {"zeros"}), HistogramView{.count = 3, .zero_count = 3});
  const auto request = checked();
  const auto& points = metric(request, 0).exponential_histogram().data_points();
  EXPECT_EQ(points[0].count(), 0U);
  EXPECT_FALSE(points[0].has_positive());
  EXPECT_TRUE(points[0].has_sum());
  EXPECT_EQ(points[1].zero_count(), 3U);
}

TEST_F(EncodeTest, CarriesTheLargestNumbers) {
  const std::array<std::uint64_t, 3> buckets{
      std::numeric_limits<std::uint64_t>::max(), 1, 1ULL << 63U};
  for (const auto value : {std::numeric_limits<std::int64_t>::max(),
                           std::numeric_limits<std::int64_t>::min(),
                           std::int64_t{0},
                           std::int64_t{-1}}) {
    batch_.add(table_.get(kIo, {"sda", value}), value);
  }
  batch_.add(table_.get(kLatency, {"low"}),
             HistogramView{.count = ~0ULL, .sum = 1e308, .offset = -8592, .buckets = buckets});
  batch_.add(table_.get(kLatency, {"high"}), HistogramView{.offset = 8190, .buckets = buckets});
  checked();
}

TEST_F(EncodeTest, KeepsInfinityAndTheSignOfZeroAndDropsNaN) {
  constexpr auto kInfinity = std::numeric_limits<double>::infinity();
  batch_.add(table_.get(kTemperature, {"up"}), kInfinity);
  batch_.add(table_.get(kTemperature, {"down"}), -kInfinity);
  batch_.add(table_.get(kTemperature, {"zero"}), -0.0);
  batch_.add(table_.get(kTemperature, {"subnormal"}), std::numeric_limits<double>::denorm_min());
  batch_.add(table_.get(kTemperature, {"none"}), std::nan(""));
  const auto request = checked();
  const auto& points = metric(request, 0).gauge().data_points();
  ASSERT_EQ(points.size(), 4);
  EXPECT_TRUE(std::signbit(points[2].as_double()));
}

TEST_F(EncodeTest, CarriesAnyTextAsUtf8) {
  for (const auto* text :
       {"", "grüße", "中文", "\U0001F4CF", "a\"b\\c\nd", "\x01", "bad\xff\xc0"}) {
    batch_.add(table_.get(kTemperature, {text}), 1.0);
  }
  const auto request = checked();
  const auto& last = metric(request, 0).gauge().data_points(6).attributes(0);
  EXPECT_EQ(last.value().string_value(), "bad\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_F(EncodeTest, CleansTheTextOfTheResource) {
  const Resource resource({{"k", "\xff"}, {"", "no key"}}, "1");
  batch_.add(table_.get(kUsage), 1);
  latest_.update("test", batch_);
  const auto request = encode_and_parse(resource, latest_.entries());
  const auto& attributes = request.resource_metrics(0).resource().attributes();
  ASSERT_EQ(attributes.size(), 1);
  EXPECT_EQ(attributes[0].value().string_value(), "\xEF\xBF\xBD");
}

TEST_F(EncodeTest, TellsOnceThatASeriesVanished) {
  batch_.add(table_.get(kIo, {"sda", 1}), 1);
  batch_.add(table_.get(kLatency, {"sda"}), HistogramView{.count = 1, .zero_count = 1});
  checked();
  latest_.drop_vanished();
  batch_.clear();
  batch_.time = kNow + 1'000'000'000;
  const auto request = checked();
  const auto& number = metric(request, 0).sum().data_points(0);
  EXPECT_EQ(number.flags(), 1U);
  EXPECT_EQ(number.time_unix_nano(), kNow + 1'000'000'000);
  EXPECT_EQ(number.value_case(), 0);
  const auto& histogram = metric(request, 1).exponential_histogram().data_points(0);
  EXPECT_EQ(histogram.flags(), 1U);
  EXPECT_EQ(histogram.count(), 0U);
  latest_.drop_vanished();
  EXPECT_EQ(latest_.size(), 0U);
}

TEST_F(EncodeTest, TellsTheLastValueOfAVanishedSeriesFirst) {
  batch_.add(table_.get(kIo, {"sda", 1}), 7);
  latest_.update("test", batch_);
  batch_.clear();
  batch_.time = kNow + 1'000'000'000;
  const auto request = checked();
  const auto& point = metric(request, 0).sum().data_points(0);
  EXPECT_EQ(point.as_int(), 7);
  EXPECT_EQ(point.flags(), 0U);
  EXPECT_EQ(point.time_unix_nano(), kNow);
}

TEST_F(EncodeTest, AppendsSoThatTwoRequestsAreOneAgain) {
  batch_.add(table_.get(kUsage), 1);
  latest_.update("test", batch_);
  MetricsEncoder encoder;
  std::string bytes;
  encoder.encode(resource_, latest_.entries(), bytes);
  encoder.encode(resource_, latest_.entries(), bytes);
  ExportRequest parsed;
  ASSERT_TRUE(parsed.ParseFromString(bytes));
  EXPECT_EQ(parsed.resource_metrics_size(), 2);
}

}  // namespace
}  // namespace plumbline
