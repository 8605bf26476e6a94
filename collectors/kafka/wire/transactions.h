// SPDX-License-Identifier: Apache-2.0
//
// Transactions as their coordinators know them. Unlike DescribeProducers this needs no right to
// read a topic, only to describe transactional ids; those a user may not describe are left out
// silently.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/kafka/wire/api.h"
#include "collectors/kafka/wire/cluster.h"
#include "collectors/kafka/wire/reader.h"
#include "collectors/kafka/wire/writer.h"

namespace plumbline::kafka {

struct ListTransactionsResponse {
  struct Transaction {
    std::string_view id;
    std::int64_t producer = -1;
    std::string_view state;
  };
  std::int16_t error = 0;
  std::vector<Transaction> transactions;
};

// Those that one broker coordinates and that are not over: nothing else keeps a log from being
// stable.
struct ListTransactionsRequest {
  using Response = ListTransactionsResponse;
  static constexpr auto kKey = ApiKey::kListTransactions;
  void write(Writer& out, std::int16_t version) const;
  static Response read(Reader& in, std::int16_t version);
};

struct DescribeTransactionsResponse {
  struct Transaction {
    std::int16_t error = 0;
    std::string_view id;
    std::string_view state;
    std::int32_t timeout_ms = 0;  // after which its coordinator aborts it
    std::int64_t start_ms = -1;   // Unix
    std::int64_t producer = -1;
    std::vector<TopicPartitions> topics;  // what it has written to
  };
  std::vector<Transaction> transactions;
};

// Of their coordinator.
struct DescribeTransactionsRequest {
  using Response = DescribeTransactionsResponse;
  static constexpr auto kKey = ApiKey::kDescribeTransactions;
  std::span<const std::string> ids;
  void write(Writer& out, std::int16_t version) const;
  static Response read(Reader& in, std::int16_t version);
};

}  // namespace plumbline::kafka
