// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/request_headers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace plumbline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

TEST(ParseHeaders, ReadsALineForEach) {
  EXPECT_THAT(parse_headers("# who we are\nX-Team:  a b \r\n\napi-key: s:e\n").value(),
              ElementsAre(Pair("x-team", "a b"), Pair("api-key", "s:e")));
}

TEST(ParseHeaders, NamesTheLineAndNeverTheValue) {
  for (const auto* text : {"a: 1\nhunter2\n",
                           "a: 1\nb c: hunter2\n",
                           "a: 1\nContent-Length: hunter2\n",
                           "a: 1\ngrpc-timeout: hunter2\n",
                           "a: 1\nb: hunter2\x01\n"}) {
    const auto headers = parse_headers(text);
    ASSERT_FALSE(headers) << text;
    EXPECT_THAT(headers.error().what, HasSubstr("line 2"));
    EXPECT_THAT(headers.error().what, Not(HasSubstr("hunter2")));
  }
}

class RequestHeadersTest : public testing::Test {
 protected:
  TempDir dir_;
  ManualClock clock_;
  Log log_{clock_, -1, LogFormat::kText, LogLevel::kError};
  OtlpConfig config_;
};

TEST_F(RequestHeadersTest, JoinsConfigurationFileAndToken) {
  config_.headers = {{"X-A", "1"}};
  config_.headers_file = dir_.write("headers", "x-b: 2\n");
  config_.bearer_token_file = dir_.write("token", "abc\n");
  RequestHeaders headers(config_, log_);
  EXPECT_THAT(headers.get().value(),
              ElementsAre(Pair("x-a", "1"), Pair("x-b", "2"), Pair("authorization", "Bearer abc")));
}

TEST_F(RequestHeadersTest, TakesARotatedTokenAndKeepsTheOldOneWhenItIsGone) {
  config_.bearer_token_file = dir_.write("token", "first");
  RequestHeaders headers(config_, log_);
  EXPECT_EQ(headers.get().value().back().second, "Bearer first");
  dir_.write("token", "the second");
  EXPECT_EQ(headers.get().value().back().second, "Bearer the second");
  dir_.write("token", "\n");
  EXPECT_EQ(headers.get().value().back().second, "Bearer the second");
}

TEST_F(RequestHeadersTest, FailsWhenAFileWasNeverThere) {
  config_.bearer_token_file = dir_.path() / "none";
  EXPECT_FALSE(RequestHeaders(config_, log_).get());
}

TEST_F(RequestHeadersTest, RefusesAHeaderThatWouldSplitTheRequest) {
  config_.headers = {{"x-a", "1\r\nx-b: 2"}};
  EXPECT_FALSE(RequestHeaders(config_, log_).get());
}

}  // namespace
}  // namespace plumbline
