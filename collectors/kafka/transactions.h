// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/http/deadline.h"
#include "collectors/kafka/cluster_client.h"
#include "collectors/kafka/snapshot.h"

namespace plumbline::kafka {

// A transaction that holds up everyone who reads committed records only, on one partition.
struct OpenTransaction {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t producer = -1;
  std::int64_t start = kUnknown;         // the first offset of it, where the leader told it
  std::string id;                        // transactional; empty: no coordinator told of it
  std::optional<std::int64_t> since_ms;  // Unix; as its coordinator knows
  // After which it should have been aborted; the default of transaction.max.timeout.ms when no
  // coordinator told: what is open longer then is hanging, and nobody will end it.
  std::int64_t timeout_ms = 900'000;
};

// Who holds a transaction open on partitions whose last stable offset is not their end. The
// coordinators are asked first, two requests to each broker; where none knows, the leaders are,
// which takes the right to read. No request when there is no such partition.
boost::asio::awaitable<std::vector<OpenTransaction>> read_transactions(const ClusterClient& client,
                                                                       Snapshot& snapshot,
                                                                       Deadline deadline);

}  // namespace plumbline::kafka
