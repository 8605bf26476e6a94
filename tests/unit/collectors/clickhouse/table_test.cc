// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/table.h"

#include <gtest/gtest.h>

namespace plumbline::clickhouse {
namespace {

TEST(Table, HoldsNamesTypesAndRows) {
  const auto table = read_table("name\tvalue\nString\tUInt64\nQuery\t3\nMerge\t0\n");
  ASSERT_TRUE(table) << table.error().what;
  EXPECT_EQ(table->names, (std::vector<std::string>{"name", "value"}));
  EXPECT_EQ(table->types, (std::vector<std::string>{"String", "UInt64"}));
  ASSERT_EQ(table->rows.size(), 2U);
  EXPECT_EQ(table->rows[0], (std::vector<Cell>{"Query", "3"}));
}

TEST(Table, MayHaveNoRows) {
  const auto table = read_table("a\tb\nString\tString\n");
  ASSERT_TRUE(table);
  EXPECT_TRUE(table->rows.empty());
}

TEST(Table, TakesNamesWithQuotesNewlinesAndTabs) {
  const auto table = read_table("a\tb\nString\tString\nit\\'s\\n\\\"x\\\"\\t\\\\\t`; DROP\n");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->rows[0][0], "it's\n\"x\"\t\\");
  EXPECT_EQ(table->rows[0][1], "`; DROP");
}

TEST(Table, TellsNullFromEmptyAndFromItsText) {
  const auto table = read_table("a\tb\tc\nString\tString\tString\n\\N\t\t\\\\N\n");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->rows[0][0], std::nullopt);
  EXPECT_EQ(table->rows[0][1], "");
  EXPECT_EQ(table->rows[0][2], "\\N");
}

TEST(Table, IsRefusedWhenItBreaksOffAnywhere) {
  const std::string whole = "a\tb\nString\tString\nx\ty\n";
  for (std::size_t length = 0; length < whole.size(); ++length) {
    // A line more or less of rows is still a table: the last column of our queries tells those.
    if (length == whole.find("x\t")) continue;
    EXPECT_FALSE(read_table(whole.substr(0, length))) << length;
  }
  EXPECT_TRUE(read_table(whole));
}

TEST(Table, IsTheExceptionThatFollowsItsRows) {
  const std::string rows = "a\tb\nUInt64\tUInt64\n1\t2\n";
  for (const auto* exception :
       {"Code: 159, e.displayText() = DB::Exception: Timeout exceeded: elapsed 5.001 seconds, "
        "maximum: 5, e.what() = DB::Exception\n",
        "Code: 159. DB::Exception: Timeout exceeded: elapsed 5 s. (TIMEOUT_EXCEEDED) (version "
        "26.9.2.1)\n",
        "__exception__\r\nabcdefgh\r\nCode: 159. DB::Exception: Timeout exceeded. "
        "(TIMEOUT_EXCEEDED)\n72 abcdefgh\r\n__exception__\r\n"}) {
    const auto table = read_table(rows + exception);
    ASSERT_FALSE(table) << exception;
    EXPECT_EQ(table.error().code, Errc::kTimeout) << table.error().what;
    EXPECT_TRUE(table.error().what.starts_with("Code: 159")) << table.error().what;
  }
}

TEST(Table, IsRefusedBeyondItsBounds) {
  std::string wide = "a";
  for (std::size_t i = 0; i < Table::kMaxColumns; ++i) wide += "\ta";
  EXPECT_FALSE(read_table(wide + "\n" + wide + "\n"));
  std::string tall = "a\nString\n";
  for (std::size_t i = 0; i <= Table::kMaxRows; ++i) tall += "x\n";
  EXPECT_FALSE(read_table(tall));
}

TEST(Table, ReadsNumbersWhole) {
  EXPECT_EQ(read_number("1.5e3"), 1500);
  EXPECT_EQ(read_number("-2"), -2);
  for (const auto* text : {"", "nan", "inf", "-inf", "1x", "(1,2)", " 1", "2024-01-01"}) {
    EXPECT_EQ(read_number(text), std::nullopt) << text;
  }
  EXPECT_EQ(read_integer("9007199254740993"), 9007199254740993);
  EXPECT_EQ(read_integer("1.5"), std::nullopt);
}

}  // namespace
}  // namespace plumbline::clickhouse
