// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/program.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/core/version.h"
#include "tests/support/golden.h"
#include "tests/unit/agent/commands/run_for_test.h"

namespace plumbline {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(Program, HelpAndVersionAreDataAndSucceed) {
  const auto version_asked = run_for_test({"--version"});
  EXPECT_EQ(version_asked.code, 0);
  EXPECT_EQ(version_asked.out, "plumbline " + std::string(version()) + "\n");
  std::string all = run_for_test({"--help"}).out;
  for (const auto& verb : verbs()) {
    const auto help = run_for_test({std::string(verb.name), "--help"});
    EXPECT_EQ(help.code, 0);
    EXPECT_THAT(help.err, IsEmpty());
    EXPECT_THAT(help.out, HasSubstr("Examples:")) << verb.name;
    all += "\n=== " + std::string(verb.name) + "\n" + help.out;
  }
  expect_golden("tests/golden/commands/help.txt", all);
}

TEST(Program, HelpFitsATerminal) {
  std::istringstream text(run_for_test({"run", "--help"}).out + run_for_test({"--help"}).out);
  for (std::string line; std::getline(text, line);) EXPECT_LE(line.size(), 80U) << line;
}

TEST(Program, UsageErrorsGoToStandardErrorWithCodeTwo) {
  const auto ran = run_for_test({"docter"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.out, IsEmpty());
  EXPECT_EQ(ran.err,
            "plumbline: there is no command \"docter\"\n"
            "did you mean \"doctor\"?\n"
            "`plumbline --help` lists what there is\n");
  EXPECT_THAT(run_for_test({"run", "--lisen", "x"}).err, HasSubstr("`plumbline run --help`"));
}

TEST(Program, RunStartsTheAgentWithWhatWasAsked) {
  const auto ran = run_for_test({"run",
                                 "--config",
                                 "tests/golden/config/comments_only.yaml",
                                 "--listen",
                                 "127.0.0.1:0",
                                 "--deny-hook",
                                 "a",
                                 "--deny-hook",
                                 "b",
                                 "--stdout",
                                 "readable",
                                 "--log-format",
                                 "json",
                                 "--log-level",
                                 "debug",
                                 "--state-dir",
                                 "/tmp",
                                 "--set",
                                 "export.interval=1s",
                                 "--otlp",
                                 "grpc://localhost:4317"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  ASSERT_TRUE(ran.agent);
  const auto config = load_config(*ran.agent);
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->listen, "127.0.0.1:0");
  EXPECT_EQ(config->bpf.deny_hooks, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(config->stdout_format, StdoutFormat::kReadable);
  EXPECT_EQ(config->log_format, LogFormat::kJson);
  EXPECT_EQ(config->log_level, LogLevel::kDebug);
  EXPECT_EQ(config->state_dir, "/tmp");
  EXPECT_EQ(config->export_interval, std::chrono::seconds(1));
  ASSERT_EQ(config->otlp.size(), 1U);
}

TEST(Program, RunRefusesABadConfigurationBeforeTheAgentStarts) {
  const auto ran = run_for_test({"run", "--config", "tests/golden/config/units.yaml"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_FALSE(ran.agent);
  EXPECT_THAT(ran.out, IsEmpty());
  EXPECT_THAT(ran.err, HasSubstr("units.yaml:2:13: error:"));
}

TEST(Program, RunTellsWarningsAndStarts) {
  const auto ran = run_for_test({"run", "--config", "tests/golden/config/mistaken_ports.yaml"});
  EXPECT_TRUE(ran.agent);
  EXPECT_THAT(ran.err, HasSubstr("warning:"));
}

TEST(Program, OutputThatCannotBeWrittenIsAFailure) {
  std::ostringstream err;
  std::ostream nowhere(nullptr);
  Program program{.out = nowhere, .err = err, .run_agent = {}};
  const std::vector<std::string> arguments{"--version"};
  EXPECT_EQ(run_command(arguments, program), 1);
  EXPECT_EQ(err.str(), "plumbline: the output could not be written\n");
}

}  // namespace
}  // namespace plumbline
