// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/cluster_client.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "collectors/kafka/division/needed_topics.h"
#include "collectors/kafka/from_wire.h"
#include "collectors/kafka/group_reader.h"
#include "collectors/kafka/look.h"
#include "collectors/kafka/run_all.h"
#include "collectors/kafka/wire/metadata.h"

namespace plumbline::kafka {

namespace asio = boost::asio;

namespace {

PartitionState* partition(TopicState* topic, std::int32_t index) {
  const auto place = static_cast<std::size_t>(index);
  if (index < 0 || place >= topic->partitions.size()) return nullptr;
  return topic->partitions[place].index == index ? &topic->partitions[place] : nullptr;
}

}  // namespace

void ClusterClient::close() {
  if (seed_) seed_->close();
  for (const auto& [id, connection] : connections_) connection->close();
  seed_.reset();
  connections_.clear();
}

std::shared_ptr<Connection> ClusterClient::connection(std::int32_t broker) const {
  const auto found = connections_.find(broker);
  if (found == connections_.end() || !found->second->is_open()) return nullptr;
  return found->second;
}

std::shared_ptr<Connection> ClusterClient::any_connection() const {
  if (seed_ && seed_->is_open()) return seed_;
  for (const auto& [id, connection] : connections_) {
    if (connection->is_open()) return connection;
  }
  return nullptr;
}

asio::awaitable<Result<std::shared_ptr<Connection>>> ClusterClient::seed(Deadline deadline) {
  // A broker that is already known will do, and spares a connection.
  if (auto known = any_connection()) co_return known;
  Error last{.code = Errc::kUnavailable, .what = "no broker is named"};
  auto left = static_cast<int>(access_.bootstrap.size());
  for (const auto& url : access_.bootstrap) {
    const auto now = std::chrono::steady_clock::now();
    const auto until = now + (deadline - now) / left;
    --left;
    const Dialer dialer{
        .url = url, .tls = access_.tls, .server_name = access_.server_name, .alpn = Alpn::kNone};
    auto opened = co_await Connection::open(dialer, access_.credentials, traffic_, until);
    if (opened) {
      seed_ = *opened;
      co_return seed_;
    }
    last = opened.error();
  }
  co_return last;
}

asio::awaitable<Result<void>> ClusterClient::read_metadata(Look& look) {
  auto connection = co_await seed(look.deadline);
  if (!connection) co_return connection.error();
  auto reply = co_await (*connection)->call(MetadataRequest{}, look.deadline);
  if (!reply) co_return reply.error();
  const auto& metadata = reply->value;
  look.snapshot.controller = metadata.controller;
  look.snapshot.share = share_;
  for (const auto& topic : metadata.topics) {
    if (topic.error != broker_error::kNone) {
      look.snapshot.refuse(ApiKey::kMetadata, topic.error, fmt::format("topic {}", topic.name));
    }
    if (topic.name == access_.canary_topic) {
      look.snapshot.canary_partitions = topic.partitions.size();
      continue;  // the canary tells of it, and its group is nobody's lag
    }
    if (topic.name == share_.topic()) {
      look.snapshot.share.set_partitions(topic.partitions.size());
    }
    if (topic.internal || !topics_filter_.accepts(topic.name)) continue;
    const auto place = static_cast<std::uint32_t>(look.snapshot.topics.size());
    if (!look.topics.emplace(topic.name, place).second) continue;
    look.snapshot.topics.push_back(to_topic(topic));
  }
  std::vector<asio::awaitable<void>> parts;
  for (const auto& broker : metadata.brokers) {
    Url url{.scheme = access_.tls ? "https" : "http",
            .host = std::string(broker.host),
            .port = static_cast<std::uint16_t>(broker.port)};
    look.snapshot.brokers.push_back({.id = broker.id, .address = url.authority()});
    parts.push_back(connect(look, look.snapshot.brokers.back(), std::move(url)));
  }
  std::erase_if(connections_, [&](const auto& known) {
    return std::none_of(metadata.brokers.begin(), metadata.brokers.end(), [&](const auto& broker) {
      return broker.id == known.first;
    });
  });
  co_await run_all(std::move(parts));
  co_return Result<void>();
}

asio::awaitable<void> ClusterClient::connect(Look& look, BrokerState broker, Url url) {
  auto& known = connections_[broker.id];
  if (known && known->is_open() && known->name() == broker.address) co_return;
  if (seed_ && seed_->is_open() && seed_->name() == broker.address) {
    known = std::exchange(seed_, nullptr);
    co_return;
  }
  const Dialer dialer{.url = std::move(url),
                      .tls = access_.tls,
                      .server_name = access_.server_name,
                      .alpn = Alpn::kNone};
  auto opened = co_await Connection::open(dialer, access_.credentials, traffic_, look.deadline);
  if (opened) {
    connections_[broker.id] = *std::move(opened);
  } else {
    connections_.erase(broker.id);
    look.snapshot.refuse("connect", to_string(opened.error().code), opened.error().what);
  }
}

namespace {

// The three positions of a log, in the order in which they are asked for: stable before end, so
// that the one is never beyond the other.
struct Position {
  Isolation isolation;
  std::int64_t time;
  std::int64_t PartitionState::*field;
};

constexpr std::array kPositions{
    Position{Isolation::kReadCommitted, kLatest, &PartitionState::stable},
    Position{Isolation::kReadUncommitted, kLatest, &PartitionState::end},
    Position{Isolation::kReadUncommitted, kEarliest, &PartitionState::start},
};

}  // namespace

asio::awaitable<void> ClusterClient::read_ends(Look& look, std::int32_t broker) {
  const auto leader = connection(broker);
  if (!leader) co_return;
  std::vector<TopicTimes> topics;
  for (std::size_t i = 0; i < look.snapshot.topics.size(); ++i) {
    if (!look.needed[i]) continue;
    const auto& topic = look.snapshot.topics[i];
    TopicTimes times{.topic = topic.name, .partitions = {}};
    for (const auto& partition : topic.partitions) {
      if (partition.leader == broker) times.partitions.push_back({.index = partition.index});
    }
    if (!times.partitions.empty()) topics.push_back(std::move(times));
  }
  if (topics.empty()) co_return;

  const auto ask = [](Look& now,
                      std::shared_ptr<Connection> connection,
                      std::vector<TopicTimes> wanted,
                      Position position) -> asio::awaitable<void> {
    for (auto& topic : wanted) {
      for (auto& partition : topic.partitions) partition.time = position.time;
    }
    const ListOffsetsRequest request{.isolation = position.isolation, .topics = wanted};
    auto reply = co_await connection->call(request, now.deadline);
    if (!reply) {
      now.snapshot.refuse(ApiKey::kListOffsets, reply.error());
      co_return;
    }
    for (const auto& topic : reply->value.topics) {
      auto* state = now.topic(topic.name);
      if (state == nullptr) continue;
      for (const auto& found : topic.partitions) {
        if (found.error != broker_error::kNone) {
          now.snapshot.refuse(
              ApiKey::kListOffsets, found.error, fmt::format("topic {}", topic.name));
        } else if (auto* known = partition(state, found.index); known != nullptr) {
          known->*position.field = plausible_offset(found.offset);
        }
      }
    }
  };
  std::vector<asio::awaitable<void>> parts;
  parts.reserve(kPositions.size());
  for (const auto& position : kPositions) parts.push_back(ask(look, leader, topics, position));
  co_await run_all(std::move(parts));
}

asio::awaitable<Result<Snapshot>> ClusterClient::look(Deadline deadline) {
  Look look{.deadline = deadline};
  auto known = co_await read_metadata(look);
  if (!known) {
    close();
    co_return known.error();
  }
  std::vector<asio::awaitable<void>> parts;
  for (const auto& broker : look.snapshot.brokers) {
    if (auto coordinator = connection(broker.id)) {
      parts.push_back(read_groups(std::move(coordinator), broker.id, groups_filter_, look));
    }
  }
  co_await run_all(std::move(parts));
  parts.clear();
  look.needed = needed_topics(look.snapshot);
  look.snapshot.offsets_time = clock_.wall();
  for (const auto& broker : look.snapshot.brokers) parts.push_back(read_ends(look, broker.id));
  co_await run_all(std::move(parts));
  put_in_order(look.snapshot.groups);
  co_return std::move(look.snapshot);
}

namespace {

// `questions` stand in the order of topic and partition.
void match_answers(const Snapshot& snapshot,
                   const std::vector<TimeQuestion>& questions,
                   const ListOffsetsResponse& answers,
                   std::vector<FoundRecord>& found) {
  std::unordered_map<std::string_view, std::uint32_t> places;
  for (const auto& question : questions) {
    places.emplace(snapshot.topics[question.topic].name, question.topic);
  }
  for (const auto& topic : answers.topics) {
    const auto place = places.find(topic.name);
    if (place == places.end()) continue;
    for (const auto& answer : topic.partitions) {
      const std::pair key(place->second, answer.index);
      const auto question = std::lower_bound(
          questions.begin(), questions.end(), key, [](const auto& q, const auto& wanted) {
            return std::pair(q.topic, q.partition) < wanted;
          });
      const bool asked =
          question != questions.end() && std::pair(question->topic, question->partition) == key;
      if (answer.error != broker_error::kNone || !asked) continue;
      found.push_back({.topic = question->topic,
                       .partition = question->partition,
                       .asked = question->time,
                       .offset = plausible_offset(answer.offset),
                       .time = answer.time});
    }
  }
}

}  // namespace

asio::awaitable<std::vector<FoundRecord>> ClusterClient::find_by_time(
    const Snapshot& snapshot, std::vector<TimeQuestion> questions, Deadline deadline) {
  std::vector<FoundRecord> found;
  std::sort(questions.begin(), questions.end(), [](const auto& a, const auto& b) {
    return std::pair(a.topic, a.partition) < std::pair(b.topic, b.partition);
  });
  const auto ask = [&](std::shared_ptr<Connection> leader,
                       std::vector<TimeQuestion> part) -> asio::awaitable<void> {
    std::vector<TopicTimes> topics;
    for (const auto& question : part) {
      const auto& name = snapshot.topics[question.topic].name;
      if (topics.empty() || topics.back().topic != name)
        topics.push_back({.topic = name, .partitions = {}});
      topics.back().partitions.push_back({.index = question.partition, .time = question.time});
    }
    auto reply = co_await leader->call(ListOffsetsRequest{.topics = topics}, deadline);
    if (reply) match_answers(snapshot, part, reply->value, found);
  };
  std::map<std::int32_t, std::vector<TimeQuestion>> by_leader;
  for (const auto& question : questions) {
    const auto& partitions = snapshot.topics[question.topic].partitions;
    by_leader[partitions[static_cast<std::size_t>(question.partition)].leader].push_back(question);
  }
  std::vector<asio::awaitable<void>> parts;
  for (auto& [broker, part] : by_leader) {
    if (auto leader = connection(broker)) parts.push_back(ask(std::move(leader), std::move(part)));
  }
  co_await run_all(std::move(parts));
  co_return found;
}

}  // namespace plumbline::kafka
