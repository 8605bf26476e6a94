// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/exception.h"

#include <gtest/gtest.h>

namespace plumbline::clickhouse {
namespace {

TEST(Exception, HasACodeThatTellsWhatToDo) {
  EXPECT_EQ(exception_of("Code: 516. DB::Exception: x: Authentication failed")->code,
            Errc::kDenied);
  EXPECT_EQ(exception_of("Code: 193, e.displayText() = DB::Exception: Wrong password")->code,
            Errc::kDenied);
  EXPECT_EQ(exception_of("Code: 60. DB::Exception: Unknown table")->code, Errc::kUnsupported);
  EXPECT_EQ(exception_of("Code: 202. DB::Exception: Too many")->code, Errc::kExhausted);
  EXPECT_EQ(exception_of("Code: 6. DB::Exception: Cannot parse")->code, Errc::kMalformed);
}

TEST(Exception, IsNoneInOrdinaryText) {
  EXPECT_FALSE(exception_of(""));
  EXPECT_FALSE(exception_of("<html>502 Bad Gateway</html>"));
  EXPECT_FALSE(exception_of("my table Code: 5"));
}

TEST(Exception, BeginsInsideARowOnOldServers) {
  const auto error =
      exception_of("abc\tdeCode: 241, e.displayText() = DB::Exception: Memory limit");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::kExhausted);
}

TEST(Normalized, LeavesOutLiteralsVersionAndStack) {
  EXPECT_EQ(
      normalized("Code: 6. DB::Exception: Cannot parse string 'Jane Doe, 12 Elm St' as UInt8: "
                 "syntax error at position 4 (parsed just '12'). (CANNOT_PARSE_TEXT) (version "
                 "26.9.2.1 (official build))\nStack trace: 0x7f\n"),
      "Code: 6. DB::Exception: Cannot parse string ? as UInt8: syntax error at position ? "
      "(parsed just ?). (CANNOT_PARSE_TEXT)");
}

TEST(Normalized, HidesNumbersButNotThoseInNames) {
  EXPECT_EQ(normalized("part all_1_2_0 of t1: 15.5 GiB, card 4111-1111-1111-1111, at 2024-01-31 "
                       "10:00:00, 0xff, x=1"),
            "part all_1_2_0 of t1: ? GiB, card ?, at ? ?, ?, x=?");
}

TEST(Normalized, HidesLiteralsInsideQuotedExceptions) {
  EXPECT_EQ(
      normalized("part 'all_1' reason: 'Code: 6. DB::Exception: Cannot parse string 'Jane Doe' "
                 "as UInt8: in 'x'. (CANNOT_PARSE_TEXT)'. This error may be retryable"),
      "part ? reason: ?. This error may be retryable");
  EXPECT_EQ(normalized("name = 'it's Jane' and 1"), "name = ? and ?");
  EXPECT_EQ(normalized("name = 'dogs' of Jane' and more"), "name = ?");
  EXPECT_EQ(normalized("Table t doesn't exist"), "Table t doesn't exist");
  EXPECT_EQ(normalized("a = '' and b = ' x ' or c"), "a = ? and b = ? or c");
}

TEST(Normalized, HidesALiteralThatNeverEnds) {
  EXPECT_EQ(normalized("WHERE name = 'O\\'Neil secr"), "WHERE name = ?");
  EXPECT_EQ(normalized("expected \"{\" before: \"{secret"), "expected ?");
}

TEST(Normalized, GivesTheSameTextForTheSameFailure) {
  EXPECT_EQ(normalized("Timeout: 5.01 s, id 'abc'"), normalized("Timeout: 9 s, id 'x'"));
}

TEST(Normalized, IsOneBoundedLine) {
  EXPECT_EQ(normalized("a\rb\tc\x01"), "a b c ");
  EXPECT_EQ(normalized(std::string(10'000, 'a')).size(), 400U);
  EXPECT_EQ(normalized(""), "");
  EXPECT_EQ(normalized("Code: "), "Code:");
}

}  // namespace
}  // namespace plumbline::clickhouse
