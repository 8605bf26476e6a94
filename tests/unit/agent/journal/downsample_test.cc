// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/downsample.h"

#include <cmath>
#include <limits>
#include <tuple>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/agent/journal/samples.h"

namespace plumbline {
namespace {

using samples::kSecondNanos;
using samples::kStart;
using samples::parse;
using samples::request;
using samples::Sample;
using testing::ElementsAre;
using testing::Pair;

constexpr UnixNanos at(std::uint64_t second) {
  return kStart + second * kSecondNanos;
}

Sample gauge(std::uint64_t second, double value, std::string host = "a") {
  return {.metric = "test.gauge", .host = std::move(host), .time = at(second), .value = value};
}

Sample counter(std::uint64_t second, double value, UnixNanos start = kStart) {
  return {
      .metric = "test.counter", .host = "a", .time = at(second), .value = value, .start = start};
}

// (second, value) of the points of `host` in a window of one request a second.
std::vector<std::pair<std::uint64_t, double>> downsample(
    const std::vector<std::vector<Sample>>& seconds, const std::string& host = "a") {
  Downsampler downsampler;
  for (const auto& second : seconds) EXPECT_TRUE(downsampler.add(request(second)));
  const auto window = downsampler.finish();
  const auto points = parse(window.request);
  EXPECT_EQ(points.size(), window.items);
  std::vector<std::pair<std::uint64_t, double>> found;
  for (const auto& point : points) {
    if (point.host == host) found.emplace_back((point.time - kStart) / kSecondNanos, point.value);
  }
  return found;
}

TEST(Downsample, AGaugeKeepsItsLeastGreatestAndLastPointAtTheirTimes) {
  EXPECT_THAT(downsample({{gauge(0, 5)}, {gauge(1, 9)}, {gauge(2, 1)}, {gauge(3, 4)}}),
              ElementsAre(Pair(1, 9), Pair(2, 1), Pair(3, 4)));
}

TEST(Downsample, AnUnchangedGaugeKeepsItsFirstAndLastPoint) {
  EXPECT_THAT(downsample({{gauge(0, 5)}, {gauge(1, 5)}, {gauge(2, 5)}}),
              ElementsAre(Pair(0, 5), Pair(2, 5)));
}

TEST(Downsample, ACounterKeepsItsLastPoint) {
  EXPECT_THAT(downsample({{counter(0, 5)}, {counter(1, 9)}, {counter(2, 12)}}),
              ElementsAre(Pair(2, 12)));
}

TEST(Downsample, ACounterKeepsTheLastPointBeforeAReset) {
  EXPECT_THAT(downsample({{counter(0, 5)}, {counter(1, 9)}, {counter(2, 1, at(1))}}),
              ElementsAre(Pair(1, 9), Pair(2, 1)));
}

TEST(Downsample, AHistogramKeepsItsLastPointWithItsBuckets) {
  std::vector<Sample> last{{.metric = "test.histogram", .host = "a", .time = at(1), .value = 7}};
  Downsampler downsampler;
  ASSERT_TRUE(downsampler.add(
      request({{.metric = "test.histogram", .host = "a", .time = at(0), .value = 3}})));
  ASSERT_TRUE(downsampler.add(request(last)));
  EXPECT_EQ(downsampler.finish().request, request(last));
}

TEST(Downsample, OneRequestComesOutAsItWentIn) {
  Downsampler downsampler;
  const auto second = samples::node_second(7, 40);
  ASSERT_TRUE(downsampler.add(second));
  EXPECT_EQ(downsampler.finish().request, second);
}

TEST(Downsample, SeriesThatComeAndGoAreKeptApart) {
  const std::vector<std::vector<Sample>> seconds{{gauge(0, 1, "a"), gauge(0, 2, "b")},
                                                 {gauge(1, 3, "b")},
                                                 {gauge(2, 4, "c"), gauge(2, 5, "a")}};
  EXPECT_THAT(downsample(seconds, "a"), ElementsAre(Pair(0, 1), Pair(2, 5)));
  EXPECT_THAT(downsample(seconds, "b"), ElementsAre(Pair(0, 2), Pair(1, 3)));
  EXPECT_THAT(downsample(seconds, "c"), ElementsAre(Pair(2, 4)));
}

TEST(Downsample, AWindowKnowsNothingOfTheOneBefore) {
  Downsampler downsampler;
  ASSERT_TRUE(downsampler.add(request({gauge(0, 100), gauge(0, 1, "gone")})));
  downsampler.finish();
  ASSERT_TRUE(downsampler.add(request({gauge(10, 5)})));
  const auto points = parse(downsampler.finish().request);
  ASSERT_EQ(points.size(), 1U);
  EXPECT_EQ(points[0].value, 5);
  EXPECT_EQ(downsampler.finish().request, "");
}

TEST(Downsample, ManySeriesOfOneMetricAreNeverMixedUp) {
  Downsampler downsampler;
  for (std::uint64_t second = 0; second < 10; ++second) {
    std::vector<Sample> points;
    for (std::uint64_t i = 0; i < 500; ++i) {
      // Every other second in the opposite order.
      const auto n = second % 2 == 0 ? i : 499 - i;
      points.push_back(gauge(second, static_cast<double>(n), fmt::format("h{}", n)));
    }
    ASSERT_TRUE(downsampler.add(request(points)));
  }
  const auto points = parse(downsampler.finish().request);
  EXPECT_EQ(points.size(), 1000U);
  for (const auto& point : points) EXPECT_EQ(fmt::format("h{}", point.value), point.host);
}

TEST(Downsample, BytesThatAreNoRequestAreRefused) {
  Downsampler downsampler;
  EXPECT_FALSE(downsampler.add("\x0a\xff\xff\xff\xff"));
  EXPECT_EQ(downsampler.finish().request, "");
}

}  // namespace
}  // namespace plumbline
