// SPDX-License-Identifier: Apache-2.0
//
// Series of all kinds that come, go, return, are reset and become loud or quiet, through a limit
// much too small for them: what its readers add up must be what was counted.
#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "agent/pipeline/cumulative.h"
#include "agent/pipeline/latest.h"
#include "agent/pipeline/limit.h"

namespace plumbline {
namespace {

constexpr MetricSpec kCount{.name = "t.count",
                            .instrument = Instrument::kCounter,
                            .unit = Unit::kBytes,
                            .description = "",
                            .source = "",
                            .attributes = {"who"}};
constexpr MetricSpec kTime{.name = "t.time",
                           .instrument = Instrument::kCounter,
                           .unit = Unit::kSeconds,
                           .description = "",
                           .source = "",
                           .attributes = {"who"}};
constexpr MetricSpec kWait{.name = "t.wait",
                           .instrument = Instrument::kHistogram,
                           .unit = Unit::kSeconds,
                           .description = "",
                           .source = "",
                           .attributes = {"who"}};
constexpr MetricSpec kHeld{.name = "t.held",
                           .instrument = Instrument::kUpDownCounter,
                           .unit = Unit::kBytes,
                           .description = "",
                           .source = "",
                           .attributes = {"who"}};

constexpr UnixNanos kSecond = 1'000'000'000;
constexpr std::chrono::seconds kPeriod{20};
constexpr UnixNanos kBoot = kSecond;

// What somebody who looks now and then knows: of each series since each start its last value.
class Reader {
 public:
  void look(const Latest& latest) {
    std::map<std::string, std::size_t> shown;
    for (const auto* entry : latest.entries()) {
      if (entry->vanished) continue;
      const auto& spec = entry->series->spec();
      ++shown[std::string(spec.name)];
      if (!spec.monotonic()) continue;
      take(*entry, spec);
    }
    for (const auto& [name, count] : shown) most_[name] = std::max(most_[name], count);
  }

  // Sum of a counter, count of a histogram, over all that was ever shown.
  double total(const MetricSpec& spec) const {
    double sum = 0;
    for (const auto& [key, stream] : streams_) {
      if (stream.spec == &spec) sum += stream.value;
    }
    return sum;
  }
  ExpHistogram histogram() const {
    ExpHistogram sum;
    for (const auto& [key, stream] : streams_) sum.merge(stream.histogram.view());
    return sum;
  }
  std::size_t most(const MetricSpec& spec) const { return most_.at(std::string(spec.name)); }

 private:
  struct Stream {
    const MetricSpec* spec = nullptr;
    double value = 0;
    ExpHistogram histogram;
  };

  void take(const LatestEntry& entry, const MetricSpec& spec) {
    auto key = std::string(spec.name);
    for (const auto& [name, value] : entry.series->attributes()) key.append(name).append(value);
    auto& newest = starts_[key];
    ASSERT_GE(entry.start, newest) << key << " begins before its last start";
    newest = entry.start;
    auto& stream = streams_[key + "@" + std::to_string(entry.start)];
    stream.spec = &spec;
    if (spec.instrument == Instrument::kHistogram) {
      ASSERT_FALSE(was_reset(stream.histogram.view(), entry.histogram->view())) << key;
      stream.histogram.assign(entry.histogram->view());
      stream.value = static_cast<double>(entry.histogram->view().count);
      return;
    }
    const double value =
        is_integral(spec.unit) ? static_cast<double>(entry.value.integer) : entry.value.real;
    ASSERT_GE(value, stream.value) << key << " went down";
    stream.value = value;
  }

  std::map<std::string, Stream> streams_;
  std::map<std::string, UnixNanos> starts_;
  std::map<std::string, std::size_t> most_;
};

// What Prometheus makes of the same, knowing no start: increases from look to look, a lower value
// being a reset, a first one telling nothing.
class Scraper {
 public:
  void look(const Latest& latest) {
    for (const auto* entry : latest.entries()) {
      if (entry->vanished || &entry->series->spec() != &kCount) continue;
      const auto [found, added] = last_.try_emplace(
          std::string(entry->series->attributes()[0].second), entry->value.integer);
      if (added) {
        if (entry->start == kBoot) continue;
        ASSERT_EQ(entry->value.integer, 0) << "a series that gained a place shows its beginning";
        continue;
      }
      const auto before = std::exchange(found->second, entry->value.integer);
      increase_ +=
          entry->value.integer < before ? entry->value.integer : entry->value.integer - before;
    }
  }
  std::int64_t increase() const { return increase_; }

 private:
  std::map<std::string, std::int64_t> last_;
  std::int64_t increase_ = 0;
};

enum class Life { kQuiet, kWild };  // wild: they go, return and are reset

class World {
 public:
  World(std::uint32_t seed, Life life) : random_(seed), life_(life) {
    for (int i = 0; i < kThings; ++i) things_.push_back({.name = "s" + std::to_string(i)});
  }

  void tick(Batch& batch) {
    batch.clear();
    batch.time = now_ += kSecond;
    held_ = 0;
    std::shuffle(things_.begin(), things_.end(), random_);  // also their order changes
    for (auto& thing : things_) {
      if (chance(0.01)) thing.rate = chance(0.2) ? below(1'000) : below(20);
      const bool begins_anew = life_ == Life::kWild && ticks_ > 2 && lives(thing);
      if (thing.away) continue;
      if (!begins_anew) grow(thing);
      batch.add(table_.get(kCount, {thing.name}), thing.count);
      batch.add(table_.get(kTime, {thing.name}), static_cast<double>(thing.count) * 0.25);
      batch.add(table_.get(kWait, {thing.name}), thing.wait.view());
      batch.add(table_.get(kHeld, {thing.name}), thing.rate);
      held_ += thing.rate;
    }
    table_.sweep();
    ++ticks_;
  }

  std::int64_t counted() const { return counted_; }
  const ExpHistogram& waited() const { return waited_; }
  std::int64_t held() const { return held_; }

 private:
  static constexpr int kThings = 40;
  struct Thing {
    std::string name;
    std::int64_t rate = 1;
    std::int64_t count = 0;
    ExpHistogram wait{};
    bool away = false;
    bool was_reset = false;
  };

  bool chance(double share) { return std::uniform_real_distribution<>(0, 1)(random_) < share; }
  std::int64_t below(std::int64_t end) {
    return std::uniform_int_distribution<std::int64_t>(0, end - 1)(random_);
  }
  // It goes, comes back, or begins at 0 again: then not growing at once, for nobody could tell that
  // it was reset. One that was stays, because its start is known while it is there alone; and none
  // goes before the limit was met, after which it would count as new.
  bool lives(Thing& thing) {
    const bool was_away = thing.away;
    if (!thing.was_reset && chance(0.02)) thing.away = !thing.away;
    if (was_away || thing.away || !chance(0.005)) return false;
    thing.was_reset = true;
    thing.count = 0;
    thing.wait = ExpHistogram();
    return true;
  }
  void grow(Thing& thing) {
    const auto more = thing.rate == 0 ? 0 : below(2 * thing.rate);
    thing.count += more;
    counted_ += more;
    for (std::int64_t i = 0; i < more % 7; ++i) {
      const double value = 0.001 * static_cast<double>(1 + below(10'000));
      thing.wait.record(value);
      waited_.record(value);
    }
  }

  std::mt19937 random_;
  Life life_;
  SeriesTable table_{kBoot};
  std::vector<Thing> things_;
  UnixNanos now_ = 1'000 * kSecond;
  int ticks_ = 0;
  std::int64_t counted_ = 0;
  std::int64_t held_ = 0;
  ExpHistogram waited_;
};

constexpr std::uint64_t kBudget = 9;

LimitsConfig small() {
  LimitsConfig limits;
  limits.series_per_metric = kBudget;
  limits.series = 1'000;
  return limits;
}

std::int64_t shown_held(const Batch& batch) {
  std::int64_t sum = 0;
  for (const auto& point : batch.points()) {
    if (&point.series->spec() == &kHeld) sum += point.value.integer;
  }
  return sum;
}

class LimitRandom : public testing::TestWithParam<std::uint32_t> {};

TEST_P(LimitRandom, AddsUpToWhatWasCountedAtEveryTickWhateverHappens) {
  World world(GetParam(), Life::kWild);
  SeriesLimit limit(small(), kPeriod);
  Latest latest;
  Reader reader;
  Batch batch;
  for (int tick = 1; tick <= 600; ++tick) {
    world.tick(batch);
    limit.apply("world", batch);
    ASSERT_EQ(shown_held(batch), world.held());
    latest.update("world", batch);
    reader.look(latest);
    if (tick % 10 == 0) latest.drop_vanished();
    ASSERT_EQ(reader.total(kCount), static_cast<double>(world.counted())) << "tick " << tick;
    ASSERT_NEAR(reader.total(kTime), static_cast<double>(world.counted()) * 0.25, 1e-6);
    ASSERT_EQ(reader.total(kWait), static_cast<double>(world.waited().view().count));
    if (HasFatalFailure()) return;
  }
  const auto sum = reader.histogram();
  EXPECT_EQ(sum.view().count, world.waited().view().count);
  EXPECT_NEAR(sum.view().sum, world.waited().view().sum, 1e-6 * world.waited().view().sum);
  EXPECT_TRUE(std::ranges::equal(sum.view().buckets, world.waited().view().buckets));
  for (const auto* spec : {&kCount, &kTime, &kWait, &kHeld}) {
    EXPECT_LE(reader.most(*spec), kBudget) << spec->name;
  }
  std::uint64_t exchanged = 0;
  for (const auto& overflow : limit.overflows()) exchanged += overflow.exchanged;
  EXPECT_GT(exchanged, 20U);
}

// Nobody looks every second: what a reader sees who looks once in most of a period is as complete.
TEST_P(LimitRandom, TellsAReaderWhoLooksNowAndThenTheSame) {
  World world(GetParam(), Life::kQuiet);
  SeriesLimit limit(small(), kPeriod);
  Latest latest;
  Reader reader;
  Scraper scraper;
  Batch batch;
  std::int64_t counted_at_first = 0;
  for (int tick = 1; tick <= 600; ++tick) {
    world.tick(batch);
    limit.apply("world", batch);
    latest.update("world", batch);
    if (tick % 19 != 0) continue;
    reader.look(latest);
    scraper.look(latest);
    latest.drop_vanished();
    if (counted_at_first == 0) counted_at_first = world.counted();
    ASSERT_EQ(reader.total(kCount), static_cast<double>(world.counted())) << "tick " << tick;
    ASSERT_EQ(scraper.increase(), world.counted() - counted_at_first) << "tick " << tick;
    ASSERT_EQ(reader.total(kWait), static_cast<double>(world.waited().view().count));
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, LimitRandom, testing::Range(1U, 21U));

}  // namespace
}  // namespace plumbline
