// SPDX-License-Identifier: Apache-2.0
#include "agent/manifest/agreement.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plumbline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// "spec.shards: sentence" of each field that is known; an empty sentence agrees.
std::vector<std::string> told(const PlatformManifest& manifest, const LiveFacts& facts) {
  std::vector<std::string> out;
  for (const auto& one : agreements_of(manifest, facts)) {
    EXPECT_EQ(one.agrees, one.sentence.empty());
    out.push_back(fmt::format("{}: {}", one.field, one.sentence));
  }
  return out;
}

LiveTable table(const std::string& name = "a.events") {
  return {.server = "ch:8123",
          .name = name,
          .partition_key = "toYYYYMM(time)",
          .order_key = "user, time",
          .has_ttl = true,
          .kept_seconds = 90. * 86'400};
}

PlatformManifest cluster(ClickHouseCluster kind) {
  return {.kind = std::move(kind)};
}
PlatformManifest pipeline(DataPipeline kind) {
  return {.kind = std::move(kind)};
}

TEST(Agreement, KnowsNothingWhereNobodyLooked) {
  EXPECT_THAT(
      told(cluster({.replication = 3, .shards = 4, .memory_gb = 8, .retention_days = 90}), {}),
      IsEmpty());
  EXPECT_THAT(told(pipeline({.table = "a.events"}), {}), IsEmpty());
}

TEST(Agreement, HoldsRetentionAgainstEveryTableWithPartitions) {
  const auto manifest = cluster({.retention_days = 90});
  auto list = table("a.countries");
  list.partition_key = "tuple()";
  list.has_ttl = false;
  auto own = table("system.query_log");
  own.has_ttl = false;
  EXPECT_THAT(told(manifest, {.tables = {table(), list, own}}),
              ElementsAre("spec.retentionDays: "));
  auto longer = table("a.longer");
  longer.kept_seconds = 365. * 86'400;
  EXPECT_THAT(told(manifest, {.tables = {table(), longer}}),
              ElementsAre("spec.retentionDays: a.longer on ch:8123 keeps rows for 365 days"));
  auto forever = table("a.forever");
  forever.has_ttl = false;
  forever.kept_seconds.reset();
  EXPECT_THAT(
      told(manifest, {.tables = {forever}}),
      ElementsAre("spec.retentionDays: a.forever on ch:8123 has no TTL: nothing deletes its "
                  "rows"));
  auto computed = table();
  computed.kept_seconds.reset();
  EXPECT_THAT(told(manifest, {.tables = {computed, list}}), IsEmpty());
}

TEST(Agreement, HoldsKeysAgainstTheTableHoweverTheyAreWritten) {
  const auto of = [](const std::string& partition, const std::string& order) {
    return told(pipeline({.table = "a.events", .partition_key = partition, .order_key = order}),
                {.tables = {table()}});
  };
  EXPECT_THAT(of("toYYYYMM( `time` )", "(user,time)"),
              ElementsAre("spec.sink.table: ", "spec.sink.partitionKey: ", "spec.sink.orderKey: "));
  EXPECT_THAT(
      of("", "(time, user)"),
      ElementsAre("spec.sink.table: ", "spec.sink.orderKey: a.events on ch:8123 has user, time"));
  EXPECT_THAT(told(pipeline({.table = "a.evnts"}), {.tables = {table()}}),
              ElementsAre("spec.sink.table: no server that is looked at has a table a.evnts"));
}

TEST(Agreement, TakesOnlyBracketsAroundAllOfAKey) {
  EXPECT_EQ(plain_key("((a, b))"), "a,b");
  EXPECT_EQ(plain_key("(a) + (b)"), "(a)+(b)");
  EXPECT_EQ(plain_key("tuple()"), "");
  EXPECT_EQ(plain_key("()"), "");
  EXPECT_EQ(plain_key(")("), ")(");
}

TEST(Agreement, HoldsShardsAndReplicasAgainstTheClusterThatIsMeant) {
  const std::vector<LiveCluster> live{
      {.server = "ch:8123", .name = "metrics", .shards = 4, .replicas = 2},
      {.server = "ch:8123", .name = "other", .shards = 1, .replicas = 1},
      {.server = "ch:8123", .name = "test_shard_localhost", .shards = 1, .replicas = 3}};
  const auto of = [&](const std::string& name, std::uint64_t replication) {
    return told(cluster({.replication = replication, .shards = 4, .cluster = name}),
                {.clusters = live});
  };
  EXPECT_THAT(of("metrics", 2), ElementsAre("spec.shards: ", "spec.replication: "));
  EXPECT_THAT(of("", 2), ElementsAre("spec.shards: ", "spec.replication: "));
  EXPECT_THAT(
      of("metrics", 3),
      ElementsAre("spec.shards: ", "spec.replication: the cluster metrics of ch:8123 has 2"));
  EXPECT_THAT(of("unheard-of", 3), IsEmpty());
}

TEST(Agreement, LooksAtTheServersOfTheClusterOnly) {
  const auto manifest = cluster({.memory_gb = 128, .endpoints = {"ch:8123"}});
  EXPECT_THAT(told(manifest, {.memory_bytes = {{"else:8123", 1e9}}}), IsEmpty());
  EXPECT_THAT(told(manifest, {.memory_bytes = {{"ch:8123", 115e9}, {"else:8123", 1e9}}}),
              ElementsAre("spec.memoryGB: "));
  EXPECT_THAT(told(manifest, {.memory_bytes = {{"ch:8123", 64e9}}}),
              ElementsAre("spec.memoryGB: ch:8123 may use 64 GB"));
}

}  // namespace
}  // namespace plumbline
