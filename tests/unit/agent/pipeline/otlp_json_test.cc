// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/otlp_json.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/pipeline/otlp_fields.h"
#include "tests/support/hostile_text.h"
#include "tests/support/random_message.h"
#include "tests/support/strict_otlp_json.h"

#include "opentelemetry/proto/collector/logs/v1/logs_service.pb.h"
#include "opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

namespace plumbline {
namespace {

using google::protobuf::FieldDescriptor;
using testing::HasSubstr;
using Metrics = opentelemetry::proto::collector::metrics::v1::ExportMetricsServiceRequest;
using Traces = opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;
using Logs = opentelemetry::proto::collector::logs::v1::ExportLogsServiceRequest;

std::string json_of(Signal signal, const google::protobuf::Message& message) {
  const auto json = otlp_to_json(signal, message.SerializeAsString());
  return json ? json.value() : json.error().what;
}

TEST(OtlpJson, WritesWhatTheSpecificationShows) {
  Traces request;
  auto& spans = *request.add_resource_spans()->add_scope_spans();
  spans.mutable_scope()->set_name("s");
  auto& span = *spans.add_spans();
  span.set_trace_id("\x5b\x8e\xff\xf7\x98\x03\x81\x03\xd2\x69\xb6\x33\x81\x3f\xc6\x0c");
  span.set_span_id("\xee\xe1\x9b\x7e\xc3\xc1\xb1\x74");
  span.set_kind(opentelemetry::proto::trace::v1::Span::SPAN_KIND_SERVER);
  span.set_start_time_unix_nano(1'544'712'660'000'000'000);
  auto& attribute = *span.add_attributes();
  attribute.set_key("b");
  attribute.mutable_value()->set_bytes_value("\x01\xff");
  EXPECT_EQ(json_of(Signal::kTraces, request),
            R"({"resourceSpans":[{"scopeSpans":[{"scope":{"name":"s"},"spans":[{)"
            R"("traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","kind":2,)"
            R"("startTimeUnixNano":"1544712660000000000","attributes":[{"key":"b",)"
            R"("value":{"bytesValue":"Af8="}}]}]}]}]})");
}

template <class Request>
void expect_same_after_reading(Signal signal) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    std::mt19937_64 random(seed);
    Request request;
    fill_at_random(random, request);
    const auto json = json_of(signal, request);
    Request read;
    ASSERT_EQ(read_strict_otlp_json(json, read), "") << "seed " << seed << "\n" << json;
    // Bytes are the same when every field is, to the sign of a zero.
    ASSERT_EQ(read.SerializeAsString(), request.SerializeAsString()) << "seed " << seed << "\n"
                                                                     << json;
  }
}

TEST(OtlpJson, LosesNothingOfMetrics) {
  expect_same_after_reading<Metrics>(Signal::kMetrics);
}
TEST(OtlpJson, LosesNothingOfTraces) {
  expect_same_after_reading<Traces>(Signal::kTraces);
}
TEST(OtlpJson, LosesNothingOfLogs) {
  expect_same_after_reading<Logs>(Signal::kLogs);
}

TEST(OtlpJson, MendsTextThatIsNotUtf8) {
  // key "\xff" in an attribute of a resource, which protobuf's own classes would not write
  const std::string bytes("\x0a\x07\x0a\x05\x0a\x03\x0a\x01\xff", 9);
  EXPECT_EQ(otlp_to_json(Signal::kMetrics, bytes).value(),
            "{\"resourceMetrics\":[{\"resource\":{\"attributes\":[{\"key\":\"\xEF\xBF\xBD\"}]}}]}");
}

TEST(OtlpJson, RefusesWhatIsNoRequest) {
  for (const auto* bytes : {"\x0a\x05x", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "\x07"}) {
    const auto json = otlp_to_json(Signal::kMetrics, bytes);
    ASSERT_FALSE(json);
    EXPECT_EQ(json.error().code, Errc::kMalformed);
  }
}

TEST(OtlpJson, RefusesListsWithinListsWithoutEnd) {
  std::string value;  // an AnyValue that holds an array that holds an AnyValue …
  const auto nest = [](std::string_view inside, char tag) {
    std::string out(1, tag);
    for (auto length = inside.size(); true; length >>= 7U) {
      out.push_back(static_cast<char>((length & 0x7fU) | (length > 0x7f ? 0x80U : 0U)));
      if (length <= 0x7f) break;
    }
    return out.append(inside);
  };
  for (int i = 0; i < 10'000; ++i) value = nest(nest(value, '\x0a'), '\x2a');
  auto request = nest(nest(nest(nest(value, '\x12'), '\x0a'), '\x0a'), '\x0a');
  EXPECT_FALSE(otlp_to_json(Signal::kMetrics, request));
}

TEST(OtlpJson, SurvivesBrokenRequests) {
  std::mt19937_64 random(1);
  Metrics request;
  fill_at_random(random, request);
  with_hostile_texts(request.SerializeAsString().substr(0, 400), [](std::string_view bytes) {
    const auto json = otlp_to_json(Signal::kMetrics, bytes);
    Metrics read;
    if (json && json.value().find("Id\":\"") == std::string::npos) {
      const auto problem = read_strict_otlp_json(json.value(), read);
      // What was no OTLP may become an enumeration that there is not; JSON it is always.
      EXPECT_EQ(problem.find("parse error"), std::string::npos) << json.value();
    }
  });
}

// One row for each field of each message, with the kind of JSON value its type demands.
void expect_complete(otlp::Table table, const google::protobuf::Descriptor& type, int depth) {
  if (depth > 12) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const auto& field = *type.field(i);
    if (field.name().ends_with("strindex")) continue;
    const auto row = std::find_if(table.begin(), table.end(), [&](const otlp::FieldRow& known) {
      return known.tag == static_cast<unsigned>(field.number());
    });
    ASSERT_NE(row, table.end()) << field.full_name();
    EXPECT_EQ(row->name, field.json_name());
    EXPECT_EQ(row->count == otlp::Count::kMany, field.is_repeated()) << field.full_name();
    const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    ASSERT_EQ(row->type == otlp::Type::kMessage, is_message) << field.full_name();
    if (is_message) expect_complete(row->message(), *field.message_type(), depth + 1);
  }
}

TEST(OtlpFields, AreAllThatOtlpHas) {
  expect_complete(otlp::request_table(Signal::kMetrics), *Metrics::descriptor(), 0);
  expect_complete(otlp::request_table(Signal::kTraces), *Traces::descriptor(), 0);
  expect_complete(otlp::request_table(Signal::kLogs), *Logs::descriptor(), 0);
}

// The checker itself must be able to refuse.
TEST(StrictOtlpJson, RefusesWhatLenientReceiversTake) {
  const auto problem = [](std::string_view span) {
    Traces request;
    const auto json =
        R"({"resourceSpans":[{"scopeSpans":[{"spans":[)" + std::string(span) + "]}]}]}";
    return read_strict_otlp_json(json, request);
  };
  EXPECT_EQ(problem(R"({"name":"a","kind":2})"), "");
  EXPECT_THAT(problem(R"({"kind":"SPAN_KIND_SERVER"})"), HasSubstr("not a number"));
  EXPECT_THAT(problem(R"({"kind":9})"), HasSubstr("without this value"));
  EXPECT_THAT(problem(R"({"traceId":"W47/95gDgQPSabYzgT/GDA=="})"), HasSubstr("wrong length"));
  EXPECT_THAT(problem(R"({"spanId":"EEE19B7EC3C1B174"})"), HasSubstr("lower-case"));
  EXPECT_THAT(problem(R"({"startTimeUnixNano":5})"), HasSubstr("not text"));
  EXPECT_THAT(problem(R"({"startTimeUnixNano":"05"})"), HasSubstr("needless"));
  EXPECT_THAT(problem(R"({"start_time_unix_nano":"5"})"), HasSubstr("no such key"));
  EXPECT_THAT(problem(R"({"name":"a","name":"b"})"), HasSubstr("twice"));
  EXPECT_THAT(problem(R"({"attributes":[{"key":"k","value":{"intValue":"1","stringValue":"a"}}]})"),
              HasSubstr("second value"));
  EXPECT_THAT(problem(R"({"name":"a",})"), HasSubstr("parse error"));
}

}  // namespace
}  // namespace plumbline
