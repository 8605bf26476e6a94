// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "collectors/kafka/look.h"
#include "collectors/kafka/name_filter.h"
#include "collectors/kafka/snapshot.h"
#include "collectors/kafka/wire/connection.h"

namespace plumbline::kafka {

// Groups in one request: an answer for that many is a few megabytes.
inline constexpr std::size_t kGroupsPerRequest = 2'000;

// The groups that one broker coordinates, their members and what they committed: one request for
// the list, two for each kGroupsPerRequest of a kind. A broker older than Kafka 3.0 is asked for
// the commits of one group after the other.
boost::asio::awaitable<void> read_groups(std::shared_ptr<Connection> coordinator,
                                         std::int32_t broker,
                                         NameFilter& filter,
                                         Look& look);

// Brokers answer in any order; what follows finds everything where it was the last time. A broker
// that names a partition twice is believed once.
void put_in_order(std::vector<GroupState>& groups);

}  // namespace plumbline::kafka
