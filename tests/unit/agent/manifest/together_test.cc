// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/manifest/exclusion.h"
#include "agent/manifest/read.h"
#include "agent/manifest/revision.h"
#include "tests/support/temp_dir.h"

namespace plumbline {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::string service(const std::string& name, const std::string& spec) {
  return fmt::format(
      "---\napiVersion: platform.sivaro.io/v1\nkind: Service\nmetadata: {{name: {}}}\nspec: {}\n",
      name,
      spec);
}

LoadedManifests load(const std::string& text) {
  const TempDir dir;
  return load_manifests({dir.write("a.yaml", text).string()});
}

std::string slo(const std::string& keys) {
  return render(load(service("shop", "{slos: [{" + keys + "}]}")).problems);
}

constexpr const char* kCounts =
    "bad: 'sum(increase(b[$window]))', total: 'sum(increase(a[$window]))'";

TEST(Together, TellsWhoNeedsNobodyKnown) {
  const auto text =
      render(load(service("shop", "{dependsOn: [databse]}") + service("database", "{workload: x}"))
                 .problems);
  EXPECT_THAT(text, HasSubstr("a.yaml:5:19: error: there is no manifest \"databse\""));
  EXPECT_THAT(text, HasSubstr("did you mean \"database\"?"));
}

TEST(Together, TellsACycleOnceAndWhole) {
  const auto loaded = load(service("a", "{dependsOn: [b]}") + service("b", "{dependsOn: [c]}") +
                           service("c", "{dependsOn: [b]}") + service("d", "{dependsOn: [a]}"));
  EXPECT_EQ(loaded.problems.size(), 1U);
  EXPECT_THAT(render(loaded.problems), HasSubstr("a cycle: b needs c needs b"));
  EXPECT_THAT(render(load(service("a", "{dependsOn: [a]}")).problems), HasSubstr("a needs a"));
}

TEST(Together, TakesWhatSeveralNeed) {
  EXPECT_THAT(render(load(service("a", "{dependsOn: [b, c]}") + service("b", "{dependsOn: [c]}") +
                          service("c", "{workload: x}"))
                         .problems),
              IsEmpty());
}

TEST(Together, RefusesObjectivesWhoseFilesWouldHaveOneName) {
  const auto queries = std::string("{slos: [{name: ") + "%, " + kCounts + "}]}";
  const auto named = [&](const std::string& name) {
    auto text = queries;
    return text.replace(text.find('%'), 1, name);
  };
  EXPECT_THAT(render(load(service("a-b", named("c")) + service("a", named("b-c"))).problems),
              HasSubstr("the name \"a-b-c\" is taken"));
  EXPECT_THAT(render(load(service("a", named("limits"))).problems),
              HasSubstr("the name \"a-limits\" is taken"));
}

TEST(Together, RefusesTwoKafkaClustersOfEveryBroker) {
  const std::string head = "---\napiVersion: platform.sivaro.io/v1\nkind: KafkaCluster\n";
  EXPECT_THAT(
      render(load(head + "metadata: {name: a}\n" + head + "metadata: {name: b}\n").problems),
      HasSubstr("neither has spec.cluster"));
}

TEST(Slo, NeedsQueriesThatCount) {
  EXPECT_THAT(slo("name: a, " + std::string(kCounts)), IsEmpty());
  EXPECT_THAT(slo(kCounts), HasSubstr("the objective has no name"));
  EXPECT_THAT(slo("name: a"), HasSubstr("nothing tells what is good or bad"));
  EXPECT_THAT(slo("name: a, bad: 'sum(x[$window])'"), HasSubstr("nothing counts all events"));
  EXPECT_THAT(slo("name: a, bad: 'sum(increase(x[5m]))', total: 'sum(increase(x[$window]))'"),
              HasSubstr("does not count within $window"));
  EXPECT_THAT(slo("name: a, badWhen: up == bool 0, " + std::string(kCounts)),
              HasSubstr("counts events and moments"));
  EXPECT_THAT(slo("name: a, badWhen: max(up"), HasSubstr("a bracket is missing"));
  EXPECT_THAT(slo("name: A, " + std::string(kCounts)), HasSubstr("cannot be the name"));
  EXPECT_THAT(slo("name: a, by: [slo], " + std::string(kCounts)), HasSubstr("is taken"));
  EXPECT_THAT(slo("name: a, by: [a-b], " + std::string(kCounts)), HasSubstr("is no label"));
  EXPECT_THAT(slo("name: a, target: 100, " + std::string(kCounts)), HasSubstr("too big"));
  EXPECT_THAT(slo("name: a, target: 90, " + std::string(kCounts)), HasSubstr("can never fire"));
  EXPECT_THAT(slo("nme: a"), HasSubstr("did you mean \"name\"?"));
}

TEST(Slo, ListsAreListsOfSections) {
  EXPECT_THAT(render(load(service("shop", "{slos: [a]}")).problems), HasSubstr("the list holds"));
  EXPECT_THAT(render(load(service("shop", "{slos: {a: b}}")).problems),
              HasSubstr("a list such as"));
  EXPECT_THAT(render(load(service("shop", "{slo: []}")).problems), HasSubstr("slos"));
}

TEST(Maintenance, IsATimeWithAReason) {
  const auto one = parse_exclusion("2026-11-21T22:00:00Z/2026-11-21T23:00:00Z new disks");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->from, 1'795'298'400);
  EXPECT_EQ(one->to - one->from, 3'600);
  EXPECT_EQ(one->reason, "new disks");
  for (const auto* text : {"2026-11-21T22:00:00Z/2026-11-21T23:00:00Z",
                           "2026-11-21T23:00:00Z/2026-11-21T22:00:00Z backwards",
                           "2026-02-30T00:00:00Z/2026-11-21T22:00:00Z no such day",
                           "2026-11-21T24:00:00Z/2026-11-22T22:00:00Z no such hour",
                           "2026-11-21 a/b"}) {
    EXPECT_FALSE(parse_exclusion(text)) << text;
    EXPECT_THAT(render(load(service("a", fmt::format("{{maintenance: ['{}']}}", text))).problems),
                HasSubstr("is no time with a reason"));
  }
}

TEST(Revision, IsThatOfTheContentAndNotOfTheFile) {
  const auto revision = [](const std::string& spec) {
    return revision_of(load(service("a", spec)).manifests.at(0));
  };
  const auto plain = revision("{owner: x, tier: 1}");
  EXPECT_EQ(plain.size(), 16U);
  EXPECT_EQ(plain, revision("{tier: 1, # why\n  owner: x}"));
  EXPECT_EQ(plain, revision("{tier: 1, owner: x, costBudget: 0}"));
  EXPECT_NE(plain, revision("{tier: 2, owner: x}"));
  EXPECT_NE(plain, revision("{tier: 1, owner: x, dependsOn: [a]}"));
  EXPECT_NE(revision("{dependsOn: [ab, c]}"), revision("{dependsOn: [a, bc]}"));
}

}  // namespace
}  // namespace plumbline
