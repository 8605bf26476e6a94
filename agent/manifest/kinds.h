// SPDX-License-Identifier: Apache-2.0
//
// What a team writes about a thing it owns: plain structs with their defaults. fields.cc tells each
// key once; reading, `explain`, `schema` and the manual come from there.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "agent/config/field_reader.h"

namespace plumbline {

inline constexpr std::string_view kManifestVersion = "platform.sivaro.io/v1";

// When a budget begins anew: never, or with the month or quarter (UTC).
enum class Calendar : std::uint8_t { kRolling, kMonth, kQuarter };

// An objective that is told by queries, whatever measures it. Of `good` and `bad` one is given.
struct SloSpec {
  std::string name;
  std::uint64_t target = 999'000;  // ppm
  std::chrono::milliseconds window{std::chrono::hours(30 * 24)};
  Calendar calendar = Calendar::kRolling;
  std::string good;                // PromQL that counts events within $window
  std::string bad;                 // likewise
  std::string total;               // likewise
  std::string bad_when;            // PromQL that has a value, or is not 0, while things are bad
  std::uint64_t slice_target = 0;  // ppm of the events of a slice; 0: events are counted
  std::vector<std::string> by;     // labels; an objective for each of their values
  std::uint64_t max_groups = 100;
};

// What every kind has.
struct ManifestCommon {
  std::string name;
  std::string name_space = "default";  // "namespace" is a word of the language
  std::string owner = "unowned";
  std::uint64_t tier = 2;         // 1 and 2 are paged for
  std::uint64_t cost_budget = 0;  // USD a month; 0: none
  std::chrono::milliseconds window{std::chrono::hours(30 * 24)};
  std::vector<std::string> depends_on;   // names of manifests
  std::vector<std::string> maintenance;  // "FROM/TO REASON", see exclusion.h
  std::vector<SloSpec> slos;
};

struct ClickHouseCluster {
  ManifestCommon common;
  std::uint64_t replication = 0;  // replicas of each shard; 0: not told, as below
  std::uint64_t shards = 0;
  std::string cluster;          // as system.clusters has it; empty: whichever fits
  std::uint64_t memory_gb = 0;  // of each server
  std::uint64_t retention_days = 0;
  bool backup_to_s3 = false;
  std::uint64_t alert_on_cpu = 90;  // percent
  std::uint64_t alert_on_disk = 85;
  std::vector<std::string> endpoints;           // HOST:PORT as in server.address and server.port
  std::uint64_t availability_target = 999'000;  // ppm
  std::uint64_t queries_target = 990'000;
  std::uint64_t latency_target = 990'000;
  std::chrono::milliseconds latency_below{1'000};
};

enum class SourceType : std::uint8_t { kKafka };
enum class TransformType : std::uint8_t { kNone, kKsqlDb };
enum class SinkType : std::uint8_t { kClickHouse };

struct DataPipeline {
  ManifestCommon common;
  SourceType source = SourceType::kKafka;
  std::string cluster;  // kafka.cluster.alias; empty: whichever has the topic
  std::string topic;
  std::string consumer_group;
  std::string schema_registry;
  std::string dead_letter_topic;
  TransformType transform = TransformType::kNone;
  std::string query;
  SinkType sink = SinkType::kClickHouse;
  std::string table;
  std::string partition_key;
  std::string order_key;
  std::uint64_t on_backlog = 0;  // records; 0: no alert
  std::string on_failure;        // "slack://#channel"
  std::string slack_url_file = "/etc/alertmanager/slack-url";
  std::chrono::milliseconds fresh_within{5'000};
  std::uint64_t freshness_target = 999'000;
  std::uint64_t completeness_target = 999'900;
};

struct KafkaCluster {
  ManifestCommon common;
  std::string cluster;        // kafka.cluster.alias; empty: all that are measured
  std::uint64_t brokers = 0;  // 0: not checked
  std::uint64_t alert_on_disk = 85;
  std::uint64_t availability_target = 999'000;
};

struct GpuPool {
  ManifestCommon common;
  std::uint64_t gpus = 0;  // 0: not checked
  std::string model;       // "H100"
  std::uint64_t memory_gb = 0;
  std::uint64_t alert_on_idle = 0;  // percent; 0: none
  std::uint64_t availability_target = 999'000;
};

struct ModelService {
  ManifestCommon common;
  std::string model;
  std::string endpoint;
  std::uint64_t availability_target = 999'000;
  std::uint64_t latency_target = 990'000;
  std::chrono::milliseconds first_token_below{1'000};
};

struct Service {
  ManifestCommon common;
  std::string workload;  // "deployment/checkout"
  std::uint64_t availability_target = 999'000;
  std::uint64_t latency_target = 990'000;
  std::chrono::milliseconds latency_below{1'000};
};

struct PlatformManifest {
  std::variant<ClickHouseCluster, DataPipeline, KafkaCluster, GpuPool, ModelService, Service> kind;
  Places places;  // of its keys: "spec.owner"; the root is ""
  std::string file;
  bool is_imported = false;  // written for another program

  const ManifestCommon& common() const {
    return std::visit([](const auto& one) -> const ManifestCommon& { return one.common; }, kind);
  }
  ManifestCommon& common() {
    return std::visit([](auto& one) -> ManifestCommon& { return one.common; }, kind);
  }
};

}  // namespace plumbline
