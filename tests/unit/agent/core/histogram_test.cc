// SPDX-License-Identifier: Apache-2.0
#include "agent/core/histogram.h"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace plumbline {
namespace {

// The definition of the data model, in long double: the largest i with 2^(i/8) < value.
int index_by_definition(double value) {
  const long double exact = std::log2(static_cast<long double>(value)) * kBucketsPerDoubling;
  return static_cast<int>(std::ceil(exact)) - 1;
}

TEST(BucketIndex, PutsPowersOfTwoIntoTheBucketTheyClose) {
  for (int exponent = -1000; exponent <= 1000; ++exponent) {
    EXPECT_EQ(bucket_index(std::ldexp(1.0, exponent)), exponent * kBucketsPerDoubling - 1);
  }
}

TEST(BucketIndex, AgreesWithTheDefinitionOnRandomValues) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> exponent(-60, 60);
  for (int i = 0; i < 100'000; ++i) {
    const double value = std::exp2(exponent(random));
    EXPECT_EQ(bucket_index(value), index_by_definition(value)) << value;
  }
}

TEST(BucketIndex, IncludesTheUpperBoundAndExcludesTheLower) {
  for (int index = -400; index < 400; ++index) {
    const double bound = bucket_upper_bound(index);
    EXPECT_EQ(bucket_index(bound), index);
    EXPECT_EQ(bucket_index(std::nextafter(bound, 2 * bound)), index + 1);
  }
}

TEST(ExpHistogram, CountsEveryValueOnce) {
  ExpHistogram histogram;
  for (int i = 1; i <= 1000; ++i) EXPECT_TRUE(histogram.record(i * 0.001));
  EXPECT_TRUE(histogram.record(0));
  const auto view = histogram.view();
  std::uint64_t inside = view.zero_count;
  for (const auto count : view.buckets) inside += count;
  EXPECT_EQ(inside, view.count);
  EXPECT_EQ(view.count, 1001U);
  EXPECT_EQ(view.zero_count, 1U);
  EXPECT_NEAR(view.sum, 500.5, 1e-9);
}

TEST(ExpHistogram, RefusesWhatIsNoMeasurement) {
  ExpHistogram histogram;
  EXPECT_FALSE(histogram.record(std::numeric_limits<double>::quiet_NaN()));
  EXPECT_FALSE(histogram.record(std::numeric_limits<double>::infinity()));
  EXPECT_FALSE(histogram.record(-1));
  EXPECT_EQ(histogram.view().count, 0U);
}

TEST(ExpHistogram, MergesExactly) {
  std::mt19937_64 random(2);
  std::lognormal_distribution<double> latency(-6, 2);
  ExpHistogram left;
  ExpHistogram right;
  ExpHistogram both;
  for (int i = 0; i < 10'000; ++i) {
    const double value = latency(random);
    (i % 3 == 0 ? left : right).record(value);
    both.record(value);
  }
  left.merge(right.view());
  ASSERT_EQ(left.view().buckets.size(), both.view().buckets.size());
  EXPECT_EQ(left.view().offset, both.view().offset);
  for (std::size_t i = 0; i < both.view().buckets.size(); ++i) {
    EXPECT_EQ(left.view().buckets[i], both.view().buckets[i]);
  }
}

TEST(Quantile, LiesWithinTheErrorOfABucket) {
  std::mt19937_64 random(3);
  std::lognormal_distribution<double> latency(-6, 1);
  std::vector<double> values;
  ExpHistogram histogram;
  for (int i = 0; i < 100'000; ++i) {
    values.push_back(latency(random));
    histogram.record(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double q : {0.01, 0.5, 0.9, 0.99, 0.999}) {
    const double truth = values[static_cast<std::size_t>(q * 100'000)];
    EXPECT_NEAR(quantile(histogram.view(), q) / truth, 1, 0.0905) << q;
  }
  EXPECT_TRUE(std::isnan(quantile(HistogramView{}, 0.5)));
}

}  // namespace
}  // namespace plumbline
