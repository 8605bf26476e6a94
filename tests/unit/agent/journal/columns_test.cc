// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/columns.h"

#include <gtest/gtest.h>

#include "tests/unit/agent/journal/samples.h"

namespace plumbline {
namespace {

std::string form_of(std::string_view request) {
  ColumnSplitter splitter;
  std::string form;
  EXPECT_TRUE(splitter.split(request, form));
  return form;
}

// Points of every kind, times that step back and forth, one that is not set.
std::string request() {
  using samples::kStart;
  return samples::node_second(7, 40) +
         samples::request({{.metric = "test.histogram", .host = "a", .value = 3, .start = kStart},
                           {.metric = "test.counter", .time = kStart - 9, .value = -1},
                           {.metric = "test.gauge", .time = 0, .value = 1e300},
                           {.metric = "test.gauge", .time = ~0ULL, .value = 0}});
}

TEST(Columns, ARequestIsPutTogetherAgainAsItWas) {
  for (const auto& whole : {request(), samples::node_second(0, 500), std::string()}) {
    std::string joined;
    ASSERT_TRUE(join_columns(form_of(whole), whole.size(), joined));
    EXPECT_EQ(joined, whole);
  }
}

TEST(Columns, TheFramesOfTwoSecondsWithTheSameSeriesAreTheSame) {
  const auto first = form_of(samples::node_second(100, 50));
  const auto second = form_of(samples::node_second(101, 50));
  const auto half = first.size() / 2;
  EXPECT_EQ(first.substr(0, half), second.substr(0, half));
}

TEST(Columns, WhatIsCutIsNotTakenApart) {
  const auto whole = request();
  ColumnSplitter splitter;
  std::string form;
  std::size_t refused = 0;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    std::string joined;
    if (splitter.split(std::string_view(whole).substr(0, length), form)) {
      ASSERT_TRUE(join_columns(form, length, joined));
      EXPECT_EQ(joined, whole.substr(0, length));
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, whole.size() - 10);
}

TEST(Columns, ADamagedFormIsRefusedOrHasTheRightLength) {
  const auto whole = request();
  const auto form = form_of(whole);
  std::string joined;
  EXPECT_FALSE(join_columns(form, whole.size() - 1, joined));
  EXPECT_FALSE(join_columns(form, whole.size() + 1, joined));
  for (std::size_t i = 0; i < form.size(); ++i) {
    EXPECT_FALSE(join_columns(std::string_view(form).substr(0, i), whole.size(), joined));
    auto damaged = form;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x81);
    if (join_columns(damaged, whole.size(), joined)) {
      EXPECT_EQ(joined.size(), whole.size());
    }
  }
}

}  // namespace
}  // namespace plumbline
