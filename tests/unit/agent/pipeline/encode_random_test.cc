// SPDX-License-Identifier: Apache-2.0
// Thousands of random batches: what our writer writes, protobuf reads back as the same values.
#include <array>
#include <bit>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/agent/pipeline/otlp_model.h"

namespace plumbline {
namespace {

constexpr MetricSpec kCounter{.name = "r.counter",
                              .instrument = Instrument::kCounter,
                              .unit = Unit::kPacket,
                              .description = "A counter.",
                              .source = "",
                              .attributes = {"a", "b", "c.number"}};
constexpr MetricSpec kSeconds{.name = "r.seconds",
                              .instrument = Instrument::kCounter,
                              .unit = Unit::kSeconds,
                              .description = "",
                              .source = "",
                              .attributes = {"a"}};
constexpr MetricSpec kHeld{.name = "r.held",
                           .instrument = Instrument::kUpDownCounter,
                           .unit = Unit::kBytes,
                           .description = "Bytes.",
                           .source = "",
                           .attributes = {"a.number"}};
constexpr MetricSpec kRatio{.name = "r.ratio",
                            .instrument = Instrument::kGauge,
                            .unit = Unit::kOne,
                            .description = "A share.",
                            .source = "",
                            .attributes = {"a", "b"}};
constexpr MetricSpec kWait{.name = "r.wait",
                           .instrument = Instrument::kHistogram,
                           .unit = Unit::kSeconds,
                           .description = "A wait.",
                           .source = "",
                           .attributes = {"a", "b.number"}};

class RandomBatch {
 public:
  explicit RandomBatch(unsigned seed) : random_(seed) {}

  void fill(SeriesTable& table, Batch& batch) {
    const auto count = below(40);
    for (std::uint64_t i = 0; i < count; ++i) add_one(table, batch);
  }

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

 private:
  // All magnitudes are as likely, so that every varint length occurs.
  std::uint64_t any_integer() { return random_() >> below(64); }

  double any_double() {
    const auto value = std::bit_cast<double>(random_());
    return below(4) == 0 ? static_cast<double>(below(1000)) : value;
  }

  std::string_view any_text() {
    text_.clear();
    const auto length = below(300) == 0 ? below(40'000) : below(30);
    for (std::uint64_t i = 0; i < length; ++i) text_.push_back(static_cast<char>(random_()));
    return text_;
  }

  void add_one(SeriesTable& table, Batch& batch) {
    const auto number = std::bit_cast<std::int64_t>(any_integer());
    switch (below(5)) {
      case 0:
        batch.add(table.get(kCounter, {any_text(), std::monostate{}, number}), any_integer());
        break;
      case 1:
        batch.add(table.get(kSeconds, {any_text()}), any_double());
        break;
      case 2:
        batch.add(table.get(kHeld, {number}), -number);
        break;
      case 3:
        batch.add(table.get(kRatio, {any_text(), "b"}), any_double());
        break;
      default:
        add_histogram(table, batch, number);
    }
  }

  void add_histogram(SeriesTable& table, Batch& batch, std::int64_t number) {
    buckets_.clear();
    const auto length = below(200);
    for (std::uint64_t i = 0; i < length; ++i) {
      buckets_.push_back(below(3) == 0 ? 0 : any_integer());
    }
    batch.add(table.get(kWait, {any_text(), number}),
              HistogramView{.count = any_integer(),
                            .sum = any_double(),
                            .zero_count = any_integer(),
                            .zero_threshold = below(2) == 0 ? 0 : 1e-9,
                            .offset = static_cast<int>(below(20'000)) - 10'000,
                            .buckets = buckets_});
  }

  std::mt19937_64 random_;
  std::string text_;
  std::vector<std::uint64_t> buckets_;
};

TEST(EncodeRandom, EqualsProtobufFieldByField) {
  for (unsigned seed = 0; seed < 3'000; ++seed) {
    RandomBatch random(seed);
    const Resource resource({{"host.name", std::string(seed % 200, 'h')}}, "1.2.3");
    SeriesTable table(random.below(2) == 0 ? 0 : 1'000);
    Latest latest;
    Batch batch;
    for (UnixNanos tick = 0; tick < 2; ++tick) {  // what the second lacks has vanished
      batch.clear();
      batch.time = 1'700'000'000'000'000'000 + tick;
      random.fill(table, batch);
      latest.update("random", batch);
      if (tick == 0 && random.below(2) == 0) latest.drop_vanished();  // it was told
    }
    const auto request = encode_and_parse(resource, latest.entries());
    ASSERT_EQ(difference(model_of(resource, "1.2.3", latest.entries()), request), "")
        << "seed " << seed;
  }
}

}  // namespace
}  // namespace plumbline
