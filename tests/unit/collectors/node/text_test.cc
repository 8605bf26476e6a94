// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/text.h"

#include <cmath>

#include <gtest/gtest.h>

#include "collectors/node/text_file.h"
#include "tests/support/temp_dir.h"

namespace plumbline::node {
namespace {

TEST(Text, TakesLinesAndWords) {
  std::string_view text = "  cpu  1\t2\n\nlast";
  auto line = take_line(text);
  EXPECT_EQ(take_word(line), "cpu");
  EXPECT_EQ(take_word(line), "1");
  EXPECT_EQ(take_word(line), "2");
  EXPECT_EQ(take_word(line), "");
  EXPECT_EQ(take_line(text), "");
  EXPECT_EQ(take_line(text), "last");
  EXPECT_TRUE(text.empty());
}

TEST(Text, TakesOnlyWholeNumbersForNumbers) {
  EXPECT_EQ(to_number("18446744073709551615"), 18446744073709551615.0);
  EXPECT_EQ(to_number("1.75"), 1.75);
  EXPECT_EQ(to_number("-1"), -1);
  for (const auto* word : {"", "max", "12x", "0x10", "1e5", "nan", "inf", "--1", ".", "1.2.3"}) {
    EXPECT_TRUE(std::isnan(to_number(word))) << word;
  }
  EXPECT_EQ(to_hex_number("0000d225"), 0xd225);
  EXPECT_TRUE(std::isnan(to_hex_number("xyz")));
  EXPECT_FALSE(to_int("-3"));
  EXPECT_FALSE(to_int("99999999999"));
  EXPECT_EQ(to_int("8191"), 8191);
}

TEST(TextFile, ReadsWhatIsInTheFileNow) {
  const TempDir root;
  const auto path = root.write("a", "one");
  TextFile file(path);
  ReadBuffer buffer;
  EXPECT_EQ(file.read(buffer), "one");
  root.write("a", "three");
  EXPECT_EQ(file.read(buffer), "three");
  EXPECT_EQ(file.error(), 0);
}

TEST(TextFile, ReadsLongFilesWholeUpToItsLimit) {
  const TempDir root;
  TextFile file(root.write("long", std::string(200'000, 'x')));
  TextFile endless(root.write("endless", std::string(ReadBuffer::kMaxBytes + 5, 'x')));
  ReadBuffer buffer;
  EXPECT_EQ(file.read(buffer)->size(), 200'000U);
  EXPECT_EQ(endless.read(buffer)->size(), ReadBuffer::kMaxBytes);
}

TEST(TextFile, FindsAFileThatAppearsLater) {
  const TempDir root;
  TextFile file(root.path() / "late");
  ReadBuffer buffer;
  EXPECT_FALSE(file.read(buffer));
  EXPECT_EQ(file.error(), ENOENT);
  root.write("late", "here");
  int reads = 1;
  while (!file.read(buffer) && reads < 100) ++reads;
  EXPECT_LT(reads, 100);
  EXPECT_EQ(file.error(), 0);
}

TEST(TextFile, SaysWhyItCannotRead) {
  const TempDir root;
  TextFile directory(root.path());
  ReadBuffer buffer;
  EXPECT_FALSE(directory.read(buffer));
  EXPECT_EQ(directory.error(), EISDIR);
}

}  // namespace
}  // namespace plumbline::node
