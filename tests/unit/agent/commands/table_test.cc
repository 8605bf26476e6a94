// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/table.h"

#include <gtest/gtest.h>

namespace plumbline {
namespace {

TEST(Table, AlignsColumnsByCharacters) {
  EXPECT_EQ(text_table({{"NAME", "STATE", "WHY"}, {"größe", "a", ""}, {"x", "available", "y"}}),
            "NAME   STATE      WHY\n"
            "größe  a\n"
            "x      available  y\n");
  EXPECT_EQ(text_table({}), "");
}

TEST(Table, EscapesPipesInMarkdown) {
  EXPECT_EQ(markdown_table({{"A", "B"}, {"a|b", "c"}}), "| A | B |\n|---|---|\n| a\\|b | c |\n");
}

}  // namespace
}  // namespace plumbline
