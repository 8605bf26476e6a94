// SPDX-License-Identifier: Apache-2.0
#include "agent/config/quantity.h"

#include <gtest/gtest.h>

namespace plumbline {
namespace {

TEST(Quantity, ReadsDurationsAsPrometheusWritesThem) {
  EXPECT_EQ(*parse_duration("500ms"), 500U);
  EXPECT_EQ(*parse_duration("10s"), 10'000U);
  EXPECT_EQ(*parse_duration("1m30s"), 90'000U);
  EXPECT_EQ(*parse_duration("1.5s"), 1'500U);
  EXPECT_EQ(*parse_duration("1.1s"), 1'100U);
  EXPECT_EQ(*parse_duration("1d2h"), 93'600'000U);
  EXPECT_EQ(*parse_duration("0s"), 0U);
}

TEST(Quantity, SaysWhatIsWrongWithADuration) {
  const auto error = [](std::string_view text) { return parse_duration(text).error().what; };
  EXPECT_EQ(error(""), "\"\" is not a duration");
  EXPECT_EQ(error("10"), "\"10\" has no unit");
  EXPECT_EQ(error("s"), "\"s\" is not a duration");
  EXPECT_EQ(error("10S"), "\"S\" is not a unit of a duration");
  EXPECT_EQ(error("10 s"), "\" s\" is not a unit of a duration");
  EXPECT_EQ(error("10MiB"), "\"10MiB\" is a size, not a duration");
  EXPECT_EQ(error("0.1ms"), "\"0.1ms\" is finer than one ms");
  EXPECT_EQ(error("-1s"), "\"-1s\" is not a duration");
  EXPECT_EQ(error("1..5s"), "\"1..5s\" is not a duration");
  EXPECT_EQ(error("99999999999999999999999d"), "\"99999999999999999999999d\" is too much");
  EXPECT_EQ(error("nans"), "\"nans\" is not a duration");
}

TEST(Quantity, ReadsSizesInPowersOfTwoAndOfTen) {
  EXPECT_EQ(*parse_size("64MiB"), 64U << 20U);
  EXPECT_EQ(*parse_size("1.5GiB"), 3U << 29U);
  EXPECT_EQ(*parse_size("3500kB"), 3'500'000U);
  EXPECT_EQ(*parse_size("0B"), 0U);
  EXPECT_EQ(parse_size("10s").error().what, "\"10s\" is a duration, not a size");
  EXPECT_EQ(parse_size("10Mi").error().what, "\"Mi\" is not a unit of a size");
}

TEST(Quantity, ReadsWholeNumbersOnly) {
  EXPECT_EQ(*parse_count("2000"), 2000U);
  for (const auto* text : {"", "-1", "1e3", "0x10", "1.0", " 1", "1 ", "+1"}) {
    EXPECT_FALSE(parse_count(text)) << text;
  }
  EXPECT_EQ(parse_count("99999999999999999999").error().what,
            "\"99999999999999999999\" is too much");
}

TEST(Quantity, ReadsPercentagesExactly) {
  EXPECT_EQ(*parse_percent("99.9"), 999'000U);
  EXPECT_EQ(*parse_percent("99.9999"), 999'999U);
  EXPECT_EQ(*parse_percent("5"), 50'000U);
  EXPECT_EQ(*parse_percent("0.0001"), 1U);
  EXPECT_EQ(parse_percent("99.99999").error().what, "\"99.99999\" has more than 4 decimals");
  for (const auto* text : {"", ".", "99.", ".9", "-1", "99,9", "99.9%", "1e2", "99.9.9"}) {
    EXPECT_FALSE(parse_percent(text)) << text;
  }
  for (const std::uint64_t value : {1ULL, 50'000ULL, 999'000ULL, 999'999ULL, 1'000'000ULL}) {
    EXPECT_EQ(*parse_percent(format_percent(value)), value);
  }
  EXPECT_EQ(format_percent(999'500), "99.95");
}

TEST(Quantity, WritesWhatItReadsBack) {
  for (const std::uint64_t value : {0ULL, 1ULL, 999ULL, 1'000ULL, 90'000ULL, 86'400'000ULL}) {
    EXPECT_EQ(*parse_duration(format_duration(value)), value);
  }
  for (const std::uint64_t value :
       {0ULL, 1ULL, 1'024ULL, 3'500'000ULL, 16ULL << 20U, 5ULL << 30U}) {
    EXPECT_EQ(*parse_size(format_size(value)), value);
  }
  EXPECT_EQ(format_duration(90'000), "90s");
  EXPECT_EQ(format_size(16U << 20U), "16MiB");
  EXPECT_EQ(format_size(3'500'000), "3500kB");
}

}  // namespace
}  // namespace plumbline
