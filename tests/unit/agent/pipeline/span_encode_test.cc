// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/span_encode.h"

#include <gtest/gtest.h>

#include "agent/pipeline/encode.h"
#include "agent/pipeline/split.h"
#include "tests/support/hostile_text.h"

#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

namespace plumbline {
namespace {

using Request = opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;
using Wire = opentelemetry::proto::trace::v1::Span;
using opentelemetry::proto::common::v1::AnyValue;
using opentelemetry::proto::trace::v1::Status;

TraceId trace_of(std::uint8_t last) {
  TraceId id;
  id.bytes.back() = last;
  return id;
}

SpanId span_of(std::uint8_t last) {
  SpanId id;
  id.bytes.back() = last;
  return id;
}

Request encoded(const std::vector<Span>& spans) {
  const Resource resource({{"service.name", "s"}}, "1");
  std::vector<const Span*> pointers;
  for (const auto& span : spans) pointers.push_back(&span);
  std::string bytes;
  encode_spans(resource.encoded_resource(), resource.encoded_scope(), pointers, bytes);
  Request request;
  EXPECT_TRUE(request.ParseFromString(bytes));
  EXPECT_EQ(count_items(Signal::kTraces, bytes).value(), spans.size());
  return request;
}

TEST(SpanEncode, WritesEveryFieldOfASpan) {
  const auto request = encoded(
      {Span{.trace = trace_of(1),
            .id = span_of(2),
            .parent = span_of(3),
            .trace_state = "a=b",
            .name = "SELECT t",
            .kind = SpanKind::kServer,
            .start = 10,
            .end = 20,
            .status = SpanStatus::kError,
            .status_message = "it failed",
            .attributes = {{"t", "x"}, {"i", 7}, {"d", 0.5}, {"b", true}},
            .events = {{.time = 15, .name = "e", .attributes = {{"k", "v"}}}},
            .links = {{.trace = trace_of(4), .span = span_of(5), .attributes = {{"l", "m"}}}}}});
  ASSERT_EQ(request.resource_spans_size(), 1);
  const auto& resource = request.resource_spans(0);
  EXPECT_EQ(resource.schema_url(), kSchemaUrl);
  EXPECT_EQ(resource.resource().attributes(0).value().string_value(), "s");
  const auto& scope = resource.scope_spans(0);
  EXPECT_EQ(scope.scope().name(), kScopeName);
  EXPECT_EQ(scope.schema_url(), kSchemaUrl);
  const auto& span = scope.spans(0);
  EXPECT_EQ(span.trace_id(), trace_of(1).view());
  EXPECT_EQ(span.span_id(), span_of(2).view());
  EXPECT_EQ(span.parent_span_id(), span_of(3).view());
  EXPECT_EQ(span.trace_state(), "a=b");
  EXPECT_EQ(span.name(), "SELECT t");
  EXPECT_EQ(span.kind(), Wire::SPAN_KIND_SERVER);
  EXPECT_EQ(span.start_time_unix_nano(), 10U);
  EXPECT_EQ(span.end_time_unix_nano(), 20U);
  EXPECT_EQ(span.status().code(), Status::STATUS_CODE_ERROR);
  EXPECT_EQ(span.status().message(), "it failed");
  ASSERT_EQ(span.attributes_size(), 4);
  EXPECT_EQ(span.attributes(0).value().string_value(), "x");
  EXPECT_EQ(span.attributes(1).value().int_value(), 7);
  EXPECT_EQ(span.attributes(2).value().double_value(), 0.5);
  EXPECT_TRUE(span.attributes(3).value().bool_value());
  EXPECT_EQ(span.events(0).time_unix_nano(), 15U);
  EXPECT_EQ(span.events(0).name(), "e");
  EXPECT_EQ(span.events(0).attributes(0).key(), "k");
  EXPECT_EQ(span.links(0).trace_id(), trace_of(4).view());
  EXPECT_EQ(span.links(0).span_id(), span_of(5).view());
  EXPECT_EQ(span.links(0).attributes(0).key(), "l");
}

TEST(SpanEncode, LeavesOutWhatThereIsNot) {
  const auto request =
      encoded({Span{.trace = trace_of(1), .id = span_of(2), .start = 9, .end = 3}});
  const auto& span = request.resource_spans(0).scope_spans(0).spans(0);
  EXPECT_EQ(span.parent_span_id(), "");
  EXPECT_FALSE(span.has_status());
  EXPECT_EQ(span.kind(), Wire::SPAN_KIND_INTERNAL);
  EXPECT_EQ(span.end_time_unix_nano(), 9U) << "it does not end before it starts";
}

TEST(SpanEncode, WritesNothingForNoSpans) {
  EXPECT_EQ(encoded({}).resource_spans_size(), 0);
}

TEST(SpanEncode, WritesValidTextWhateverANameHolds) {
  with_hostile_texts("Jane \xE2\x82\xAC Doe \xF0\x9F\x98\x80", [](std::string_view text) {
    const std::string hostile(text);
    const auto request = encoded({Span{.trace = trace_of(1),
                                       .id = span_of(2),
                                       .trace_state = hostile,
                                       .name = hostile,
                                       .status = SpanStatus::kError,
                                       .status_message = hostile,
                                       .attributes = {{hostile, hostile}},
                                       .events = {{.name = hostile, .attributes = {}}}}});
    EXPECT_EQ(request.resource_spans(0).scope_spans(0).spans_size(), 1);
  });
}

}  // namespace
}  // namespace plumbline
