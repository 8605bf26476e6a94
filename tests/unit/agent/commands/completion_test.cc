// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/completion.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/commands/command_line.h"
#include "tests/support/temp_dir.h"

namespace plumbline {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::vector<std::string> kCollectors{"node", "sched"};

struct Shell {
  int status;
  std::string output;
};

Shell shell(const std::string& command) {
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen((command + " 2>&1").c_str(), "r"), ::pclose);
  std::string output;
  std::array<char, 4096> buffer{};
  while (const auto length = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) {
    output.append(buffer.data(), length);
  }
  return {::pclose(pipe.release()), output};
}

bool has(const std::string& program) {
  return shell("command -v " + program).status == 0;
}

// What bash offers for the last of `words`.
std::string offered(const std::string& words) {
  const TempDir dir;
  const auto script = dir.write("completion", bash_completion(kCollectors));
  const auto commands = dir.write(
      "ask",
      fmt::format(
          "compopt() {{ :; }}\nsource '{}'\nCOMP_WORDS=(plumbline {})\n"
          "COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n_plumbline\necho \"${{COMPREPLY[*]}}\"\n",
          script.string(),
          words));
  return shell(fmt::format("bash '{}'", commands.string())).output;
}

TEST(Completion, ScriptsAreValid) {
  const TempDir dir;
  const auto bash = dir.write("bash", bash_completion(kCollectors));
  const auto checked = shell(fmt::format("bash -n '{}'", bash.string()));
  EXPECT_EQ(checked.status, 0) << checked.output;
  if (!has("zsh")) GTEST_SKIP() << "no zsh here";
  const auto zsh = dir.write("zsh", zsh_completion(kCollectors));
  const auto zsh_checked = shell(fmt::format("zsh -n '{}'", zsh.string()));
  EXPECT_EQ(zsh_checked.status, 0) << zsh_checked.output;
}

TEST(Completion, ZshLoadsTheScript) {
  if (!has("zsh")) GTEST_SKIP() << "no zsh here";
  const TempDir dir;
  dir.write("_plumbline", zsh_completion(kCollectors));
  const auto loaded = shell(fmt::format(
      "zsh -f -c \"fpath=('{}' \\$fpath); autoload -Uz compinit; compinit -u -d '{}/dump'; "
      "echo \\$_comps[plumbline]\"",
      dir.path().string(),
      dir.path().string()));
  EXPECT_EQ(loaded.output, "_plumbline\n");
}

TEST(Completion, OffersCommands) {
  EXPECT_EQ(offered("ch"), "check\n");
  EXPECT_THAT(
      offered("''"),
      StartsWith("run check status doctor catalog explain generate runbook diff schema journal "
                 "replay completion"));
  EXPECT_EQ(offered("help do"), "doctor\n");
  EXPECT_EQ(offered("journal ''"), "stats verify dump export vacuum --help\n");
  EXPECT_EQ(offered("journal ve"), "verify\n");
}

TEST(Completion, OffersEveryOptionOfEveryCommand) {
  for (const auto& verb : verbs()) {
    const auto words = offered(fmt::format("{} --", verb.name));
    for (const auto& option : verb.options) {
      EXPECT_THAT(words, HasSubstr(fmt::format("--{}", option.name))) << verb.name;
    }
  }
}

TEST(Completion, OffersTheValuesOfAnOption) {
  EXPECT_EQ(offered("catalog -o ''"), "table markdown json\n");
  EXPECT_EQ(offered("catalog --output j"), "json\n");
  EXPECT_EQ(offered("catalog --output ="), "table markdown json\n");
  EXPECT_EQ(offered("catalog --output = m"), "markdown\n");
  EXPECT_EQ(offered("catalog --collector s"), "sched\n");
  EXPECT_EQ(offered("run --set export.i"), "export.interval=\n");
  EXPECT_EQ(offered("run --set collectors.node.e"), "collectors.node.enabled=\n");
  EXPECT_EQ(offered("completion z"), "zsh\n");
  EXPECT_EQ(offered("journal dump --stream 1"), "1s 10s\n");
  EXPECT_EQ(offered("journal dump -o ''"), "otlp_json csv\n");
  EXPECT_EQ(offered("replay --compression z"), "zstd\n");
  EXPECT_EQ(offered("run --config x"), "\n");  // file names are bash's own
}

}  // namespace
}  // namespace plumbline
