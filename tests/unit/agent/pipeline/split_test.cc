// SPDX-License-Identifier: Apache-2.0
//
// Cutting a request in two, judged by protobuf's own classes.
#include "agent/pipeline/split.h"

#include <google/protobuf/util/message_differencer.h>

#include <set>

#include <gtest/gtest.h>

#include "opentelemetry/proto/collector/logs/v1/logs_service.pb.h"
#include "opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

namespace plumbline {
namespace {

namespace otlp = opentelemetry::proto;
using google::protobuf::util::MessageDifferencer;
using otlp::collector::logs::v1::ExportLogsServiceRequest;
using otlp::collector::metrics::v1::ExportMetricsServiceRequest;
using otlp::collector::trace::v1::ExportTraceServiceRequest;

constexpr std::uint64_t kPoints = 2 * 2 * 5 * 3;  // resources, scopes, metrics, points

template <class Data>
void add_points(Data* data, std::uint64_t& time) {
  for (int i = 0; i < 3; ++i) data->add_data_points()->set_time_unix_nano(++time);
}

// Every kind of metric, with everything an envelope can carry around it.
ExportMetricsServiceRequest metrics() {
  ExportMetricsServiceRequest request;
  std::uint64_t time = 0;
  for (int r = 0; r < 2; ++r) {
    auto* resource = request.add_resource_metrics();
    resource->mutable_resource()->add_attributes()->set_key("r" + std::to_string(r));
    resource->set_schema_url("schema");
    for (int s = 0; s < 2; ++s) {
      auto* scope = resource->add_scope_metrics();
      scope->mutable_scope()->set_name("s" + std::to_string(s));
      scope->set_schema_url("inner");
      for (int m = 0; m < 5; ++m) {
        auto* metric = scope->add_metrics();
        metric->set_name("m" + std::to_string(m));
        metric->set_unit("By");
        if (m == 0) add_points(metric->mutable_gauge(), time);
        if (m == 1) add_points(metric->mutable_sum(), time);
        if (m == 1) metric->mutable_sum()->set_is_monotonic(true);
        if (m == 2) add_points(metric->mutable_histogram(), time);
        if (m == 3) add_points(metric->mutable_exponential_histogram(), time);
        if (m == 3)
          metric->mutable_exponential_histogram()->set_aggregation_temporality(
              otlp::metrics::v1::AGGREGATION_TEMPORALITY_CUMULATIVE);
        if (m == 4) add_points(metric->mutable_summary(), time);
      }
    }
  }
  return request;
}

template <class Visit>
void each_point(const ExportMetricsServiceRequest& request, Visit visit) {
  const auto all =
      [&](const auto& resource, const auto& scope, const auto& metric, const auto& data) {
        EXPECT_GT(data.data_points_size(), 0) << "an empty envelope";
        for (const auto& point : data.data_points()) {
          visit(point.time_unix_nano(),
                resource.resource().attributes(0).key() + resource.schema_url() +
                    scope.scope().name() + scope.schema_url() + metric.name() + metric.unit());
        }
      };
  for (const auto& resource : request.resource_metrics()) {
    for (const auto& scope : resource.scope_metrics()) {
      for (const auto& metric : scope.metrics()) {
        if (metric.has_gauge()) all(resource, scope, metric, metric.gauge());
        if (metric.has_sum()) all(resource, scope, metric, metric.sum());
        if (metric.has_histogram()) all(resource, scope, metric, metric.histogram());
        if (metric.has_exponential_histogram()) {
          all(resource, scope, metric, metric.exponential_histogram());
        }
        if (metric.has_summary()) all(resource, scope, metric, metric.summary());
      }
    }
  }
}

std::map<std::uint64_t, std::string> points_of(const std::string& bytes) {
  ExportMetricsServiceRequest request;
  EXPECT_TRUE(request.ParseFromString(bytes));
  std::map<std::uint64_t, std::string> points;
  each_point(request, [&](std::uint64_t time, const std::string& path) {
    EXPECT_TRUE(points.emplace(time, path).second) << "a point twice";
  });
  return points;
}

TEST(Split, CountsItems) {
  EXPECT_EQ(count_items(Signal::kMetrics, metrics().SerializeAsString()).value(), kPoints);
  EXPECT_EQ(count_items(Signal::kMetrics, "").value(), 0U);
  EXPECT_FALSE(count_items(Signal::kMetrics, "nonsense"));
}

TEST(Split, LosesNoPointAndNothingAroundItWhereverItCuts) {
  const auto whole = metrics().SerializeAsString();
  const auto expected = points_of(whole);
  ASSERT_EQ(expected.size(), kPoints);
  for (std::uint64_t at = 0; at <= kPoints; ++at) {
    auto head = points_of(slice_items(Signal::kMetrics, whole, 0, at).value());
    const auto tail = points_of(slice_items(Signal::kMetrics, whole, at, kPoints).value());
    EXPECT_EQ(head.size(), at);
    EXPECT_EQ(tail.size(), kPoints - at);
    head.insert(tail.begin(), tail.end());
    EXPECT_EQ(head, expected);
  }
}

TEST(Split, KeepsWhatASumAndAHistogramSayOfThemselves) {
  const auto whole = metrics().SerializeAsString();
  ExportMetricsServiceRequest slice;
  ASSERT_TRUE(slice.ParseFromString(slice_items(Signal::kMetrics, whole, 4, 5).value()));
  EXPECT_TRUE(slice.resource_metrics(0).scope_metrics(0).metrics(0).sum().is_monotonic());
  ASSERT_TRUE(slice.ParseFromString(slice_items(Signal::kMetrics, whole, 9, 10).value()));
  EXPECT_EQ(slice.resource_metrics(0)
                .scope_metrics(0)
                .metrics(0)
                .exponential_histogram()
                .aggregation_temporality(),
            otlp::metrics::v1::AGGREGATION_TEMPORALITY_CUMULATIVE);
}

TEST(Split, GivesBackTheWholeWhenAllOfItIsAskedFor) {
  const auto whole = metrics();
  ExportMetricsServiceRequest copy;
  ASSERT_TRUE(copy.ParseFromString(
      slice_items(Signal::kMetrics, whole.SerializeAsString(), 0, kPoints).value()));
  EXPECT_TRUE(MessageDifferencer::Equals(copy, whole));
}

TEST(Split, CutsSpans) {
  ExportTraceServiceRequest request;
  auto* scope = request.add_resource_spans()->add_scope_spans();
  for (int i = 0; i < 7; ++i) scope->add_spans()->set_name("span" + std::to_string(i));
  const auto whole = request.SerializeAsString();
  EXPECT_EQ(count_items(Signal::kTraces, whole).value(), 7U);
  const auto tail = slice_items(Signal::kTraces, whole, 3, 7).value();
  ASSERT_TRUE(request.ParseFromString(tail));
  EXPECT_EQ(request.resource_spans(0).scope_spans(0).spans_size(), 4);
  EXPECT_EQ(first_name(Signal::kTraces, tail), "span3");
}

TEST(Split, CutsLogRecords) {
  ExportLogsServiceRequest request;
  auto* scope = request.add_resource_logs()->add_scope_logs();
  for (int i = 0; i < 7; ++i) scope->add_log_records()->set_event_name("e" + std::to_string(i));
  const auto whole = request.SerializeAsString();
  EXPECT_EQ(count_items(Signal::kLogs, whole).value(), 7U);
  const auto head = slice_items(Signal::kLogs, whole, 0, 3).value();
  ASSERT_TRUE(request.ParseFromString(head));
  EXPECT_EQ(request.resource_logs(0).scope_logs(0).log_records_size(), 3);
  EXPECT_EQ(first_name(Signal::kLogs, head), "e0");
}

TEST(Split, NamesTheMetricOfTheFirstPoint) {
  const auto whole = metrics().SerializeAsString();
  EXPECT_EQ(first_name(Signal::kMetrics, slice_items(Signal::kMetrics, whole, 7, 8).value()), "m2");
  EXPECT_EQ(first_name(Signal::kMetrics, "nonsense"), "");
}

}  // namespace
}  // namespace plumbline
