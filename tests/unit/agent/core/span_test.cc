// SPDX-License-Identifier: Apache-2.0
#include "agent/core/span.h"

#include <gtest/gtest.h>

#include "agent/core/batch.h"

namespace plumbline {
namespace {

const std::string kTrace = "0af7651916cd43dd8448eb211c80319c";
const std::string kSpan = "b7ad6b7169203331";

TEST(TraceBytes, ReadsWhatItWrites) {
  EXPECT_EQ(TraceId::from_hex(kTrace)->hex(), kTrace);
  EXPECT_EQ(SpanId::from_hex("B7AD6B7169203331")->hex(), kSpan);
  EXPECT_EQ(SpanId::from_hex(kSpan)->view().size(), 8U);
}

TEST(TraceBytes, RefusesWhatIsNoIdentity) {
  for (const auto* text : {"", "b7", "b7ad6b716920333g", "0000000000000000", "b7ad6b71692033311"}) {
    EXPECT_FALSE(SpanId::from_hex(text)) << text;
  }
}

TEST(Traceparent, SaysWhoCalls) {
  const auto context = parse_traceparent("00-" + kTrace + "-" + kSpan + "-01");
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace.hex(), kTrace);
  EXPECT_EQ(context->span.hex(), kSpan);
  EXPECT_TRUE(context->sampled);
  EXPECT_FALSE(parse_traceparent("00-" + kTrace + "-" + kSpan + "-00")->sampled);
  EXPECT_TRUE(parse_traceparent("01-" + kTrace + "-" + kSpan + "-01-more")) << "a later version";
}

TEST(Traceparent, RefusesWhatTheSpecificationRefuses) {
  for (const auto& text : {std::string("ff-" + kTrace + "-" + kSpan + "-01"),
                           "00-" + std::string(32, '0') + "-" + kSpan + "-01",
                           "00-" + kTrace + "-" + std::string(16, '0') + "-01",
                           "00-" + kTrace + "-" + kSpan + "-01-more",
                           "01-" + kTrace + "-" + kSpan + "-01.more",
                           "00-" + kTrace + "-" + kSpan + "-0g",
                           "00-" + kTrace + "-" + kSpan,
                           "0x-" + kTrace + "-" + kSpan + "-01",
                           std::string()}) {
    EXPECT_FALSE(parse_traceparent(text)) << text;
  }
}

TEST(Batch, HoldsSpansAndEventsUpToItsBoundAndCountsTheRest) {
  Batch batch;
  const std::string large(Batch::kMaxRecordBytes / 4, 'x');
  for (int i = 0; i < 5; ++i) batch.add(Span{.name = large});
  batch.add(Event{.name = large});
  EXPECT_EQ(batch.spans().size(), 3U);
  EXPECT_EQ(batch.dropped_spans(), 2U);
  EXPECT_EQ(batch.dropped_events(), 1U);
  EXPECT_TRUE(batch.empty()) << "of points";
  Batch other;
  other.add(Span{.name = large});
  other.move_records(batch);
  EXPECT_EQ(other.spans().size(), 3U);
  EXPECT_EQ(other.dropped_spans(), 3U);
  EXPECT_EQ(other.dropped_events(), 1U);
  EXPECT_TRUE(batch.spans().empty());
  other.clear();
  EXPECT_TRUE(other.spans().empty());
  EXPECT_EQ(other.dropped_spans(), 0U);
  other.add(Span{.name = large});
  EXPECT_EQ(other.spans().size(), 1U) << "there is room again";
}

TEST(Footprint, CountsEveryText) {
  const std::string text(1000, 'x');
  const auto empty = footprint(Span{});
  for (const auto& span : {Span{.trace_state = text},
                           Span{.name = text},
                           Span{.status_message = text},
                           Span{.attributes = {{text, 1}}},
                           Span{.attributes = {{"k", text}}},
                           Span{.events = {{.name = text, .attributes = {}}}},
                           Span{.links = {{.attributes = {{"k", text}}}}},
                           Span{.subject = {.entity = {}, .group = text}}}) {
    EXPECT_GE(footprint(span), empty + 1000);
  }
}

}  // namespace
}  // namespace plumbline
