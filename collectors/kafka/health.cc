// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/health.h"

#include <charconv>
#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "collectors/kafka/run_all.h"
#include "collectors/kafka/wire/cluster.h"

namespace plumbline::kafka {

namespace asio = boost::asio;

namespace {

template <class Number>
std::optional<Number> number(std::optional<std::string_view> text) {
  Number value{};
  if (!text) return std::nullopt;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), value);
  if (read.ec != std::errc() || value < 0) return std::nullopt;
  return value;
}

TopicSettings to_settings(const DescribeConfigsResponse::Resource& resource) {
  TopicSettings settings;
  for (const auto& setting : resource.settings) {
    if (setting.name == "min.insync.replicas") {
      settings.min_in_sync = number<std::int32_t>(setting.value);
    } else if (setting.name == "retention.ms") {
      settings.retention_ms = number<std::int64_t>(setting.value);
    } else if (setting.name == "cleanup.policy" && setting.value) {
      settings.deletes = setting.value->find("delete") != std::string_view::npos;
    }
  }
  return settings;
}

std::optional<std::int64_t> if_known(std::int64_t bytes) {
  return bytes < 0 ? std::nullopt : std::optional(bytes);
}

asio::awaitable<void> read_directories(std::shared_ptr<Connection> connection,
                                       std::int32_t broker,
                                       Snapshot& snapshot,
                                       Health& health,
                                       Deadline deadline) {
  auto reply = co_await connection->call(DescribeLogDirsRequest{}, deadline);
  if (!reply) {
    snapshot.refuse(ApiKey::kDescribeLogDirs, reply.error());
    co_return;
  }
  if (reply->value.error != broker_error::kNone) {
    snapshot.refuse(ApiKey::kDescribeLogDirs, reply->value.error, "the cluster");
  }
  for (const auto& directory : reply->value.directories) {
    if (directory.error != broker_error::kNone) {
      snapshot.refuse(ApiKey::kDescribeLogDirs,
                      directory.error,
                      fmt::format("directory {} of broker {}", directory.path, broker));
      continue;
    }
    health.directories.push_back({.broker = broker,
                                  .path = std::string(directory.path),
                                  .log_bytes = directory.log_bytes,
                                  .total_bytes = if_known(directory.total_bytes),
                                  .free_bytes = if_known(directory.free_bytes)});
  }
}

asio::awaitable<void> read_reassignments(std::shared_ptr<Connection> connection,
                                         Snapshot& snapshot,
                                         Health& health,
                                         Deadline deadline) {
  auto reply = co_await connection->call(ListPartitionReassignmentsRequest{}, deadline);
  if (!reply) {
    snapshot.refuse(ApiKey::kListPartitionReassignments, reply.error());
  } else if (reply->value.error != broker_error::kNone) {
    snapshot.refuse(ApiKey::kListPartitionReassignments, reply->value.error, "the cluster");
  } else {
    health.reassigning = reply->value.partitions;
  }
}

}  // namespace

asio::awaitable<void> read_settings(const ClusterClient& client,
                                    Snapshot& snapshot,
                                    Health& health,
                                    Deadline deadline) {
  const auto connection = client.any_connection();
  if (!connection) co_return;
  std::vector<std::string> topics;
  topics.reserve(snapshot.topics.size());
  for (const auto& topic : snapshot.topics) topics.push_back(topic.name);
  if (topics.empty()) co_return;
  static const std::vector<std::string> kSettings{
      "cleanup.policy", "min.insync.replicas", "retention.ms"};
  const DescribeConfigsRequest request{.topics = topics, .settings = kSettings};
  auto reply = co_await connection->call(request, deadline);
  if (!reply) {
    snapshot.refuse(ApiKey::kDescribeConfigs, reply.error());
    co_return;
  }
  health.settings.clear();
  for (const auto& resource : reply->value.resources) {
    if (resource.error != broker_error::kNone) {
      snapshot.refuse(
          ApiKey::kDescribeConfigs, resource.error, fmt::format("topic {}", resource.name));
    } else {
      health.settings.emplace(resource.name, to_settings(resource));
    }
  }
}

asio::awaitable<void> read_disks(const ClusterClient& client,
                                 Snapshot& snapshot,
                                 Health& health,
                                 Deadline deadline) {
  health.directories.clear();
  health.reassigning.reset();
  std::vector<asio::awaitable<void>> parts;
  for (const auto& broker : snapshot.brokers) {
    if (auto connection = client.connection(broker.id)) {
      parts.push_back(
          read_directories(std::move(connection), broker.id, snapshot, health, deadline));
    }
  }
  if (auto connection = client.any_connection()) {
    parts.push_back(read_reassignments(std::move(connection), snapshot, health, deadline));
  }
  co_await run_all(std::move(parts));
}

}  // namespace plumbline::kafka
