// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"
#include "tests/unit/agent/commands/run_for_test.h"

#include <nlohmann/json.hpp>

namespace plumbline {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr auto kGood = "tests/golden/config/comments_only.yaml";
constexpr auto kWarned = "tests/golden/config/mistaken_ports.yaml";
constexpr auto kBad = "tests/golden/config/ports.yaml";

TEST(Check, EndsWithACodeForEachOutcome) {
  EXPECT_EQ(run_for_test({"check", kGood}).code, 0);
  EXPECT_EQ(run_for_test({"check", kBad}).code, 2);
  EXPECT_EQ(run_for_test({"check", kWarned}).code, 3);
  EXPECT_EQ(run_for_test({"check", "/nonexistent"}).code, 2);
  EXPECT_EQ(run_for_test({"check", "--config", kGood, "--set", "listen=x"}).code, 2);
}

TEST(Check, SumsUpInOneLine) {
  EXPECT_EQ(run_for_test({"check", kGood}).out,
            "tests/golden/config/comments_only.yaml: good; listens on 127.0.0.1:9464, "
            "0 OTLP destinations\n");
  EXPECT_THAT(run_for_test({"check", kBad}).out, HasSubstr("ports.yaml: 3 errors, 0 warnings\n"));
}

TEST(Check, TellsProblemsAsJson) {
  const auto ran = run_for_test({"check", kBad, "-o", "json"});
  EXPECT_EQ(ran.code, 2);
  const auto json = nlohmann::json::parse(ran.out);
  EXPECT_EQ(json["version"], 1);
  EXPECT_EQ(json["errors"], 3);
  EXPECT_EQ(json["problems"][1]["line"], 3);
  EXPECT_EQ(json["problems"][1]["column"], 15);
  EXPECT_EQ(json["problems"][1]["severity"], "error");
  EXPECT_FALSE(json.contains("config"));
}

TEST(Check, ShowsWhatWouldHoldWithoutSecrets) {
  const auto ran =
      run_for_test({"check", "tests/golden/config/full.yaml", "-o", "json", "--listen", "[::1]:1"});
  EXPECT_EQ(ran.code, 0) << ran.out;
  const auto json = nlohmann::json::parse(ran.out);
  EXPECT_EQ(json["config"]["listen"], "[::1]:1");
  EXPECT_EQ(json["config"]["export.interval"], "90s");
  EXPECT_EQ(json["config"]["otlp[0].headers.x-tenant"], "(redacted)");
}

TEST(Check, JsonParsesWhateverTheFileHolds) {
  for (const auto* file : {"not_utf8", "utf16", "control", "headers", "unicode"}) {
    const auto ran =
        run_for_test({"check", std::string("tests/golden/config/") + file + ".yaml", "-o", "json"});
    EXPECT_EQ(ran.code, 2);
    EXPECT_FALSE(nlohmann::json::parse(ran.out, nullptr, false).is_discarded()) << file;
    EXPECT_THAT(ran.out, Not(HasSubstr("hunter")));
  }
}

TEST(Check, FindsATeamRuleThatMakesNoSense) {
  const TempDir dir;
  const auto file =
      dir.write("teams.yaml", "identity:\n  teams:\n    - label:team\n    - 'namespace:(=a'\n")
          .string();
  const auto ran = run_for_test({"check", file});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.out, HasSubstr("teams.yaml:4:7: error: team rule \"namespace:(=a\""));
  EXPECT_EQ(run_for_test({"check", kGood, "--set", "identity.teams=[tag:x]"}).code, 2);
  EXPECT_EQ(run_for_test({"run", "--config", file}).code, 2) << "run refuses what check refuses";
}

TEST(Check, FindsABudgetThatIsNoNumber) {
  const auto ran =
      run_for_test({"check", kGood, "--set", "limits.budgets.container.cpu.time=many"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.out, HasSubstr("\"many\" is not a number of series"));
  EXPECT_THAT(ran.out, HasSubstr("a whole number from 1 to 1000000"));
  for (const auto* wrong : {"0", "-1", "1000001", "5 "}) {
    const auto set = std::string("limits.budgets.system.*=\"") + wrong + "\"";
    EXPECT_EQ(run_for_test({"check", kGood, "--set", set}).code, 2) << set;
  }
  EXPECT_EQ(run_for_test({"check", kGood, "--set", "limits.budgets.system.*=500"}).code, 0);
}

TEST(Check, TakesOneFile) {
  const auto ran = run_for_test({"check", kGood, "--config", kGood});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.out, IsEmpty());
}

TEST(Check, KnowsTheNamesOfCollectors) {
  const auto ran = run_for_test({"check", kGood, "--set", "collectors.shced.enabled=false"});
  EXPECT_THAT(ran.out, HasSubstr("did you mean \"sched\"?"));
}

}  // namespace
}  // namespace plumbline
