// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "agent/core/clock.h"
#include "collectors/clickhouse/check.h"
#include "collectors/clickhouse/client.h"

namespace plumbline::clickhouse {

// What is known of a server before it is looked at.
struct Facts {
  std::string version;            // "18.16.1"
  std::chrono::seconds uptime{};  // of the server
  std::int64_t now = 0;           // the server's clock when it was asked, in seconds since 1970
  Schema schema;                  // of the tables that checks need
  Settings settings;              // those that our queries may set, and do
  std::string restriction;        // why they may set none; empty when they may
};

// Asks the server what it is: three small queries.
boost::asio::awaitable<Result<Facts>> learn(Client& client,
                                            const ClickHouseConfig& config,
                                            Deadline deadline);

}  // namespace plumbline::clickhouse
