// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/place.h"

#include <map>

#include <gtest/gtest.h>

namespace plumbline {
namespace {

constexpr uid_t kSomebody = 1000;

EnvironmentLookup environment(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

TEST(StatePlace, RootKeepsItsStateInVarLibWhateverTheEnvironmentSays) {
  EXPECT_EQ(
      default_state_dir(0, environment({{"XDG_STATE_HOME", "/x"}, {"HOME", "/root"}})).value(),
      "/var/lib/plumbline");
}

TEST(StatePlace, AnotherUserKeepsItWhereXdgSays) {
  EXPECT_EQ(
      default_state_dir(kSomebody, environment({{"XDG_STATE_HOME", "/x"}, {"HOME", "/h"}})).value(),
      "/x/plumbline");
}

TEST(StatePlace, WithoutXdgOrWithARelativeOneItIsInTheHomeDirectory) {
  EXPECT_EQ(default_state_dir(kSomebody, environment({{"HOME", "/h"}})).value(),
            "/h/.local/state/plumbline");
  EXPECT_EQ(
      default_state_dir(kSomebody, environment({{"XDG_STATE_HOME", "x"}, {"HOME", "/h"}})).value(),
      "/h/.local/state/plumbline");
}

TEST(StatePlace, WithNeitherThereIsNoneAndTheErrorSaysWhatToSet) {
  const auto place = default_state_dir(kSomebody, environment({}));
  ASSERT_TRUE(place.has_error());
  EXPECT_EQ(place.error().code, Errc::kUnavailable);
  EXPECT_NE(place.error().what.find("state_dir"), std::string::npos);
}

TEST(StatePlace, TheJournalIsAFileInIt) {
  EXPECT_EQ(journal_path_in("/var/lib/plumbline"), "/var/lib/plumbline/journal.db");
  EXPECT_EQ(journal_path_in("/tmp/x/"), "/tmp/x/journal.db");
}

}  // namespace
}  // namespace plumbline
