// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/http/deadline.h"
#include "collectors/kafka/cluster_client.h"
#include "collectors/kafka/snapshot.h"
#include "collectors/kafka/transactions.h"

namespace plumbline::kafka {

// The settings of a topic that say what it takes to lose records.
struct TopicSettings {
  std::optional<std::int32_t> min_in_sync;
  std::optional<std::int64_t> retention_ms;  // nullopt: for ever, or not known
  bool deletes = false;                      // cleanup.policy: old records go by age
};

struct LogDirectory {
  std::int32_t broker = -1;
  std::string path;
  std::int64_t log_bytes = 0;
  std::optional<std::int64_t> total_bytes;  // of its file system
  std::optional<std::int64_t> free_bytes;
};

// What changes slowly, or is asked for only where it is of interest.
struct Health {
  std::unordered_map<std::string, TopicSettings> settings;  // by topic
  std::vector<LogDirectory> directories;
  std::optional<std::int32_t> reassigning;  // partitions on the move
  std::vector<OpenTransaction> transactions;
};

// Settings of all topics in the snapshot: one request.
boost::asio::awaitable<void> read_settings(const ClusterClient& client,
                                           Snapshot& snapshot,
                                           Health& health,
                                           Deadline deadline);
// Log directories, one request a broker, and partitions on the move, one for all.
boost::asio::awaitable<void> read_disks(const ClusterClient& client,
                                        Snapshot& snapshot,
                                        Health& health,
                                        Deadline deadline);
}  // namespace plumbline::kafka
