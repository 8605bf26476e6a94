// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/markers.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "collectors/kafka/run_all.h"

namespace plumbline::kafka {

namespace asio = boost::asio;

namespace {

// A marker takes 78 bytes; with so many, and not one record, all of kMost fit.
constexpr std::int32_t kPartitionBytes = 4'096;
// The batch that comes whole, however large, leaves room for the others.
constexpr std::int32_t kAllBytes = 8 << 20;
constexpr std::chrono::minutes kForgive{5};

// The partition, if this commit is close enough to its end to be behind markers alone.
const PartitionState* near_end(const Snapshot& snapshot,
                               const GroupState& group,
                               const Commit& commit) {
  const auto& partitions = snapshot.topics[commit.topic].partitions;
  const auto place = static_cast<std::size_t>(commit.partition);
  if (group.kind == GroupKind::kShare || commit.partition < 0 || place >= partitions.size()) {
    return nullptr;
  }
  const auto& partition = partitions[place];
  const auto unread = partition.stable - commit.offset;
  const bool near = partition.stable >= 0 && unread > 0 && unread <= Markers::kMost;
  return near && partition.leader >= 0 && commit.offset >= partition.start ? &partition : nullptr;
}

}  // namespace

void Markers::see(const Snapshot& snapshot) {
  ++look_;
  for (const auto& group : snapshot.groups) {
    for (const auto& commit : group.commits) {
      const auto* partition = near_end(snapshot, group, commit);
      if (partition == nullptr) continue;
      auto& end = ends_[{snapshot.topics[commit.topic].name, commit.partition}];
      if (end.look != look_) {
        end.rests = end.stable == partition->stable;
        if (!end.rests) end = {.stable = partition->stable, .begin = partition->stable};
        end.look = look_;
        end.leader = partition->leader;
        end.next = kUnknown;
      }
      if (commit.offset < end.begin) end.next = std::max(end.next, commit.offset);
    }
  }
  std::erase_if(ends_, [&](const auto& entry) { return entry.second.look != look_; });
}

asio::awaitable<void> Markers::find(const ClusterClient& client,
                                    Snapshot& snapshot,
                                    Clock::Steady now,
                                    Deadline deadline) {
  if (now >= forgive_at_) {
    denied_.clear();
    forgive_at_ = now + kForgive;
  }
  see(snapshot);
  std::map<std::int32_t, std::vector<Place>> by_leader;
  std::size_t asked = 0;
  for (const auto& [place, end] : ends_) {
    if (!end.rests || end.closed || end.next < 0 || denied_.contains(place.first)) continue;
    if (++asked > kPartitionsPerLook) break;
    by_leader[end.leader].push_back(place);
  }
  std::vector<asio::awaitable<void>> parts;
  for (auto& [broker, places] : by_leader) {
    if (auto leader = client.connection(broker)) {
      parts.push_back(ask(std::move(leader), std::move(places), snapshot, deadline));
    }
  }
  if (!parts.empty()) co_await run_all(std::move(parts));
  for (auto& group : snapshot.groups) {
    for (auto& commit : group.commits) {
      if (near_end(snapshot, group, commit) == nullptr) continue;
      const auto& end = ends_.at({snapshot.topics[commit.topic].name, commit.partition});
      if (commit.offset >= end.begin) commit.markers = end.stable - commit.offset;
    }
  }
}

asio::awaitable<void> Markers::ask(std::shared_ptr<Connection> leader,
                                   std::vector<Place> places,
                                   Snapshot& snapshot,
                                   Deadline deadline) {
  std::vector<FetchTopic> topics;
  for (const auto& place : places) {
    if (topics.empty() || topics.back().topic != place.first) {
      topics.push_back({.topic = place.first, .partitions = {}});
    }
    topics.back().partitions.push_back({.partition = place.second, .offset = ends_.at(place).next});
  }
  const FetchRequest request{
      .topics = topics, .partition_bytes = kPartitionBytes, .all_bytes = kAllBytes};
  auto reply = co_await leader->call(request, deadline);
  if (!reply) {
    snapshot.refuse(ApiKey::kFetch, reply.error());
    co_return;
  }
  if (reply->value.error != broker_error::kNone) {
    snapshot.refuse(ApiKey::kFetch, reply->value.error, "the cluster");
  }
  for (const auto& topic : reply->value.topics) {
    for (const auto& answer : topic.partitions) {
      const Place place(topic.name, answer.index);
      if (std::find(places.begin(), places.end(), place) == places.end()) continue;
      learn(place, answer, snapshot);
    }
  }
}

// Whatever has been compacted away before a marker nobody can read either. A batch too large to be
// sent leaves the answer empty: it is one of records.
void Markers::learn(const Place& place,
                    const FetchResponse::Partition& answer,
                    Snapshot& snapshot) {
  if (answer.error == broker_error::kTopicAuthorizationFailed) {
    denied_.insert(place.first);
    return;
  }
  if (answer.error != broker_error::kNone) {
    snapshot.refuse(ApiKey::kFetch, answer.error, fmt::format("topic {}", place.first));
    return;
  }
  auto& end = ends_.at(place);
  auto begin = end.next;
  auto position = end.next;
  for (const auto& batch : answer.batches) {
    if (batch.first >= end.begin) break;
    position = batch.last + 1;
    if (batch.is_control) continue;
    begin = position;
    end.closed = true;
  }
  if (position >= end.begin) {
    end.begin = std::min(begin, end.begin);
  } else {
    end.closed = true;
  }
}

}  // namespace plumbline::kafka
