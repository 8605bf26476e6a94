// SPDX-License-Identifier: Apache-2.0
#include "agent/http/content_coding.h"

#include <gtest/gtest.h>

namespace plumbline {
namespace {

class Coding : public testing::TestWithParam<ContentCoding> {};

TEST_P(Coding, GivesBackWhatItWasGivenTimeAndAgain) {
  Compressor compressor(GetParam());
  for (const std::size_t size : {0U, 1U, 1'000U, 300'000U}) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text.push_back(static_cast<char>(i * i % 251));
    std::string packed = "before";
    ASSERT_TRUE(compressor.compress(text, packed));
    EXPECT_EQ(packed.substr(0, 6), "before");
    EXPECT_EQ(
        decompress(to_string(GetParam()), std::string_view(packed).substr(6), 300'000).value(),
        text);
  }
}

TEST_P(Coding, NeverHoldsMoreThanTheLimit) {
  std::string packed;
  ASSERT_TRUE(Compressor(GetParam()).compress(std::string(2'000'000, 'x'), packed));
  const auto plain = decompress(to_string(GetParam()), packed, 1'999'999);
  ASSERT_FALSE(plain);
  EXPECT_EQ(plain.error().code, Errc::kExhausted);
}

TEST_P(Coding, NoticesWhatIsCutShort) {
  if (GetParam() == ContentCoding::kIdentity) return;
  std::string packed;
  ASSERT_TRUE(Compressor(GetParam()).compress(std::string(100'000, 'x'), packed));
  packed.resize(packed.size() - 4);
  const auto plain = decompress(to_string(GetParam()), packed, 1'000'000);
  ASSERT_FALSE(plain);
  EXPECT_EQ(plain.error().code, Errc::kMalformed);
}

INSTANTIATE_TEST_SUITE_P(All,
                         Coding,
                         testing::Values(ContentCoding::kIdentity,
                                         ContentCoding::kGzip,
                                         ContentCoding::kZstd),
                         [](const auto& test) { return std::string(to_string(test.param)); });

TEST(Decompress, RefusesWhatItDoesNotKnowAndWhatIsNot) {
  EXPECT_EQ(decompress("br", "x", 10).error().code, Errc::kUnsupported);
  EXPECT_EQ(decompress("gzip", "plain text", 10).error().code, Errc::kMalformed);
  EXPECT_EQ(decompress("zstd", "plain text", 10).error().code, Errc::kMalformed);
}

}  // namespace
}  // namespace plumbline
