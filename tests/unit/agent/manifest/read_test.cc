// SPDX-License-Identifier: Apache-2.0
#include "agent/manifest/read.h"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/manifest/fields.h"
#include "tests/support/temp_dir.h"

namespace plumbline {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

LoadedManifests read(const std::string& text) {
  LoadedManifests loaded;
  read_manifests(std::make_shared<const Source>(Source{Source::Kind::kFile, "platform.yaml", text}),
                 loaded);
  sort_problems(loaded.problems);
  return loaded;
}

std::string cluster(const std::string& spec, const std::string& name = "metrics") {
  return fmt::format(
      "apiVersion: platform.sivaro.io/v1\nkind: ClickHouseCluster\nmetadata: {{name: {}}}\n"
      "spec:\n{}",
      name,
      spec);
}

std::string pipeline(const std::string& spec) {
  return "apiVersion: platform.sivaro.io/v1\nkind: DataPipeline\nmetadata: {name: events}\nspec:\n"
         "  source: {topic: t, consumerGroup: g}\n" +
         spec;
}

TEST(Manifest, TakesTheTwoDocumentsOfTheDesignAsTheyStand) {
  const auto loaded = load_manifests({"tests/golden/manifest/platform.yaml"});
  EXPECT_THAT(render(loaded.problems), IsEmpty());
  ASSERT_EQ(loaded.manifests.size(), 2U);
  const auto& cluster = std::get<ClickHouseCluster>(loaded.manifests[0].kind);
  EXPECT_EQ(cluster.common.name, "production-metrics");
  EXPECT_EQ(cluster.common.owner, "team-observability");
  EXPECT_EQ(cluster.common.cost_budget, 500U);
  EXPECT_EQ(cluster.replication * cluster.shards, 12U);
  EXPECT_EQ(cluster.alert_on_cpu, 80U);
  EXPECT_TRUE(cluster.backup_to_s3);
  const auto& pipeline = std::get<DataPipeline>(loaded.manifests[1].kind);
  EXPECT_EQ(pipeline.topic, "user.events.v2");
  EXPECT_EQ(pipeline.transform, TransformType::kKsqlDb);
  EXPECT_THAT(pipeline.query, HasSubstr("NOT IN ('healthcheck', 'keepalive')"));
  EXPECT_EQ(pipeline.order_key, "(userId, eventTime)");
  EXPECT_EQ(pipeline.on_backlog, 10'000U);
  EXPECT_EQ(pipeline.fresh_within, std::chrono::seconds(5));
}

TEST(Manifest, TellsUnknownKeysWithCaretAndDidYouMean) {
  const auto text = render(read(cluster("  replicaton: 3\n")).problems);
  EXPECT_THAT(text, HasSubstr("platform.yaml:5:3: error: unknown key \"replicaton\""));
  EXPECT_THAT(text, HasSubstr("  replicaton: 3"));
  EXPECT_THAT(text, HasSubstr("^~~~"));
  EXPECT_THAT(text, HasSubstr("did you mean"));
  EXPECT_THAT(text, HasSubstr("replication"));
}

TEST(Manifest, FindsAKeyThatStandsInTheWrongSection) {
  EXPECT_THAT(render(read(pipeline("  onBacklog: 5\n")).problems),
              HasSubstr("spec.alerting.onBacklog"));
}

TEST(Manifest, RefusesWrongTypesAndRanges) {
  EXPECT_THAT(render(read(cluster("  shards: four\n")).problems), HasSubstr("whole number"));
  EXPECT_THAT(render(read(cluster("  monitoring: {alertOnDisk: 850}\n")).problems),
              HasSubstr("from 1 to 99"));
  EXPECT_THAT(render(read(cluster("  backupToS3: yes\n")).problems), HasSubstr("true"));
  EXPECT_THAT(render(read(cluster("  monitoring: 80\n")).problems), HasSubstr("a section with"));
}

TEST(Manifest, RefusesATargetOfAHundredPercent) {
  const auto text = render(read(cluster("  objectives: {latency: {target: 100}}\n")).problems);
  EXPECT_THAT(text, HasSubstr("\"100\" is too big"));
  EXPECT_THAT(text, HasSubstr("99.9999"));
}

TEST(Manifest, RefusesATierThatNoOutageCouldReach) {
  const auto at = [](std::string_view target) {
    return render(read(pipeline(fmt::format(
                           "  objectives: {{freshness: {{within: 5s, target: {}}}}}\n", target)))
                      .problems);
  };
  EXPECT_THAT(at("90"), HasSubstr("the alert of tier fast can never fire"));
  EXPECT_THAT(at("90"), HasSubstr("more than 93.06"));
  EXPECT_THAT(at("93.1"), IsEmpty());
}

TEST(Manifest, RefusesAThresholdOffTheEdgeOfABucket) {
  const auto at = [](std::string_view below) {
    return render(
        read(cluster(fmt::format("  objectives: {{latency: {{below: {}}}}}\n", below))).problems);
  };
  EXPECT_THAT(at("300ms"), HasSubstr("250ms or 500ms"));
  EXPECT_THAT(at("500ms"), IsEmpty());
  EXPECT_THAT(at("8s"), IsEmpty());
}

TEST(Manifest, RefusesPeriodsThatMakeWindowsOfNothing) {
  EXPECT_THAT(render(read(cluster("  objectives: {window: 1d}\n")).problems),
              HasSubstr("too small"));
  EXPECT_THAT(render(read(cluster("  objectives: {window: 700h}\n")).problems),
              HasSubstr("whole days"));
}

TEST(Manifest, RefusesSecretsAndDoesNotRepeatThem) {
  for (const std::string secret :
       {"https://hooks.slack.com/services/T000/B000/sesame", "slack://xoxb:sesame@team/#data"}) {
    const auto text =
        render(read(pipeline(fmt::format("  alerting: {{onFailure: \"{}\"}}\n", secret))).problems);
    EXPECT_THAT(text, HasSubstr("a secret in the clear"));
    EXPECT_THAT(text, Not(HasSubstr("sesame")));
  }
  const auto text = render(
      read("apiVersion: platform.sivaro.io/v1\nkind: DataPipeline\nmetadata: {name: e}\nspec:\n"
           "  source: {topic: t, consumerGroup: g,\n"
           "           schemaRegistry: \"https://me:sesame@registry:8081\"}\n")
          .problems);
  EXPECT_THAT(text, HasSubstr("error"));
  EXPECT_THAT(text, Not(HasSubstr("sesame")));
}

TEST(Manifest, RefusesOtherReceivers) {
  EXPECT_THAT(render(read(pipeline("  alerting: {onFailure: data-alerts}\n")).problems),
              HasSubstr("slack://#CHANNEL"));
}

TEST(Manifest, NamesWhatIsMissing) {
  const auto text = render(
      read("apiVersion: platform.sivaro.io/v1\nkind: DataPipeline\nspec: {source: {topic: t}}\n")
          .problems);
  EXPECT_THAT(text, HasSubstr("metadata.name is missing"));
  EXPECT_THAT(text, HasSubstr("spec.source.consumerGroup is missing"));
}

TEST(Manifest, RefusesOtherKindsAndVersions) {
  EXPECT_THAT(render(read("apiVersion: platform.sivaro.io/v1\nkind: DataPipelin\n").problems),
              HasSubstr("did you mean \"DataPipeline\"?"));
  EXPECT_THAT(render(read("apiVersion: v2\nkind: DataPipeline\nmetadata: {name: a}\n").problems),
              HasSubstr("\"v2\" is not known here"));
  EXPECT_THAT(render(read("- a\n").problems), HasSubstr("the document holds a list"));
}

TEST(Manifest, TellsTheSecondDocumentsLines) {
  const auto text =
      render(read(cluster("  shards: 1\n") + "---\n" + cluster("  shard: 1\n", "b")).problems);
  EXPECT_THAT(text, HasSubstr("platform.yaml:11:3: error: unknown key \"shard\""));
}

TEST(Manifest, RefusesTwoOfOneNameInAFolder) {
  const TempDir dir;
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(dir.path() / name) << text;
  };
  write("a.yaml", cluster("  endpoints: [a:8123]\n", "same"));
  write("b.yml", cluster("  endpoints: [b:8123]\n", "same"));
  write("c.txt", "no manifest");
  const auto loaded = load_manifests({dir.path().string()});
  const auto text = render(loaded.problems);
  EXPECT_THAT(text, HasSubstr("b.yml:3:"));
  EXPECT_THAT(text, HasSubstr("a.yaml:3"));
  EXPECT_EQ(loaded.problems.size(), 1U);
}

TEST(Manifest, RefusesTwoClustersOfEveryServer) {
  const TempDir dir;
  std::ofstream(dir.path() / "a.yaml") << cluster("  shards: 1\n", "a") << "---\n"
                                       << cluster("  shards: 1\n", "b");
  EXPECT_THAT(render(load_manifests({dir.path().string()}).problems),
              HasSubstr("neither has spec.endpoints"));
}

TEST(Manifest, TellsOfFoldersAndFilesThatCannotBeRead) {
  EXPECT_THAT(render(load_manifests({"/nonexistent/a.yaml"}).problems), HasSubstr("cannot read"));
  const TempDir dir;
  EXPECT_THAT(render(load_manifests({dir.path().string()}).problems), HasSubstr("no *.yaml"));
}

TEST(Manifest, HasADescriptionForEveryKeyAndADefaultOrAnExampleOrNeedsIt) {
  for (const auto& kind : manifest_kinds()) {
    for (const auto& value : manifest_values(default_manifest(kind))) {
      EXPECT_TRUE(value.info->description.ends_with('.')) << value.info->key;
    }
  }
}

}  // namespace
}  // namespace plumbline
