// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plumbline {
namespace {

using testing::ElementsAre;

Parsed parse(const std::vector<std::string>& words) {
  return parse_arguments(words);
}

Invocation invoked(const std::vector<std::string>& words) {
  auto parsed = parse(words);
  if (const auto* error = std::get_if<UsageError>(&parsed)) ADD_FAILURE() << error->what;
  return std::get<Invocation>(parsed);
}

std::string wrong(const std::vector<std::string>& words) {
  const auto parsed = parse(words);
  const auto* error = std::get_if<UsageError>(&parsed);
  if (error == nullptr) return "nothing wrong";
  return error->suggestion.empty() ? error->what : error->what + " → " + error->suggestion;
}

TEST(Arguments, TakeValuesInEverySpelling) {
  EXPECT_EQ(invoked({"check", "-c", "a.yaml"}).value("config"), "a.yaml");
  EXPECT_EQ(invoked({"check", "-ca.yaml"}).value("config"), "a.yaml");
  EXPECT_EQ(invoked({"check", "--config=a.yaml"}).value("config"), "a.yaml");
  EXPECT_EQ(invoked({"check", "--config", "a.yaml", "-o", "json"}).value("output"), "json");
  EXPECT_EQ(invoked({"check"}).value("output", "table"), "table");
}

TEST(Arguments, KeepRepeatedValuesInOrder) {
  const auto run = invoked({"run", "--otlp", "grpc://a", "--set", "x=1", "--otlp=http://b"});
  EXPECT_THAT(run.values("otlp"), ElementsAre("grpc://a", "http://b"));
  EXPECT_THAT(run.values("set"), ElementsAre("x=1"));
  EXPECT_FALSE(run.has("config"));
}

TEST(Arguments, TakeTheOneWordAVerbKnows) {
  EXPECT_EQ(invoked({"check", "a.yaml"}).argument(), "a.yaml");
  EXPECT_EQ(invoked({"check", "-o", "json", "a.yaml"}).argument(), "a.yaml");
  EXPECT_EQ(invoked({"check", "--otlp", "grpc://a", "a.yaml"}).argument(), "a.yaml");
  EXPECT_EQ(invoked({"completion", "zsh"}).argument(), "zsh");
}

TEST(Arguments, AskForHelpAndVersion) {
  EXPECT_EQ(std::get<HelpRequest>(parse({"--help"})).verb, nullptr);
  EXPECT_EQ(std::get<HelpRequest>(parse({"help"})).verb, nullptr);
  EXPECT_EQ(std::get<HelpRequest>(parse({"help", "run"})).verb->name, "run");
  EXPECT_EQ(std::get<HelpRequest>(parse({"run", "--set", "a=b", "-h"})).verb->name, "run");
  EXPECT_TRUE(std::holds_alternative<VersionRequest>(parse({"--version"})));
}

TEST(Arguments, ExplainWhatIsWrong) {
  EXPECT_EQ(wrong({}), "a command is missing");
  EXPECT_EQ(wrong({"chekc"}), "there is no command \"chekc\" → check");
  EXPECT_EQ(wrong({"frobnicate"}), "there is no command \"frobnicate\"");
  EXPECT_EQ(wrong({"help", "rnu"}), "there is no command \"rnu\" → run");
  EXPECT_EQ(wrong({"--config", "a"}), "a command must come before --config");
  EXPECT_EQ(wrong({"run", "--confg=a"}), "run has no option --confg → --config");
  EXPECT_EQ(wrong({"run", "-x"}), "run has no option -x");
  EXPECT_EQ(wrong({"run", "now"}), "run does not know what to do with \"now\"");
  EXPECT_EQ(wrong({"check", "a", "b"}), "check does not know what to do with \"b\"");
  EXPECT_EQ(wrong({"catalog", "-o", "jsno"}),
            "--output is one of table, markdown, json, not \"jsno\" → json");
  EXPECT_EQ(wrong({"completion"}), "completion needs SHELL: bash or zsh.");
  EXPECT_EQ(wrong({"completion", "zhs"}), "SHELL is one of bash, zsh, not \"zhs\" → zsh");
  EXPECT_EQ(wrong({"check", "-o", "json", "-o", "table"}), "--output was given 2 times");
  EXPECT_EQ(wrong({"run", "--config"}), "--config: 1 required TEXT missing");
}

}  // namespace
}  // namespace plumbline
