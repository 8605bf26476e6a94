// SPDX-License-Identifier: Apache-2.0
#include "agent/runbook/runbook.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/generate/generate.h"
#include "agent/manifest/read.h"

namespace plumbline {
namespace {

using testing::HasSubstr;

// Manifests that ask for every alert there is.
constexpr const char* kManifests = R"(
apiVersion: platform.sivaro.io/v1
kind: ClickHouseCluster
metadata: {name: warehouse}
spec: {replication: 2, shards: 2, memoryGB: 64, backupToS3: true}
---
apiVersion: platform.sivaro.io/v1
kind: DataPipeline
metadata: {name: orders-in}
spec:
  source: {topic: orders, consumerGroup: readers}
  deadLetterTopic: orders.dead
  alerting: {onBacklog: 1000}
---
apiVersion: platform.sivaro.io/v1
kind: KafkaCluster
metadata: {name: main-kafka}
spec: {brokers: 3}
---
apiVersion: platform.sivaro.io/v1
kind: Service
metadata: {name: checkout}
spec:
  slos:
    - {name: routes, badWhen: sum by (route) (failing), by: [route]}
)";

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::set<std::string> matches(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), expression); it != std::sregex_iterator();
       ++it) {
    found.insert((*it)[1]);
  }
  return found;
}

std::string rules_of_everything(const GenerateOptions& options = {}) {
  LoadedManifests loaded;
  read_manifests(
      std::make_shared<const Source>(Source{Source::Kind::kFile, "all.yaml", kManifests}), loaded);
  EXPECT_EQ(render(loaded.problems), "");
  std::string rules;
  const auto add = [&](const GeneratedFile& file) {
    if (file.path.starts_with(kRulesFolder)) rules += file.text;
  };
  generate_files(loaded.manifests, add, options);
  return rules;
}

std::set<std::string> runbook_names() {
  std::set<std::string> names;
  for (const auto& runbook : runbooks()) names.emplace(runbook.name);
  return names;
}

std::vector<std::string> sections_of(std::string_view text) {
  std::vector<std::string> sections;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ")) sections.push_back(line);
  }
  return sections;
}

TEST(Runbooks, AreOneForEachAlertAndNoMore) {
  const auto rules = rules_of_everything();
  EXPECT_EQ(matches(rules, "runbook: \"(\\w+)\""), runbook_names());
  EXPECT_EQ(matches(rules, "runbook_url: \"runbooks/(\\w+)\\.md\""), runbook_names());
  const auto count = [&](const std::string& text) {
    const std::regex line(text);
    return std::distance(std::sregex_iterator(rules.begin(), rules.end(), line), {});
  };
  EXPECT_EQ(count("- alert: "), count("runbook_url: "));
}

TEST(Runbooks, HaveADrillEach) {
  std::string drills;
  for (const auto& entry : std::filesystem::directory_iterator("tests/drills")) {
    if (entry.path().extension() == ".py") drills += text_of(entry.path());
  }
  EXPECT_EQ(matches(drills, "\\.drill\\(\\s*\"(\\w+)\""), runbook_names());
}

TEST(Runbooks, AskForMetricsThatThePageHas) {
  const auto known =
      matches(text_of("tests/golden/prometheus_metrics.txt"), "(?:^|\n)(plumbline_\\w+) ");
  ASSERT_GT(known.size(), 100U);
  for (const auto& runbook : runbooks()) {
    for (const auto& name : matches(std::string(runbook.text), "\\b(plumbline_\\w+)\\{")) {
      const auto series = std::regex_replace(name, std::regex("_(bucket|count|sum)$"), "");
      EXPECT_TRUE(known.contains(name) || known.contains(series)) << runbook.name << ": " << name;
    }
  }
}

TEST(Runbooks, HaveTheSectionsOfTheTemplate) {
  const auto wanted = sections_of(text_of("runbooks/_template.md"));
  ASSERT_EQ(wanted.size(), 7U);
  for (const auto& runbook : runbooks()) {
    EXPECT_EQ(sections_of(runbook.text), wanted) << runbook.name;
    EXPECT_TRUE(runbook.text.starts_with("# " + std::string(runbook.name) + "\n")) << runbook.name;
    EXPECT_THAT(runbook.text, HasSubstr(" drill\n"));
    EXPECT_THAT(runbook.text, HasSubstr("Undo: "));
    EXPECT_THAT(runbook.text, HasSubstr("\n|---|"));
    EXPECT_EQ(runbook.text.find("TODO"), std::string_view::npos) << runbook.name;
  }
}

TEST(Runbooks, AreThoseOfTheFolder) {
  for (const auto& runbook : runbooks()) {
    EXPECT_EQ(text_of("runbooks/" + std::string(runbook.name) + ".md"), runbook.text);
  }
}

TEST(Runbooks, AreFoundByTheNameOfAnAlert) {
  const auto names = [](std::string_view alert) {
    std::vector<std::string> found;
    for (const auto& runbook : runbooks_of(alert)) found.emplace_back(runbook.name);
    return found;
  };
  using testing::ElementsAre;
  EXPECT_THAT(names("UserEventsIngestionBacklog"), ElementsAre("PipelineBacklog"));
  EXPECT_THAT(names("UserEventsIngestionLossAhead"), ElementsAre("PipelineLossAhead"));
  EXPECT_THAT(names("SloUserEventsIngestionFreshnessBurn"), ElementsAre("PipelineFreshnessBurn"));
  EXPECT_THAT(names("SloUserEventsIngestionFreshnessTrickle"), ElementsAre("SloTrickle"));
  EXPECT_THAT(names("NodeOomKills"), ElementsAre("NodeOomKills"));
  EXPECT_THAT(names("ClickHouseDisk"), ElementsAre("ClickHouseDisk"));
  EXPECT_THAT(names("Nothing"), ElementsAre());
}

TEST(FillIn, PutsValuesInAndNamesThoseItLacks) {
  const AlertValues values{{"group", "readers"}, {"topic", ""}};
  EXPECT_EQ(fill_in("x{group=\"{{group}}\"} {{topic}} {{team}}", values),
            "x{group=\"readers\"} <topic> <team>");
  EXPECT_EQ(fill_in("open {{group", values), "open {{group");
  EXPECT_EQ(fill_in("", values), "");
}

TEST(ForTerminal, ShowsTablesCommandsAndProse) {
  const auto shown = for_terminal(
      "# Name\n\n## First\nOne sentence.\n```sh drill\nls -l\n```\n\n| you see | do |\n|---|---|\n"
      "| a | 1 |\n| longer | 2 |\n",
      Styling::kPlain);
  EXPECT_EQ(
      shown,
      "Name\n\nFirst\nOne sentence.\n    ls -l\n\n  you see  do\n  a        1\n  longer   2\n");
  EXPECT_THAT(for_terminal("## A\n", Styling::kColoured), HasSubstr("\x1b[1mA\x1b[0m"));
}

TEST(DrillScale, DividesEveryWindowAndSaysSo) {
  const auto rules = rules_of_everything({.scale = {60}});
  EXPECT_THAT(rules, HasSubstr("FOR DRILLS ONLY: every window, wait, age and interval is divided"));
  EXPECT_THAT(rules, HasSubstr("offset 10000ms"));
  EXPECT_THAT(rules, HasSubstr("increase(plumbline_memory_oom_kills_total[10000ms])"));
  EXPECT_THAT(rules, HasSubstr("[119983ms:5000ms]"));  // of 2 h less a second, by five minutes
  EXPECT_THAT(rules, HasSubstr("> 15\n"));             // of a transaction that is open for 15 min
  EXPECT_FALSE(std::regex_search(rules, std::regex("for: [0-9]+[mhd]")));
  EXPECT_FALSE(std::regex_search(rules, std::regex("\\[[0-9]+[mhd][]:]")));
}

TEST(DrillScale, OfOneChangesNothing) {
  EXPECT_EQ(rules_of_everything({.scale = {1}}), rules_of_everything());
}

}  // namespace
}  // namespace plumbline
