// SPDX-License-Identifier: Apache-2.0
#include "agent/http/watched.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace plumbline {
namespace {

class WatchedTest : public testing::Test {
 protected:
  Watched<std::string> watch(const std::filesystem::path& path) {
    return {{path.string()},
            [this, path]() -> Result<std::string> {
              ++loads_;
              auto text = read_small_file(path.string());
              if (text && *text == "bad") {
                return Error{.code = Errc::kMalformed, .what = "it is bad"};
              }
              return text;
            },
            log_};
  }

  TempDir dir_;
  ManualClock clock_;
  Log log_{clock_, -1, LogFormat::kText, LogLevel::kError};
  int loads_ = 0;
};

TEST_F(WatchedTest, ReadsAFileAgainOnlyWhenItChanges) {
  const auto path = dir_.write("token", "one");
  auto token = watch(path);
  EXPECT_EQ(token.get().value(), "one");
  EXPECT_EQ(token.get().value(), "one");
  EXPECT_EQ(loads_, 1);
  dir_.write("token", "second");
  EXPECT_EQ(token.get().value(), "second");
}

TEST_F(WatchedTest, KeepsTheLastGoodValueAndWarnsOnce) {
  const auto path = dir_.write("token", "good");
  auto token = watch(path);
  EXPECT_TRUE(token.get());
  dir_.write("token", "bad");
  EXPECT_EQ(token.get().value(), "good");
  EXPECT_EQ(token.get().value(), "good");
  EXPECT_EQ(log_.warnings(), 1U);
  std::filesystem::remove(path);
  EXPECT_EQ(token.get().value(), "good");
  dir_.write("token", "new one");
  EXPECT_EQ(token.get().value(), "new one");
}

TEST_F(WatchedTest, FailsWhileThereNeverWasAGoodValue) {
  const auto path = dir_.path() / "token";
  auto token = watch(path);
  EXPECT_FALSE(token.get());
  dir_.write("token", "late");
  EXPECT_EQ(token.get().value(), "late");
}

}  // namespace
}  // namespace plumbline
