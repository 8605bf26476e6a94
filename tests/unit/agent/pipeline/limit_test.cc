// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/limit.h"

#include <array>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/pipeline/latest.h"

namespace plumbline {
namespace {

constexpr MetricSpec kBytes{.name = "t.bytes",
                            .instrument = Instrument::kCounter,
                            .unit = Unit::kBytes,
                            .description = "",
                            .source = "",
                            .attributes = {"cgroup", "direction"}};
constexpr MetricSpec kSeconds{.name = "t.seconds",
                              .instrument = Instrument::kCounter,
                              .unit = Unit::kSeconds,
                              .description = "",
                              .source = "",
                              .attributes = {"cgroup"}};
constexpr MetricSpec kHeld{.name = "t.held",
                           .instrument = Instrument::kUpDownCounter,
                           .unit = Unit::kBytes,
                           .description = "",
                           .source = "",
                           .attributes = {"cgroup"}};
constexpr MetricSpec kShare{.name = "t.share",
                            .instrument = Instrument::kGauge,
                            .unit = Unit::kOne,
                            .description = "",
                            .source = "",
                            .attributes = {"cgroup"}};
constexpr MetricSpec kWait{.name = "t.wait",
                           .instrument = Instrument::kHistogram,
                           .unit = Unit::kSeconds,
                           .description = "",
                           .source = "",
                           .attributes = {"cgroup"}};

LimitsConfig limits(std::uint64_t per_metric, std::uint64_t total = 1'000) {
  LimitsConfig config;
  config.series_per_metric = per_metric;
  config.series = total;
  return config;
}

class LimitTest : public testing::Test {
 protected:
  SeriesTable table_{1};
  Batch batch_;

  void fill(const MetricSpec& spec, const std::map<std::string, std::int64_t>& values) {
    for (const auto& [cgroup, value] : values) batch_.add(table_.get(spec, {cgroup}), value);
  }
  // One tick of one metric through the limit; what comes out by the cgroup, "" for the overflow.
  std::map<std::string, std::int64_t> tick(SeriesLimit& limit,
                                           const MetricSpec& spec,
                                           const std::map<std::string, std::int64_t>& values) {
    batch_.clear();
    fill(spec, values);
    limit.apply("test", batch_);
    return points();
  }
  std::map<std::string, std::int64_t> points() const {
    std::map<std::string, std::int64_t> result;
    for (const auto& point : batch_.points()) {
      const auto [key, value] = point.series->attributes()[0];
      const bool overflow = key == "otel.metric.overflow";
      const auto number = is_integral(point.series->spec().unit)
                              ? point.value.integer
                              : static_cast<std::int64_t>(point.value.real);
      EXPECT_TRUE(result.emplace(overflow ? "" : value, number).second);
    }
    return result;
  }
};

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST_F(LimitTest, LeavesABatchWithinTheLimitAlone) {
  SeriesLimit limit(limits(3));
  EXPECT_THAT(tick(limit, kBytes, {{"a", 1}, {"b", 2}}), ElementsAre(Pair("a", 1), Pair("b", 2)));
  EXPECT_THAT(limit.overflows(), IsEmpty());
}

TEST_F(LimitTest, AddsUpCountersBeyondIt) {
  SeriesLimit limit(limits(2));
  EXPECT_THAT(tick(limit, kBytes, {{"a", 1}, {"b", 2}, {"c", 4}}),
              ElementsAre(Pair("", 6), Pair("a", 1)));
  EXPECT_THAT(tick(limit, kBytes, {{"a", 1}, {"b", 3}, {"c", 8}}),
              ElementsAre(Pair("", 11), Pair("a", 1)));
  ASSERT_EQ(limit.overflows().size(), 1U);
  EXPECT_EQ(limit.overflows()[0].metric, &kBytes);
  EXPECT_EQ(limit.overflows()[0].series, 2U);
  EXPECT_EQ(limit.overflows()[0].folded, 4U);
  EXPECT_EQ(limit.overflows()[0].points(), 4U);
}

TEST_F(LimitTest, AddsUpRealCounters) {
  SeriesLimit limit(limits(1));
  EXPECT_THAT(tick(limit, kSeconds, {{"a", 1}, {"b", 2}}), ElementsAre(Pair("", 3)));
  EXPECT_THAT(tick(limit, kSeconds, {{"a", 2}, {"b", 2}}), ElementsAre(Pair("", 4)));
}

TEST_F(LimitTest, NeverLetsTheOverflowCounterGoDown) {
  SeriesLimit limit(limits(2));
  tick(limit, kBytes, {{"a", 1}, {"b", 20}, {"c", 4}});
  EXPECT_THAT(tick(limit, kBytes, {{"a", 1}, {"c", 5}}), ElementsAre(Pair("", 25), Pair("a", 1)));
  EXPECT_THAT(tick(limit, kBytes, {{"a", 1}}), ElementsAre(Pair("", 25), Pair("a", 1)));
}

TEST_F(LimitTest, CountsAResetCounterFromItsNewStart) {
  SeriesLimit limit(limits(1));
  tick(limit, kBytes, {{"a", 10}});
  EXPECT_THAT(tick(limit, kBytes, {{"a", 3}}), ElementsAre(Pair("", 13)));
}

TEST_F(LimitTest, CountsASeriesOnceThatWentAndReturned) {
  SeriesLimit limit(limits(1));
  tick(limit, kBytes, {{"a", 10}});
  tick(limit, kBytes, {});
  EXPECT_THAT(tick(limit, kBytes, {{"a", 12}}), ElementsAre(Pair("", 12)));
}

TEST_F(LimitTest, CountsASeriesOnceThatWasMadeAnew) {
  SeriesLimit limit(limits(1));
  tick(limit, kBytes, {{"a", 10}});
  table_ = SeriesTable(1);
  EXPECT_THAT(tick(limit, kBytes, {{"a", 12}}), ElementsAre(Pair("", 12)));
}

TEST_F(LimitTest, GivesAFreedPlaceToANewcomerButKeepsTheFoldedFolded) {
  SeriesLimit limit(limits(2));
  tick(limit, kBytes, {{"a", 1}, {"b", 2}});
  EXPECT_THAT(tick(limit, kBytes, {{"b", 3}}), ElementsAre(Pair("", 3)));
  EXPECT_THAT(tick(limit, kBytes, {{"b", 3}, {"c", 7}}), ElementsAre(Pair("", 3), Pair("c", 7)));
}

TEST_F(LimitTest, GivesThePlacesOfAReopenedCollectorToItsNewSeries) {
  SeriesLimit limit(limits(3));
  tick(limit, kBytes, {{"a", 1}, {"b", 2}});
  EXPECT_THAT(tick(limit, kBytes, {{"c", 1}, {"d", 2}}), ElementsAre(Pair("c", 1), Pair("d", 2)));
}

TEST_F(LimitTest, AddsUpWhatIsHeldNow) {
  SeriesLimit limit(limits(2));
  EXPECT_THAT(tick(limit, kHeld, {{"a", 1}, {"b", 20}, {"c", 4}}),
              ElementsAre(Pair("", 24), Pair("a", 1)));
  EXPECT_THAT(tick(limit, kHeld, {{"a", 1}, {"c", -5}}), ElementsAre(Pair("", -5), Pair("a", 1)));
  EXPECT_THAT(tick(limit, kHeld, {{"a", 1}}), ElementsAre(Pair("a", 1)));
}

TEST_F(LimitTest, HasNoPointForGaugesBeyondItAndCountsThem) {
  SeriesLimit limit(limits(2));
  EXPECT_THAT(tick(limit, kShare, {{"a", 1}, {"b", 2}, {"c", 3}}), ElementsAre(Pair("a", 1)));
  EXPECT_EQ(limit.overflows().at(0).dropped, 2U);
  EXPECT_EQ(limit.overflows().at(0).folded, 0U);
}

TEST_F(LimitTest, AddsUpHistogramsExactly) {
  SeriesLimit limit(limits(2));
  ExpHistogram beyond;  // what b, c and d recorded, a being the one within the limit
  std::map<std::string, ExpHistogram> groups;
  for (int round = 1; round <= 20; ++round) {
    batch_.clear();
    for (const auto* cgroup : {"a", "b", "c", "d"}) {
      if (cgroup[0] == 'd' && round > 10) continue;  // it goes; what it counted stays
      const double value = 0.001 * round * (1 + cgroup[0]);
      groups[cgroup].record(value, 2);
      if (cgroup[0] != 'a') beyond.record(value, 2);
      batch_.add(table_.get(kWait, {cgroup}), groups[cgroup].view());
    }
    limit.apply("test", batch_);
    ASSERT_EQ(batch_.histogram_count(), 2U);
    ASSERT_EQ(batch_.histogram_series(1)->attributes()[0].first, "otel.metric.overflow");
    const auto total = batch_.histogram(1);
    EXPECT_EQ(total.count, beyond.view().count);
    EXPECT_NEAR(total.sum, beyond.view().sum, 1e-9);
    EXPECT_EQ(total.offset, beyond.view().offset);
    EXPECT_THAT(total.buckets, testing::ElementsAreArray(beyond.view().buckets));
  }
}

TEST_F(LimitTest, HoldsTheTotalOverAllMetrics) {
  SeriesLimit limit(limits(100, 3));
  batch_.clear();
  fill(kBytes, {{"a", 1}, {"b", 2}});
  fill(kHeld, {{"c", 3}, {"d", 4}});
  limit.apply("test", batch_);
  EXPECT_THAT(points(), ElementsAre(Pair("", 4), Pair("a", 1), Pair("b", 2), Pair("c", 3)));
}

TEST_F(LimitTest, NamesTheAttributeThatGrew) {
  SeriesLimit limit(limits(2));
  for (std::int64_t i = 0; i < 50; ++i) {
    batch_.add(table_.get(kBytes, {"/run/" + std::to_string(i), "read"}), i);
  }
  limit.apply("test", batch_);
  const auto text = limit.describe(kBytes);
  EXPECT_THAT(text, testing::HasSubstr("t.bytes: 49 series beyond limits.series_per_metric (2)"));
  EXPECT_THAT(text, testing::HasSubstr("cgroup has 50 values, one is /run/49"));
  EXPECT_EQ(limit.describe(kHeld), "");
}

TEST_F(LimitTest, NamesTheLimitThatWasMet) {
  SeriesLimit limit(limits(100, 3));
  tick(limit, kBytes, {{"a", 1}, {"b", 2}, {"c", 3}, {"d", 4}});
  EXPECT_THAT(limit.describe(kBytes), testing::HasSubstr("1 series beyond limits.series (3)"));
}

TEST_F(LimitTest, TellsOnceWhichMetricsMetIt) {
  SeriesLimit limit(limits(2));
  fill(kHeld, {{"a", 1}});
  EXPECT_THAT(limit.apply("test", batch_), IsEmpty());
  fill(kHeld, {{"b", 1}, {"c", 1}});
  EXPECT_THAT(limit.apply("test", batch_), ElementsAre(&kHeld));
  fill(kHeld, {{"d", 1}});
  EXPECT_THAT(limit.apply("test", batch_), IsEmpty());
}

TEST_F(LimitTest, TakesAHigherLimitForNewSeries) {
  SeriesLimit limit(limits(2));
  tick(limit, kHeld, {{"a", 1}, {"b", 2}});
  limit.set_limits(limits(3));
  EXPECT_THAT(tick(limit, kHeld, {{"a", 1}, {"b", 2}}), ElementsAre(Pair("a", 1), Pair("b", 2)));
}

}  // namespace
}  // namespace plumbline
