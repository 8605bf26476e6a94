// SPDX-License-Identifier: Apache-2.0
#include "agent/core/series.h"

#include <array>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <protozero/pbf_reader.hpp>

namespace plumbline {
namespace {

constexpr MetricSpec kIo{.name = "system.disk.io",
                         .instrument = Instrument::kCounter,
                         .unit = Unit::kBytes,
                         .description = "Bytes",
                         .source = "/proc/diskstats",
                         .attributes = {"system.device", "disk.io.direction", "cpu"}};

TEST(SeriesTable, GivesTheSameSeriesForTheSameAttributes) {
  SeriesTable table(7);
  const auto first = table.get(kIo, {"sda", "read"});
  EXPECT_EQ(first.get(), table.get(kIo, {"sda", "read"}).get());
  EXPECT_NE(first.get(), table.get(kIo, {"sda", "write"}).get());
  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(first->start(), 7U);
}

TEST(SeriesTable, KeepsAbsentApartFromEmpty) {
  SeriesTable table(0);
  const auto absent = table.get(kIo, {"sda", std::monostate{}});
  const auto empty = table.get(kIo, {"sda", ""});
  EXPECT_NE(absent.get(), empty.get());
  EXPECT_EQ(absent->attributes().size(), 1U);
  EXPECT_EQ(empty->attributes().size(), 2U);
}

TEST(SeriesTable, ForgetsWhatIsNoLongerAskedFor) {
  SeriesTable table(0);
  table.get(kIo, {"sda"});
  for (std::uint32_t tick = 0; tick <= SeriesTable::kIdleSweeps; ++tick) {
    table.get(kIo, {"sdb"});
    table.sweep();
  }
  EXPECT_EQ(table.size(), 1U);
}

TEST(SeriesTable, ForgetsSoonerWhenManyComeAndGo) {
  SeriesTable table(0);
  for (std::int64_t tick = 0; tick < 200; ++tick) {
    table.get(kIo, {"sda"});
    for (std::int64_t job = 0; job < 500; ++job) table.get(kIo, {"job", "read", tick * 500 + job});
    table.sweep();
    EXPECT_LE(table.size(), 1'501U);
  }
}

TEST(Series, EncodesItsAttributesAsOtlp) {
  const std::array<AttributeValue, 3> values{"sda", "read", std::int64_t{3}};
  const auto series = Series::make(kIo, values, 0);
  protozero::pbf_reader point(series->otlp_attributes().data(), series->otlp_attributes().size());
  std::vector<std::string> keys;
  while (point.next(7)) {
    auto pair = point.get_message();
    ASSERT_TRUE(pair.next(1));
    keys.push_back(pair.get_string());
    ASSERT_TRUE(pair.next(2));
    auto any = pair.get_message();
    ASSERT_TRUE(any.next());
    if (keys.back() == "cpu") {
      EXPECT_EQ(any.tag(), 3U);
      EXPECT_EQ(any.get_int64(), 3);
    } else {
      EXPECT_EQ(any.tag(), 1U);
      any.skip();
    }
  }
  EXPECT_EQ(keys, (std::vector<std::string>{"system.device", "disk.io.direction", "cpu"}));
}

using Attribute = SeriesAttributes::Attribute;

TEST(Series, TellsItsAttributesAsText) {
  const std::string name(300, 'x');  // its length takes two bytes
  const std::array<AttributeValue, 3> values{std::string_view(name), "", std::int64_t{-3}};
  const auto series = Series::make(kIo, values, 5);
  const auto later = with_start(*series, 9);
  EXPECT_TRUE(later->same_as(*series));
  EXPECT_EQ(later->start(), 9U);
  for (const auto& one : {series, later}) {
    const auto attributes = one->attributes();
    ASSERT_EQ(attributes.size(), 3U);
    EXPECT_EQ(attributes[0], Attribute("system.device", name));
    EXPECT_EQ(attributes[1], Attribute("disk.io.direction", ""));
    EXPECT_EQ(attributes[2], Attribute("cpu", "-3"));
  }
}

TEST(Series, TheOneThatStandsForManySaysSo) {
  const auto series = make_overflow_series(kIo, 5, "system.device");
  const auto attributes = series->attributes();
  ASSERT_EQ(attributes.size(), 2U);
  EXPECT_EQ(attributes[0], Attribute("otel.metric.overflow", "true"));
  EXPECT_EQ(attributes[1], Attribute("system.device", "_other"));
}

TEST(ValidUtf8, ReplacesWhatIsNot) {
  EXPECT_EQ(valid_utf8("plain"), "plain");
  EXPECT_EQ(valid_utf8("grün €"), "grün €");
  EXPECT_EQ(valid_utf8("a\xff"
                       "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(valid_utf8("\xC0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD");                  // overlong NUL
  EXPECT_EQ(valid_utf8("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // surrogate
  EXPECT_EQ(valid_utf8("cut\xE2\x82"), "cut\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Series, IsTheSameWhereverItWasMade) {
  SeriesTable one(1);
  SeriesTable other(2);
  const auto series = one.get(kIo, {"sda", "read"});
  EXPECT_TRUE(series->same_as(*other.get(kIo, {"sda", "read"})));
  EXPECT_EQ(series->hash(), other.get(kIo, {"sda", "read"})->hash());
  EXPECT_FALSE(series->same_as(*other.get(kIo, {"sda", "write"})));
}

TEST(Series, StandsForAnOverflowByATrueValue) {
  const auto series = make_overflow_series(kIo, 5);
  EXPECT_EQ(series->start(), 5U);
  ASSERT_EQ(series->attributes().size(), 1U);
  EXPECT_EQ(series->attributes()[0].first, "otel.metric.overflow");
  protozero::pbf_reader point(series->otlp_attributes().data(), series->otlp_attributes().size());
  ASSERT_TRUE(point.next(7));
  auto pair = point.get_message();
  ASSERT_TRUE(pair.next(2));
  auto any = pair.get_message();
  ASSERT_TRUE(any.next(2));
  EXPECT_TRUE(any.get_bool());
}

}  // namespace
}  // namespace plumbline
