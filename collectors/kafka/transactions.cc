// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/transactions.h"

#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "collectors/kafka/run_all.h"
#include "collectors/kafka/wire/cluster.h"
#include "collectors/kafka/wire/transactions.h"

namespace plumbline::kafka {

namespace asio = boost::asio;

namespace {

// What is held up and not yet explained, and what was found.
struct Search {
  Snapshot& snapshot;
  Deadline deadline;
  std::map<std::pair<std::string_view, std::int32_t>, std::int32_t> held{};  // leader
  std::set<std::pair<std::string_view, std::int32_t>> explained{};
  std::vector<OpenTransaction> found{};
};

void take(Search& search, const DescribeTransactionsResponse::Transaction& transaction) {
  for (const auto& topic : transaction.topics) {
    for (const auto partition : topic.partitions) {
      const auto held = search.held.find({topic.topic, partition});
      if (held == search.held.end()) continue;
      search.explained.insert(held->first);
      const bool begun = transaction.start_ms >= 0;
      search.found.push_back(
          {.topic = std::string(topic.topic),
           .partition = partition,
           .producer = transaction.producer,
           .id = std::string(transaction.id),
           .since_ms = begun ? std::optional(transaction.start_ms) : std::nullopt,
           .timeout_ms = transaction.timeout_ms});
    }
  }
}

asio::awaitable<void> ask_coordinator(std::shared_ptr<Connection> broker, Search& search) {
  auto listed = co_await broker->call(ListTransactionsRequest{}, search.deadline);
  if (!listed) {
    search.snapshot.refuse(ApiKey::kListTransactions, listed.error());
    co_return;
  }
  if (listed->value.error != broker_error::kNone) {
    search.snapshot.refuse(ApiKey::kListTransactions, listed->value.error, "the cluster");
  }
  std::vector<std::string> ids;
  for (const auto& transaction : listed->value.transactions) ids.emplace_back(transaction.id);
  if (ids.empty()) co_return;
  auto reply = co_await broker->call(DescribeTransactionsRequest{.ids = ids}, search.deadline);
  if (!reply) {
    search.snapshot.refuse(ApiKey::kDescribeTransactions, reply.error());
    co_return;
  }
  for (const auto& transaction : reply->value.transactions) {
    if (transaction.error == broker_error::kNone) {
      take(search, transaction);
    } else if (transaction.error != broker_error::kTransactionalIdNotFound) {  // over by now
      search.snapshot.refuse(ApiKey::kDescribeTransactions,
                             transaction.error,
                             fmt::format("transactional id {}", transaction.id));
    }
  }
}

asio::awaitable<void> ask_leader(std::shared_ptr<Connection> leader,
                                 std::vector<TopicPartitions> partitions,
                                 Search& search) {
  auto reply =
      co_await leader->call(DescribeProducersRequest{.topics = partitions}, search.deadline);
  if (!reply) {
    search.snapshot.refuse(ApiKey::kDescribeProducers, reply.error());
    co_return;
  }
  for (const auto& topic : reply->value.topics) {
    for (const auto& partition : topic.partitions) {
      if (partition.error != broker_error::kNone) {
        search.snapshot.refuse(
            ApiKey::kDescribeProducers, partition.error, fmt::format("topic {}", topic.name));
      }
      for (const auto& producer : partition.producers) {
        if (producer.transaction_start < 0) continue;
        search.found.push_back({.topic = std::string(topic.name),
                                .partition = partition.index,
                                .producer = producer.id,
                                .start = producer.transaction_start});
      }
    }
  }
}

}  // namespace

asio::awaitable<std::vector<OpenTransaction>> read_transactions(const ClusterClient& client,
                                                                Snapshot& snapshot,
                                                                Deadline deadline) {
  Search search{.snapshot = snapshot, .deadline = deadline};
  for (const auto& topic : snapshot.topics) {
    for (const auto& partition : topic.partitions) {
      if (partition.stable < 0 || partition.stable >= partition.end) continue;
      search.held.emplace(std::pair(std::string_view(topic.name), partition.index),
                          partition.leader);
    }
  }
  std::vector<asio::awaitable<void>> parts;
  if (search.held.empty()) co_return std::move(search.found);
  for (const auto& broker : snapshot.brokers) {
    if (auto open = client.connection(broker.id)) {
      parts.push_back(ask_coordinator(std::move(open), search));
    }
  }
  co_await run_all(std::move(parts));
  parts.clear();
  std::map<std::int32_t, std::vector<TopicPartitions>> by_leader;
  for (const auto& [place, leader] : search.held) {
    if (search.explained.contains(place)) continue;
    auto& topics = by_leader[leader];
    if (topics.empty() || topics.back().topic != place.first) {
      topics.push_back({.topic = place.first, .partitions = {}});
    }
    topics.back().partitions.push_back(place.second);
  }
  for (auto& [broker, topics] : by_leader) {
    if (auto leader = client.connection(broker)) {
      parts.push_back(ask_leader(std::move(leader), std::move(topics), search));
    }
  }
  co_await run_all(std::move(parts));
  co_return std::move(search.found);
}

}  // namespace plumbline::kafka
