// SPDX-License-Identifier: Apache-2.0
#include "exporters/stdout/quantity.h"

#include <limits>

#include <gtest/gtest.h>

namespace plumbline {
namespace {

TEST(Quantity, TakesTheStepAPersonWouldTake) {
  EXPECT_EQ(quantity(0.0123, "s"), "12.3 ms");
  EXPECT_EQ(quantity(1.5e-7, "s"), "150 ns");
  EXPECT_EQ(quantity(86400.0, "s"), "86400 s");
  EXPECT_EQ(quantity(std::int64_t{3} << 30, "By"), "3 GiB");
  EXPECT_EQ(quantity(std::int64_t{1023}, "By"), "1023 B");
  EXPECT_EQ(quantity(2048.0, "By/s"), "2 KiB/s");
  EXPECT_EQ(quantity(2.4e9, "Hz"), "2.4 GHz");
  EXPECT_EQ(quantity(0.256, "1"), "25.6 %");
  EXPECT_EQ(quantity(61.5, "Cel"), "61.5 °C");
}

TEST(Quantity, KeepsAllDigitsOfWhatIsCounted) {
  EXPECT_EQ(quantity(std::int64_t{12'345'678}, "{packet}"), "12345678 packet");
  EXPECT_EQ(quantity(0.37, "{runnable_task}"), "0.37 runnable_task");
}

TEST(Quantity, HasAWordForZeroAndForNoNumber) {
  EXPECT_EQ(quantity(0.0, "s"), "0 s");
  EXPECT_EQ(quantity(-0.0, "1"), "0 %");
  EXPECT_EQ(quantity(std::int64_t{0}, "By"), "0 B");
  EXPECT_EQ(quantity(std::numeric_limits<double>::infinity(), "s"), "inf s");
  EXPECT_EQ(quantity(1.0, ""), "1");
}

TEST(Quantity, ShowsWhatIsBelowZero) {
  EXPECT_EQ(quantity(-0.002, "s"), "-2 ms");
  EXPECT_EQ(quantity(-5.25, "Cel"), "-5.25 °C");
}

TEST(Quantity, ShowsTheLargestAndTheSmallest) {
  EXPECT_EQ(quantity(1e300, "{x}"), "1e+300 x");
  EXPECT_EQ(quantity(1e-12, "s"), "0.001 ns");
  EXPECT_EQ(quantity(1e300, "By"), "8.88e+284 PiB");
}

}  // namespace
}  // namespace plumbline
