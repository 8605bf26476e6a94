// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/agent/pipeline/otlp_model.h"

#include <google/protobuf/util/message_differencer.h>

#include <charconv>

#include <gtest/gtest.h>

namespace plumbline {
namespace {

namespace otlp = opentelemetry::proto;

// Series keep their values as text; the tests' integer attributes have keys that end in "number".
void fill_attributes(const Series& series,
                     google::protobuf::RepeatedPtrField<otlp::common::v1::KeyValue>& out) {
  for (const auto& [key, text] : series.attributes()) {
    auto& attribute = *out.Add();
    attribute.set_key(std::string(key));
    if (key.ends_with("number")) {
      std::int64_t number = 0;
      std::from_chars(text.data(), text.data() + text.size(), number);
      attribute.mutable_value()->set_int_value(number);
    } else {
      attribute.mutable_value()->set_string_value(std::string(text));
    }
  }
}

void fill_number(const LatestEntry& entry, otlp::metrics::v1::NumberDataPoint& point) {
  fill_attributes(*entry.series, *point.mutable_attributes());
  point.set_start_time_unix_nano(entry.start);
  point.set_time_unix_nano(entry.time);
  if (entry.vanished && !entry.untold) {
    point.set_flags(otlp::metrics::v1::DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK);
  } else if (is_integral(entry.series->spec().unit)) {
    point.set_as_int(entry.value.integer);
  } else {
    point.set_as_double(entry.value.real);
  }
}

void fill_histogram(const LatestEntry& entry,
                    otlp::metrics::v1::ExponentialHistogramDataPoint& point) {
  fill_attributes(*entry.series, *point.mutable_attributes());
  point.set_start_time_unix_nano(entry.start);
  point.set_time_unix_nano(entry.time);
  if (entry.vanished && !entry.untold) {
    point.set_flags(otlp::metrics::v1::DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK);
    return;
  }
  const auto view = entry.histogram->view();
  point.set_count(view.count);
  point.set_sum(view.sum);
  point.set_scale(3);
  point.set_zero_count(view.zero_count);
  point.set_zero_threshold(view.zero_threshold);
  if (view.buckets.empty()) return;
  point.mutable_positive()->set_offset(view.offset);
  for (const auto count : view.buckets) point.mutable_positive()->add_bucket_counts(count);
}

void fill_point(const LatestEntry& entry, otlp::metrics::v1::Metric& metric) {
  constexpr auto kCumulative = otlp::metrics::v1::AGGREGATION_TEMPORALITY_CUMULATIVE;
  switch (entry.series->spec().instrument) {
    case Instrument::kGauge:
      fill_number(entry, *metric.mutable_gauge()->add_data_points());
      break;
    case Instrument::kCounter:
    case Instrument::kUpDownCounter:
      metric.mutable_sum()->set_aggregation_temporality(kCumulative);
      metric.mutable_sum()->set_is_monotonic(entry.series->spec().instrument ==
                                             Instrument::kCounter);
      fill_number(entry, *metric.mutable_sum()->add_data_points());
      break;
    case Instrument::kHistogram:
      metric.mutable_exponential_histogram()->set_aggregation_temporality(kCumulative);
      fill_histogram(entry, *metric.mutable_exponential_histogram()->add_data_points());
      break;
  }
}

}  // namespace

ExportRequest model_of(const Resource& resource,
                       std::string_view agent_version,
                       std::span<const LatestEntry* const> entries) {
  ExportRequest request;
  if (entries.empty()) return request;
  auto& of_resource = *request.add_resource_metrics();
  of_resource.set_schema_url("https://opentelemetry.io/schemas/1.44.0");
  for (const auto& [key, value] : resource.attributes()) {
    auto& attribute = *of_resource.mutable_resource()->add_attributes();
    attribute.set_key(key);
    attribute.mutable_value()->set_string_value(value);
  }
  auto& of_scope = *of_resource.add_scope_metrics();
  of_scope.set_schema_url("https://opentelemetry.io/schemas/1.44.0");
  of_scope.mutable_scope()->set_name("plumbline");
  of_scope.mutable_scope()->set_version(std::string(agent_version));
  const MetricSpec* current = nullptr;
  otlp::metrics::v1::Metric* metric = nullptr;
  for (const auto* entry : entries) {
    const auto& spec = entry->series->spec();
    if (&spec != current) {
      current = &spec;
      metric = of_scope.add_metrics();
      metric->set_name(std::string(spec.name));
      metric->set_description(std::string(spec.description));
      metric->set_unit(std::string(ucum(spec.unit)));
    }
    fill_point(*entry, *metric);
  }
  return request;
}

ExportRequest encode_and_parse(const Resource& resource,
                               std::span<const LatestEntry* const> entries) {
  MetricsEncoder encoder;
  std::string bytes;
  EXPECT_EQ(encoder.encode(resource, entries, bytes), entries.size());
  ExportRequest parsed;
  EXPECT_TRUE(parsed.ParseFromString(bytes));
  return parsed;
}

std::string difference(const ExportRequest& expected, const ExportRequest& actual) {
  // The same canonical bytes are the same fields, to the bit: -0 and NaN included.
  if (expected.SerializeAsString() == actual.SerializeAsString()) return "";
  std::string report;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&report);
  differencer.Compare(expected, actual);
  return report.empty() ? "differs in the sign of a zero or in unknown fields" : report;
}

}  // namespace plumbline
