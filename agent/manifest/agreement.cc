// SPDX-License-Identifier: Apache-2.0
#include "agent/manifest/agreement.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace plumbline {
namespace {

constexpr double kDaySeconds = 24 * 3600;
constexpr double kMemoryAtLeast = 0.8;  // a server keeps a tenth for the rest of the machine
constexpr double kGigabyte = 1e9;

bool is_of(const ClickHouseCluster& cluster, const std::string& server) {
  return cluster.endpoints.empty() ||
         std::ranges::find(cluster.endpoints, server) != cluster.endpoints.end();
}

bool is_of_the_server_itself(std::string_view table) {
  const auto database = table.substr(0, table.find('.'));
  return database == "system" || database == "INFORMATION_SCHEMA" ||
         database == "information_schema" || database == "_temporary_and_external_tables";
}

class Comparison {
 public:
  explicit Comparison(const LiveFacts& facts) : facts_(facts) {}

  void operator()(const ClickHouseCluster& cluster) {
    if (cluster.retention_days > 0) retention(cluster);
    if (cluster.memory_gb > 0) memory(cluster);
    if (cluster.shards > 0) shape(cluster, "spec.shards", cluster.shards, &LiveCluster::shards);
    if (cluster.replication > 0) {
      shape(cluster, "spec.replication", cluster.replication, &LiveCluster::replicas);
    }
  }

  void operator()(const DataPipeline& pipeline) {
    if (pipeline.table.empty() || facts_.tables.empty()) return;
    std::vector<const LiveTable*> tables;
    for (const auto& table : facts_.tables) {
      if (table.name == pipeline.table) tables.push_back(&table);
    }
    tell("spec.sink.table",
         tables.empty() ? fmt::format("no server that is looked at has a table {}", pipeline.table)
                        : std::string());
    if (tables.empty()) return;
    key("spec.sink.partitionKey", pipeline.partition_key, tables, &LiveTable::partition_key);
    key("spec.sink.orderKey", pipeline.order_key, tables, &LiveTable::order_key);
  }

  // Of the other kinds nothing is looked at that could disagree.
  template <class Kind>
  void operator()(const Kind& /*kind*/) {}

  std::vector<FieldAgreement> take() { return std::move(out_); }

 private:
  // An empty sentence: it agrees.
  void tell(std::string_view field, std::string sentence) {
    const bool agrees = sentence.empty();
    out_.push_back({.field = field, .agrees = agrees, .sentence = std::move(sentence)});
  }

  // Tables without partitions are no streams of events: lists of countries are kept for ever.
  void retention(const ClickHouseCluster& cluster) {
    bool known = false;
    std::string wrong;
    for (const auto& table : facts_.tables) {
      if (!is_of(cluster, table.server) || is_of_the_server_itself(table.name) ||
          plain_key(table.partition_key).empty() || !table.has_ttl) {
        continue;
      }
      // A TTL that only moves rows to another disk, or whose time is computed, is not known.
      if (*table.has_ttl && !table.kept_seconds) continue;
      known = true;
      if (!wrong.empty()) continue;
      if (!*table.has_ttl) {
        wrong =
            fmt::format("{} on {} has no TTL: nothing deletes its rows", table.name, table.server);
      } else if (const auto days = *table.kept_seconds / kDaySeconds;
                 std::abs(days - static_cast<double>(cluster.retention_days)) > 1) {
        wrong = fmt::format("{} on {} keeps rows for {:.4g} days", table.name, table.server, days);
      }
    }
    if (known) tell("spec.retentionDays", std::move(wrong));
  }

  void memory(const ClickHouseCluster& cluster) {
    bool known = false;
    std::string wrong;
    for (const auto& [server, bytes] : facts_.memory_bytes) {
      if (!is_of(cluster, server)) continue;
      known = true;
      if (bytes >= kMemoryAtLeast * kGigabyte * static_cast<double>(cluster.memory_gb)) continue;
      wrong = fmt::format("{} may use {:.3g} GB", server, bytes / kGigabyte);
    }
    if (known) tell("spec.memoryGB", std::move(wrong));
  }

  // A server knows several clusters, some of them examples: without a name, one that fits is it.
  void shape(const ClickHouseCluster& cluster,
             std::string_view field,
             std::uint64_t declared,
             std::uint64_t LiveCluster::*number) {
    bool known = false;
    bool fits = false;
    std::string wrong;
    for (const auto& live : facts_.clusters) {
      const bool is_meant =
          cluster.cluster.empty() ? !live.name.starts_with("test_") : live.name == cluster.cluster;
      if (!is_of(cluster, live.server) || !is_meant) continue;
      known = true;
      fits = fits || live.*number == declared;
      if (live.*number == declared) continue;
      wrong = fmt::format("the cluster {} of {} has {}", live.name, live.server, live.*number);
    }
    if (known) tell(field, fits && cluster.cluster.empty() ? std::string() : std::move(wrong));
  }

  void key(std::string_view field,
           const std::string& declared,
           const std::vector<const LiveTable*>& tables,
           std::string LiveTable::*live) {
    if (declared.empty()) return;
    for (const auto* table : tables) {
      if (plain_key(table->*live) == plain_key(declared)) continue;
      return tell(field,
                  fmt::format("{} on {} has {}",
                              table->name,
                              table->server,
                              (table->*live).empty() ? "none" : table->*live));
    }
    tell(field, {});
  }

  const LiveFacts& facts_;
  std::vector<FieldAgreement> out_;
};

}  // namespace

std::string plain_key(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c != ' ' && c != '\n' && c != '\t' && c != '`') out += c;
  }
  // Brackets around all of it, and not "(a)+(b)".
  while (out.size() >= 2 && out.front() == '(' && out.back() == ')') {
    int depth = 0;
    const auto closes = std::ranges::find_if(out, [&](char c) {
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      return depth == 0;
    });
    if (closes != out.end() - 1) break;
    out = out.substr(1, out.size() - 2);
  }
  return out == "tuple()" ? std::string() : out;
}

std::vector<FieldAgreement> agreements_of(const PlatformManifest& manifest,
                                          const LiveFacts& facts) {
  Comparison comparison(facts);
  std::visit(comparison, manifest.kind);
  return comparison.take();
}

}  // namespace plumbline
