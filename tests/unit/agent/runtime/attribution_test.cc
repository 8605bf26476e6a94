// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/attribution.h"

#include <map>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/pipeline/otlp_json.h"
#include "agent/pipeline/split.h"
#include "tests/support/manual_clock.h"

namespace plumbline {
namespace {

using testing::HasSubstr;
using testing::Not;

class AttributionTest : public testing::Test {
 protected:
  AttributionTest() {
    attribution_.set_resource(Resource({{"host.name", "n1"},
                                        {"service.name", "plumbline"},
                                        {"deployment.environment.name", "test"}},
                                       "1"));
  }

  // What was sent of one signal, as JSON.
  std::string sent(Signal signal) {
    return sent_.contains(signal) ? otlp_to_json(signal, sent_.at(signal)).value() : "nothing";
  }

  static Span span(std::string name, Subject subject) {
    return {.trace = {.bytes = {1}},
            .id = {.bytes = {2}},
            .name = std::move(name),
            .subject = std::move(subject)};
  }

  boost::asio::io_context io_;
  ManualClock clock_;
  Log log_{clock_, -1, LogFormat::kText, LogLevel::kError};
  std::map<Signal, std::string> sent_;
  std::map<Signal, std::uint64_t> items_;
  Attribution attribution_{
      io_.get_executor(),
      clock_,
      log_,
      [this](Signal signal, UnixNanos /*time*/, std::uint64_t items, std::string bytes) {
        sent_[signal] = std::move(bytes);
        items_[signal] = items;
      }};
};

TEST_F(AttributionTest, PutsEachSpanBelowTheResourceOfItsSubject) {
  const auto entity = std::make_shared<EntityRef::element_type>(
      EntityRef::element_type{{"service.name", "clickhouse"}});
  const auto group = "/docker/" + std::string(64, 'a');
  Batch batch;
  batch.add(span("of the agent", {}));
  batch.add(span("of a server", {.entity = entity, .group = {}}));
  batch.add(span("of a container", {.entity = {}, .group = group}));
  batch.add(span("of the same server", {.entity = entity, .group = {}}));
  batch.add(span("of no container", {.entity = {}, .group = "/system.slice/ssh.service"}));
  attribution_.send_records(batch);
  EXPECT_EQ(items_[Signal::kTraces], 5U);
  EXPECT_EQ(count_items(Signal::kTraces, sent_[Signal::kTraces]).value(), 5U);
  EXPECT_FALSE(sent_.contains(Signal::kLogs));

  std::map<std::string, std::string> json;
  for (const auto& one : batch.spans()) {
    Batch alone;
    alone.add(Span(one));
    attribution_.send_records(alone);
    json[one.name] = sent(Signal::kTraces);
  }
  for (const auto* name : {"of the agent", "of no container"}) {
    EXPECT_THAT(json[name], HasSubstr("plumbline"));
    EXPECT_THAT(json[name], HasSubstr("n1"));
  }
  EXPECT_THAT(json["of a container"], HasSubstr(std::string(64, 'a')));
  EXPECT_THAT(json["of a container"], HasSubstr("n1"));
  EXPECT_THAT(json["of a server"], HasSubstr("clickhouse"));
  EXPECT_THAT(json["of a server"], HasSubstr("deployment.environment.name"));
  EXPECT_THAT(json["of a server"], Not(HasSubstr("n1"))) << "the server may be elsewhere";
}

TEST_F(AttributionTest, SendsEventsWithTheirSpan) {
  Batch batch;
  batch.add(
      Event{.name = "e", .body = "it failed", .trace = {.bytes = {1}}, .span = {.bytes = {2}}});
  attribution_.send_records(batch);
  EXPECT_EQ(items_[Signal::kLogs], 1U);
  EXPECT_THAT(sent(Signal::kLogs), HasSubstr(R"("traceId":"01000000000000000000000000000000")"));
  EXPECT_THAT(sent(Signal::kLogs), HasSubstr(R"("spanId":"0200000000000000")"));
}

TEST_F(AttributionTest, SendsNothingForABatchOfPoints) {
  attribution_.send_records(Batch());
  EXPECT_TRUE(sent_.empty());
}

}  // namespace
}  // namespace plumbline
