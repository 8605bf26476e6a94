// SPDX-License-Identifier: Apache-2.0
//
// Whether a manifest says what is. Pure: what is there comes from whoever looked.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/manifest/kinds.h"

namespace plumbline {

// A table as a server of ClickHouse has it.
struct LiveTable {
  std::string server;  // "ch-1:8123"
  std::string name;    // "analytics.user_events"
  std::string partition_key;
  std::string order_key;
  std::optional<bool> has_ttl;
  std::optional<double> kept_seconds;  // of a TTL that deletes rows
};

// A cluster as a server's configuration has it.
struct LiveCluster {
  std::string server;
  std::string name;
  std::uint64_t shards = 0;
  std::uint64_t replicas = 0;  // of the shard that has the fewest
};

struct LiveFacts {
  std::vector<LiveTable> tables;
  std::vector<LiveCluster> clusters;
  std::map<std::string, double> memory_bytes;  // that a server may use
};

// What is known of one field. A field that nobody could look at has none.
struct FieldAgreement {
  std::string_view field;  // "spec.retentionDays"
  bool agrees = false;
  std::string sentence;  // what is there instead; empty when it agrees
};

std::vector<FieldAgreement> agreements_of(const PlatformManifest& manifest, const LiveFacts& facts);

// "(userId, eventTime)" and "userId,eventTime" are one key.
std::string plain_key(std::string_view key);

}  // namespace plumbline
