// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/cluster_client.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "collectors/kafka/from_wire.h"
#include "collectors/kafka/run_all.h"
#include "collectors/kafka/wire/groups.h"
#include "collectors/kafka/wire/metadata.h"

namespace plumbline::kafka {

namespace asio = boost::asio;

namespace {

// Found by a text in an answer without a copy of it: there may be one for each group.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};
using Places = std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>>;

PartitionState* partition(TopicState* topic, std::int32_t index) {
  const auto place = static_cast<std::size_t>(index);
  if (index < 0 || place >= topic->partitions.size()) return nullptr;
  return topic->partitions[place].index == index ? &topic->partitions[place] : nullptr;
}

}  // namespace

// What one look() has gathered so far. Everything runs on one thread; parts that run side by side
// write to different groups and partitions.
struct ClusterClient::Look {
  Deadline deadline;
  Snapshot snapshot{};
  Places topics{};
  Places groups{};

  TopicState* topic(std::string_view name) {
    const auto found = topics.find(name);
    return found == topics.end() ? nullptr : &snapshot.topics[found->second];
  }
  GroupState* group(std::string_view id) {
    const auto found = groups.find(id);
    return found == groups.end() ? nullptr : &snapshot.groups[found->second];
  }
};

namespace {

std::vector<std::vector<std::string>> in_chunks(const std::vector<std::string>& names,
                                                std::size_t size) {
  std::vector<std::vector<std::string>> out;
  for (std::size_t i = 0; i < names.size(); i += size) {
    const auto first = names.begin() + static_cast<std::ptrdiff_t>(i);
    const auto left = std::min(size, names.size() - i);
    out.emplace_back(first, first + static_cast<std::ptrdiff_t>(left));
  }
  return out;
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
  for (const auto& topic : metadata.topics) {
    if (topic.error != broker_error::kNone) {
      look.snapshot.refuse(ApiKey::kMetadata, topic.error, fmt::format("topic {}", topic.name));
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

template <class Request>
asio::awaitable<void> ClusterClient::describe(Look& look,
                                              std::shared_ptr<Connection> connection,
                                              std::vector<std::string> names) {
  Request request;
  request.groups = names;
  auto reply = co_await connection->call(request, look.deadline);
  if (!reply) {
    look.snapshot.refuse(Request::kKey, reply.error());
    co_return;
  }
  for (const auto& group : reply->value.groups) {
    auto* known = look.group(group.id);
    if (group.error == broker_error::kNone && known != nullptr) {
      take_description(group, *known);
    } else if (group.error != broker_error::kNone) {
      look.snapshot.refuse(Request::kKey, group.error, fmt::format("group {}", group.id));
    }
  }
}

asio::awaitable<void> ClusterClient::read_commits(Look& look,
                                                  std::shared_ptr<Connection> connection,
                                                  std::vector<std::string> names) {
  auto reply = co_await connection->call(OffsetFetchRequest{.groups = names}, look.deadline);
  if (!reply) {
    look.snapshot.refuse(ApiKey::kOffsetFetch, reply.error());
    co_return;
  }
  for (const auto& group : reply->value.groups) {
    const auto id = group.id.empty() ? std::string_view(names.front()) : group.id;
    if (group.error != broker_error::kNone) {
      look.snapshot.refuse(ApiKey::kOffsetFetch, group.error, fmt::format("group {}", id));
    }
    auto* known = look.group(id);
    if (known == nullptr) continue;
    for (const auto& topic : group.topics) {
      const auto place = look.topics.find(topic.name);
      if (place == look.topics.end()) continue;
      known->commits.reserve(known->commits.size() + topic.partitions.size());
      for (const auto& partition : topic.partitions) {
        if (partition.error != broker_error::kNone) {
          look.snapshot.refuse(
              ApiKey::kOffsetFetch, partition.error, fmt::format("topic {}", topic.name));
        } else if (plausible_offset(partition.committed) >= 0) {
          known->commits.push_back({.topic = place->second,
                                    .partition = partition.index,
                                    .offset = partition.committed});
        }
      }
    }
  }
}

asio::awaitable<void> ClusterClient::read_share_offsets(Look& look,
                                                        std::shared_ptr<Connection> connection,
                                                        std::vector<std::string> names) {
  auto reply =
      co_await connection->call(DescribeShareGroupOffsetsRequest{.groups = names}, look.deadline);
  if (!reply) {
    look.snapshot.refuse(ApiKey::kDescribeShareGroupOffsets, reply.error());
    co_return;
  }
  for (const auto& group : reply->value.groups) {
    if (group.error != broker_error::kNone) {
      look.snapshot.refuse(
          ApiKey::kDescribeShareGroupOffsets, group.error, fmt::format("group {}", group.id));
    }
    auto* known = look.group(group.id);
    if (known == nullptr) continue;
    for (const auto& topic : group.topics) {
      const auto place = look.topics.find(topic.name);
      if (place == look.topics.end()) continue;
      for (const auto& partition : topic.partitions) {
        if (partition.error != broker_error::kNone || plausible_offset(partition.start) < 0)
          continue;
        known->commits.push_back(
            {.topic = place->second, .partition = partition.index, .offset = partition.start});
      }
    }
  }
}

asio::awaitable<void> ClusterClient::read_groups(Look& look, std::int32_t broker) {
  const auto coordinator = connection(broker);
  if (!coordinator) co_return;
  auto listed = co_await coordinator->call(ListGroupsRequest{}, look.deadline);
  if (!listed) {
    look.snapshot.refuse(ApiKey::kListGroups, listed.error());
    co_return;
  }
  if (listed->value.error != broker_error::kNone) {
    look.snapshot.refuse(ApiKey::kListGroups, listed->value.error, "the cluster");
  }
  std::map<GroupKind, std::vector<std::string>> names;
  for (const auto& group : listed->value.groups) {
    if (!groups_filter_.accepts(group.id)) continue;
    const auto place = static_cast<std::uint32_t>(look.snapshot.groups.size());
    if (!look.groups.emplace(group.id, place).second) continue;
    const auto kind = kind_of(group);
    look.snapshot.groups.push_back({.id = std::string(group.id),
                                    .kind = kind,
                                    .state = std::string(group.state),
                                    .coordinator = broker});
    names[kind].emplace_back(group.id);
  }
  std::vector<asio::awaitable<void>> parts;
  const bool batched =
      coordinator->version(ApiKey::kOffsetFetch).value_or(0) >= OffsetFetchRequest::kFirstBatched;
  for (const auto& [kind, all] : names) {
    for (auto& chunk : in_chunks(all, kGroupsPerRequest)) {
      if (kind == GroupKind::kShare) {
        parts.push_back(read_share_offsets(look, coordinator, chunk));
        parts.push_back(describe<ShareGroupDescribeRequest>(look, coordinator, chunk));
        continue;
      }
      for (auto& part : in_chunks(chunk, batched ? kGroupsPerRequest : 1)) {
        parts.push_back(read_commits(look, coordinator, std::move(part)));
      }
      if (kind == GroupKind::kConsumer) {
        parts.push_back(describe<ConsumerGroupDescribeRequest>(look, coordinator, chunk));
      } else if (kind == GroupKind::kStreams) {
        parts.push_back(describe<StreamsGroupDescribeRequest>(look, coordinator, chunk));
      } else {
        parts.push_back(describe<DescribeGroupsRequest>(look, coordinator, chunk));
      }
    }
  }
  co_await run_all(std::move(parts));
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
  for (const auto& topic : look.snapshot.topics) {
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
  for (const auto& position : kPositions) parts.push_back(ask(look, leader, topics, position));
  co_await run_all(std::move(parts));
}

namespace {

// Brokers answer in any order; what follows finds everything where it was the last time. A broker
// that names a partition twice is believed once.
void put_in_order(std::vector<GroupState>& groups) {
  std::sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  const auto place = [](const Commit& commit) { return std::pair(commit.topic, commit.partition); };
  for (auto& group : groups) {
    auto& commits = group.commits;
    std::sort(commits.begin(), commits.end(), [&](const auto& a, const auto& b) {
      return place(a) < place(b);
    });
    const auto twice =
        std::unique(commits.begin(), commits.end(), [&](const auto& a, const auto& b) {
          return place(a) == place(b);
        });
    commits.erase(twice, commits.end());
  }
}

}  // namespace

asio::awaitable<Result<Snapshot>> ClusterClient::look(Deadline deadline) {
  Look look{.deadline = deadline};
  auto known = co_await read_metadata(look);
  if (!known) {
    close();
    co_return known.error();
  }
  std::vector<asio::awaitable<void>> parts;
  for (const auto& broker : look.snapshot.brokers) parts.push_back(read_groups(look, broker.id));
  co_await run_all(std::move(parts));
  parts.clear();
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
