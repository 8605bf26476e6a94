// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/filter.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include "agent/pipeline/encode.h"
#include "agent/pipeline/split.h"

namespace plumbline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr MetricSpec spec(std::string_view name) {
  return {.name = name,
          .instrument = Instrument::kGauge,
          .unit = Unit::kOne,
          .description = "",
          .source = "",
          .attributes = {"n"}};
}
constexpr auto kCpu = spec("system.cpu.utilization");
constexpr auto kMemory = spec("system.memory.usage");
constexpr auto kLag = spec("kafka.consumer_group.lag");

// Two points of each metric.
std::string request(const std::map<std::string, std::string>& resource = {{"team", "payments"}}) {
  SeriesTable table(1);
  Batch batch;
  batch.time = 5;
  for (const auto* one : {&kCpu, &kMemory, &kLag}) {
    batch.add(table.get(*one, {std::int64_t{1}}), 1.0);
    batch.add(table.get(*one, {std::int64_t{2}}), 2.0);
  }
  Latest latest;
  latest.update("test", batch);
  std::string out;
  MetricsEncoder().encode(Resource(resource, "1"), latest.entries(), out);
  return out;
}

std::vector<std::string> metric_names(const std::string& bytes) {
  std::vector<std::string> names;
  protozero::pbf_reader request(bytes);
  while (request.next(1)) {
    auto resource = request.get_message();
    while (resource.next(2)) {
      auto scope = resource.get_message();
      while (scope.next(2)) {
        auto metric = scope.get_message();
        while (metric.next(1)) names.push_back(metric.get_string());
      }
    }
  }
  return names;
}

struct Filtered {
  FilterOutcome outcome;
  std::string bytes;
};
Filtered filter(const FilterRules& rules, const std::string& bytes) {
  Filtered result;
  result.outcome = filter_request(
      rules, Signal::kMetrics, bytes, count_items(Signal::kMetrics, bytes).value(), result.bytes);
  return result;
}

TEST(Filter, LetsEverythingThroughByDefault) {
  EXPECT_TRUE(FilterRules{}.passes_all());
  const auto whole = request();
  const auto result = filter({}, whole);
  EXPECT_EQ(result.bytes, whole);
  EXPECT_EQ(result.outcome.passed, 6U);
  EXPECT_EQ(result.outcome.held_back, 0U);
}

TEST(Filter, TakesMetricsByPatternsOfTheirNames) {
  const auto result = filter({.include = {"system.*"}, .exclude = {"*.usage"}}, request());
  EXPECT_THAT(metric_names(result.bytes), ElementsAre("system.cpu.utilization"));
  EXPECT_EQ(result.outcome.passed, 2U);
  EXPECT_EQ(result.outcome.held_back, 4U);
  EXPECT_EQ(count_items(Signal::kMetrics, result.bytes).value(), 2U);
}

TEST(Filter, LeavesNoEnvelopeWithoutItems) {
  const auto result = filter({.include = {"nothing.*"}}, request());
  EXPECT_THAT(result.bytes, IsEmpty());
  EXPECT_EQ(result.outcome.held_back, 6U);
}

TEST(Filter, ComparesAllResourceAttributesThatItNames) {
  EXPECT_EQ(filter({.resource = {{"team", "pay*"}}}, request()).outcome.passed, 6U);
  EXPECT_EQ(filter({.resource = {{"team", "search"}}}, request()).outcome.passed, 0U);
  EXPECT_EQ(filter({.resource = {{"team", "*"}, {"zone", "*"}}}, request()).outcome.passed, 0U);
  const auto both = request({{"team", "search"}}) + request();
  const auto result = filter({.resource = {{"team", "payments"}}}, both);
  EXPECT_EQ(result.bytes, request());
  EXPECT_EQ(result.outcome.held_back, 6U);
}

TEST(Filter, HoldsBackWholeSignals) {
  FilterRules rules;
  rules.signals[static_cast<std::size_t>(Signal::kMetrics)] = false;
  EXPECT_FALSE(rules.passes_all());
  EXPECT_EQ(filter(rules, request()).outcome.held_back, 6U);
}

TEST(Filter, PassesWhatItCannotReadWhole) {
  std::string out;
  const std::string broken("\x0a\xff\x01zz", 5);
  const auto outcome = filter_request({.include = {"a"}}, Signal::kMetrics, broken, 3, out);
  EXPECT_EQ(out, broken);
  EXPECT_EQ(outcome.passed, 3U);
}

}  // namespace
}  // namespace plumbline
