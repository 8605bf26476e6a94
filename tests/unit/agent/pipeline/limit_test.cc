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

// The series that come out, by who, after a tick at this second.
class RankTest : public LimitTest {
 protected:
  SeriesLimit limit_{limits(3), std::chrono::seconds(10)};  // two series and the overflow
  std::map<std::string, std::int64_t> now_;

  std::map<std::string, std::int64_t> at(UnixNanos second,
                                         const std::map<std::string, std::int64_t>& more) {
    for (const auto& [who, count] : more) now_[who] += count;
    batch_.clear();
    batch_.time = second * 1'000'000'000;
    fill(kBytes, now_);
    limit_.apply("test", batch_);
    return points();
  }
};

TEST_F(RankTest, GivesThePlaceOfTheQuietestToTheLoudest) {
  EXPECT_THAT(at(10, {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}}),
              ElementsAre(Pair("", 2), Pair("a", 1), Pair("b", 1)));
  // b loses its place: it stands still, and what it counts is in the overflow.
  EXPECT_THAT(at(20, {{"a", 5}, {"b", 1}, {"c", 9}, {"d", 1}}),
              ElementsAre(Pair("", 13), Pair("a", 6), Pair("b", 1)));
  EXPECT_THAT(at(25, {{"b", 1}}), ElementsAre(Pair("", 14), Pair("a", 6), Pair("b", 1)));
  // c gains it: it begins at 0 and stands still.
  EXPECT_THAT(at(30, {{"a", 5}, {"c", 9}}), ElementsAre(Pair("", 23), Pair("a", 11), Pair("c", 0)));
  EXPECT_THAT(at(35, {{"c", 1}}), ElementsAre(Pair("", 24), Pair("a", 11), Pair("c", 0)));
  EXPECT_THAT(at(40, {{"a", 5}, {"c", 9}}), ElementsAre(Pair("", 24), Pair("a", 16), Pair("c", 9)));
  EXPECT_EQ(batch_.points()[1].series->start(), 30'000'000'000U) << "when it gained its place";
  EXPECT_EQ(limit_.overflows().at(0).exchanged, 1U);
}

TEST_F(RankTest, ChangesNothingForALittle) {
  at(10, {{"a", 1}, {"b", 1}, {"c", 1}});
  for (UnixNanos period = 2; period < 20; ++period) {
    // Each is the loudest now and then, by a third.
    const auto who = std::string(1, static_cast<char>('a' + period % 3));
    now_[who] += 33;
    at(10 * period, {{"a", 100}, {"b", 100}, {"c", 100}});
  }
  EXPECT_EQ(limit_.overflows().at(0).exchanged, 0U);
}

TEST_F(RankTest, GivesAFreePlaceToTheLoudestOfTheFolded) {
  at(10, {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}});
  now_.erase("b");
  at(20, {{"a", 5}, {"c", 1}, {"d", 3}});
  EXPECT_THAT(at(30, {{"a", 5}, {"d", 5}}), ElementsAre(Pair("", 6), Pair("a", 11), Pair("d", 5)));
}

TEST_F(RankTest, KeepsTheGreatestOfWhatIsHeld) {
  const std::map<std::string, std::int64_t> held{{"a", 1}, {"b", 20}, {"c", 30}, {"d", 4}};
  for (UnixNanos second = 10; second <= 30; second += 10) {
    batch_.clear();
    batch_.time = second * 1'000'000'000;
    fill(kHeld, held);
    limit_.apply("test", batch_);
  }
  EXPECT_THAT(points(), ElementsAre(Pair("", 5), Pair("b", 20), Pair("c", 30)));
}

TEST_F(RankTest, BeginsAnewWhenTheClockStepsBack) {
  at(1'000, {{"a", 1}, {"b", 1}, {"c", 1}});
  at(10, {{"c", 9}});
  at(20, {{"c", 9}});
  EXPECT_THAT(at(30, {{"c", 9}}), testing::Contains(Pair("c", 9)));
}

TEST_F(RankTest, WaitsForTheNewPeriodAfterAReload) {
  at(10, {{"a", 1}, {"b", 1}, {"c", 1}});
  at(20, {{"a", 5}, {"b", 1}, {"c", 9}});
  // b is leaving. Who looks every 20 seconds from now on has not seen its last value by then.
  limit_.set_limits(limits(3), std::chrono::seconds(40));
  at(25, {{"c", 1}});
  for (const UnixNanos second : {30, 45, 64}) {
    EXPECT_THAT(at(second, {{"c", 1}}), testing::Contains(Pair("b", 1))) << second;
  }
  EXPECT_THAT(at(65, {{"c", 1}}), testing::Contains(Pair("c", 0)));
}

TEST_F(RankTest, DoesNotCountTimeBeforeAReloadTowardsAShorterPeriod) {
  limit_.set_limits(limits(3), std::chrono::hours(1));
  at(10, {{"a", 1}, {"b", 1}, {"c", 1}});
  at(3'610, {{"a", 5}, {"b", 1}, {"c", 9}});
  limit_.set_limits(limits(3), std::chrono::seconds(10));
  EXPECT_THAT(at(5'000, {{"c", 1}}), testing::Contains(Pair("b", 1)));
  EXPECT_THAT(at(5'009, {{"c", 1}}), testing::Contains(Pair("b", 1)));
  EXPECT_THAT(at(5'010, {{"c", 1}}), testing::Contains(Pair("c", 0)));
}

TEST_F(LimitTest, TakesTheBudgetOfAMetricByNameThenByTheLongestPattern) {
  auto config = limits(2);
  config.budgets = {{"t.held", "4"}, {"t.*", "3"}, {"t.sh*", "5"}, {"t.bytes", "nonsense"}};
  const std::map<std::string, std::int64_t> values{
      {"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 1}, {"f", 1}};
  const auto shown = [&](const MetricSpec& spec) {
    SeriesLimit limit(config);
    return tick(limit, spec, values).size();
  };
  EXPECT_EQ(shown(kHeld), 4U);
  EXPECT_EQ(shown(kSeconds), 3U);
  EXPECT_EQ(shown(kShare), 4U) << "gauges have no overflow series";
  EXPECT_EQ(shown(kBytes), 2U);
  SeriesLimit limit(config);
  tick(limit, kHeld, values);
  EXPECT_THAT(limit.describe(kHeld), testing::HasSubstr("beyond limits.budgets (4)"));
}

TEST_F(LimitTest, TellsWhichMetricsAndLabelsAreTheLoudest) {
  SeriesLimit limit(limits(4));
  for (const auto* cgroup : {"a", "b", "c", "d", "e"}) {
    for (const auto* direction : {"read", "write"}) {
      batch_.add(table_.get(kBytes, {cgroup, direction}), 1);
    }
  }
  fill(kHeld, {{"a", 1}, {"b", 1}});
  fill(kShare, {{"a", 1}});
  limit.apply("test", batch_);
  const auto loudest = limit.loudest(2);
  ASSERT_EQ(loudest.size(), 2U);
  EXPECT_EQ(loudest[0].metric, &kBytes);
  EXPECT_EQ(loudest[0].series, 10U);
  EXPECT_EQ(loudest[0].budget, 4U);
  EXPECT_EQ(loudest[0].overflow.series, 7U);
  ASSERT_EQ(loudest[0].labels.size(), 2U);
  EXPECT_EQ(loudest[0].labels[0].key, "cgroup");
  EXPECT_EQ(loudest[0].labels[0].values, 5U);
  EXPECT_EQ(loudest[0].labels[0].example, "e");
  EXPECT_EQ(loudest[1].metric, &kHeld);
  EXPECT_EQ(loudest[1].overflow.series, 0U);
  EXPECT_EQ(limit.loudest(0).size(), 1U) << "what is beyond its budget is always told";
}

TEST_F(LimitTest, ForgetsTheOldestOfThoseThatComeAndGoForGood) {
  SeriesLimit limit(limits(2, 50'000));
  for (int second = 0; second < 200; ++second) {
    std::map<std::string, std::int64_t> jobs{{"a", 1}};
    for (int job = 0; job < 50; ++job) jobs["job-" + std::to_string(50 * second + job)] = 3;
    tick(limit, kBytes, jobs);
    table_ = SeriesTable(1);
    ASSERT_LE(limit.remembered(), 2 * SeriesLimit::kFewestRemembered + 50);
  }
  EXPECT_GE(limit.remembered(), SeriesLimit::kFewestRemembered);
  constexpr std::int64_t kTotal = 200 * 50 * 3;
  EXPECT_THAT(tick(limit, kBytes, {{"a", 1}, {"job-9999", 5}}),
              ElementsAre(Pair("", kTotal + 2), Pair("a", 1)))
      << "one of the last is known";
  EXPECT_THAT(tick(limit, kBytes, {{"a", 1}, {"job-0", 3}}),
              ElementsAre(Pair("", kTotal + 2 + 3), Pair("a", 1)))
      << "one of the first is another one";
}

TEST_F(LimitTest, RemembersAllOfAMetricThatVanishAtOnce) {
  SeriesLimit limit(limits(2, 50'000));
  std::map<std::string, std::int64_t> partitions;
  for (int i = 0; i < 5'000; ++i) partitions["partition-" + std::to_string(i)] = 7;
  tick(limit, kBytes, partitions);
  const auto before = points();
  for (int outage = 0; outage < 5; ++outage) {
    tick(limit, kBytes, {});
    EXPECT_EQ(limit.remembered(), 5'000U);
    EXPECT_EQ(tick(limit, kBytes, partitions), before) << "nothing is counted twice";
  }
}

// 100,000 series of one metric, other ones every second, and one of a neighbour.
TEST_F(LimitTest, LeavesTheNeighboursOfAFloodAlone) {
  SeriesLimit limit(LimitsConfig{}, std::chrono::seconds(1));
  SeriesLimit calm(LimitsConfig{}, std::chrono::seconds(1));
  SeriesTable neighbours(1);
  for (UnixNanos second = 1; second <= 3; ++second) {
    SeriesTable flood(1);
    Batch expected;
    batch_.clear();
    batch_.time = expected.time = second * 1'000'000'000;
    for (std::int64_t i = 0; i < 100'000; ++i) {
      batch_.add(flood.get(kBytes, {"/pods/" + std::to_string(second * 1'000'000 + i)}), i);
      if (i % 100 != 0) continue;
      for (auto* out : {&batch_, &expected}) {
        out->add(neighbours.get(kSeconds, {i}), static_cast<double>(second) * 0.5);
      }
    }
    limit.apply("test", batch_);
    calm.apply("test", expected);
    batch_.filter([&](std::size_t i) { return &batch_.series(i)->spec() == &kSeconds; });
    ASSERT_EQ(batch_.size(), 1'000U);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(batch_.points()[i].series, expected.points()[i].series);
      ASSERT_EQ(batch_.points()[i].value.real, expected.points()[i].value.real);
    }
  }
}

TEST_F(LimitTest, TakesAHigherLimitForNewSeries) {
  SeriesLimit limit(limits(2));
  tick(limit, kHeld, {{"a", 1}, {"b", 2}});
  limit.set_limits(limits(3), SeriesLimit::kRankPeriod);
  EXPECT_THAT(tick(limit, kHeld, {{"a", 1}, {"b", 2}}), ElementsAre(Pair("a", 1), Pair("b", 2)));
}

}  // namespace
}  // namespace plumbline
