// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/select.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <protozero/pbf_writer.hpp>

#include "agent/pipeline/split.h"
#include "tests/unit/agent/journal/samples.h"

namespace plumbline {
namespace {

using samples::kSecondNanos;
using samples::kStart;
using samples::Sample;
using testing::ElementsAre;

UnixNanos at(std::uint64_t second) {
  return kStart + second * kSecondNanos;
}

std::vector<std::pair<std::string, UnixNanos>> names_and_times(std::string_view request) {
  std::vector<std::pair<std::string, UnixNanos>> found;
  for (const auto& point : samples::parse(request)) {
    found.emplace_back(point.metric, (point.time - kStart) / kSecondNanos);
  }
  return found;
}

// A request of one item that has these fields of type fixed64.
std::string one_item(std::initializer_list<std::pair<std::uint32_t, UnixNanos>> fields) {
  std::string item;
  for (const auto& [tag, value] : fields) protozero::pbf_writer(item).add_fixed64(tag, value);
  std::string scope;
  protozero::pbf_writer(scope).add_message(2, item);
  std::string resource;
  protozero::pbf_writer(resource).add_string(3, "schema");
  protozero::pbf_writer(resource).add_message(2, scope);
  std::string request;
  protozero::pbf_writer(request).add_message(1, resource);
  return request;
}

bool keeps(Signal signal, const std::string& request, const Selection& selection) {
  std::string out;
  const auto selected = select_items(signal, request, selection, out);
  EXPECT_TRUE(selected);
  EXPECT_EQ(selected->items + selected->left_out, 1U);
  EXPECT_EQ(out, selected->items == 1 ? request : "");
  return selected->items == 1;
}

class Select : public testing::Test {
 protected:
  const std::string request_ =
      samples::request({{.metric = "test.gauge", .host = "a", .time = at(1)},
                        {.metric = "test.gauge", .host = "b", .time = at(2)},
                        {.metric = "test.counter", .host = "a", .time = at(3), .start = kStart},
                        {.metric = "test.histogram", .host = "a", .time = at(4), .start = kStart}});
  std::string out_;
};

TEST_F(Select, EverythingIsTheSameBytes) {
  const auto selected = select_items(Signal::kMetrics, request_, {}, out_);
  ASSERT_TRUE(selected);
  EXPECT_EQ(selected->items, 4U);
  EXPECT_EQ(selected->first, at(1));
  EXPECT_EQ(selected->left_out, 0U);
  EXPECT_EQ(out_, request_);
}

TEST_F(Select, TheFirstTimeIsInAndTheLastIsNot) {
  const auto selected =
      select_items(Signal::kMetrics, request_, {.from = at(2), .to = at(4)}, out_);
  ASSERT_TRUE(selected);
  EXPECT_EQ(selected->items, 2U);
  EXPECT_EQ(selected->first, at(2));
  EXPECT_EQ(selected->left_out, 2U);
  EXPECT_THAT(names_and_times(out_),
              ElementsAre(std::pair("test.gauge", 2), std::pair("test.counter", 3)));
  EXPECT_EQ(count_items(Signal::kMetrics, out_).value(), 2U);
}

TEST_F(Select, MetricsAreChosenByPatterns) {
  for (const auto& [pattern, items] : {std::pair("test.gauge", 2U),
                                       std::pair("test.*", 4U),
                                       std::pair("*.histo?ram", 1U),
                                       std::pair("test.[cg]*", 3U),
                                       std::pair("test", 0U),
                                       std::pair("", 0U)}) {
    EXPECT_EQ(select_items(Signal::kMetrics, request_, {.metrics = {pattern}}, out_)->items, items)
        << pattern;
  }
  EXPECT_EQ(
      select_items(Signal::kMetrics, request_, {.metrics = {"no", "test.counter"}}, out_)->items,
      1U);
}

TEST_F(Select, NothingIsAnEmptyRequest) {
  const auto selected = select_items(Signal::kMetrics, request_, {.from = at(9)}, out_);
  ASSERT_TRUE(selected);
  EXPECT_EQ(selected->items, 0U);
  EXPECT_EQ(out_, "");
}

TEST_F(Select, SpansAreChosenWhenTheyTouchTheRange) {
  const auto span = one_item({{7, at(10)}, {8, at(20)}});
  EXPECT_TRUE(keeps(Signal::kTraces, span, {.from = at(5), .to = at(11)}));
  EXPECT_TRUE(keeps(Signal::kTraces, span, {.from = at(12), .to = at(13)}));
  EXPECT_TRUE(keeps(Signal::kTraces, span, {.from = at(20)}));
  EXPECT_FALSE(keeps(Signal::kTraces, span, {.to = at(10)}));
  EXPECT_FALSE(keeps(Signal::kTraces, span, {.from = at(21)}));
}

TEST_F(Select, LogRecordsAreChosenByTheirTimeOrElseWhenTheyWereObserved) {
  const auto timed = one_item({{1, at(10)}, {11, at(30)}});
  EXPECT_TRUE(keeps(Signal::kLogs, timed, {.from = at(10), .to = at(11)}));
  EXPECT_FALSE(keeps(Signal::kLogs, timed, {.from = at(30)}));
  const auto observed = one_item({{11, at(30)}});
  EXPECT_TRUE(keeps(Signal::kLogs, observed, {.from = at(30)}));
}

TEST_F(Select, NamesOfMetricsLeaveOutEverythingElse) {
  EXPECT_FALSE(keeps(Signal::kLogs, one_item({{1, at(1)}}), {.metrics = {"*"}}));
}

TEST_F(Select, WhatIsNoRequestIsAnError) {
  EXPECT_EQ(select_items(Signal::kMetrics, "\x0a\x7f", {}, out_).error().code, Errc::kMalformed);
}

}  // namespace
}  // namespace plumbline
