// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/state_file.h"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace plumbline::clickhouse {
namespace {

TEST(StateFile, GivesBackWhatWasSaved) {
  const TempDir directory;
  const StateFile::Texts texts{{"a", "1 - x 2"}, {"b", ""}};
  StateFile(directory.path() / "s").save(texts);
  EXPECT_EQ(StateFile(directory.path() / "s").load(), texts);
}

TEST(StateFile, WritesOnlyWhatHasChanged) {
  const TempDir directory;
  const auto path = directory.path() / "s";
  StateFile file(path);
  file.save({{"a", "1"}});
  std::filesystem::remove(path);
  file.save({{"a", "1"}});
  EXPECT_FALSE(std::filesystem::exists(path));
  file.save({{"a", "2"}});
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST(StateFile, BeginsAnewWithoutAFileOrWithADamagedOne) {
  const TempDir directory;
  EXPECT_TRUE(StateFile({}).load().empty());
  EXPECT_TRUE(StateFile(directory.path() / "none").load().empty());
  std::ofstream(directory.path() / "s") << "no tab\n\tx\n";
  EXPECT_EQ(StateFile(directory.path() / "s").load(), (StateFile::Texts{{"", "x"}}));
  StateFile(directory.path() / "no" / "such" / "place").save({{"a", "1"}});
}

}  // namespace
}  // namespace plumbline::clickhouse
