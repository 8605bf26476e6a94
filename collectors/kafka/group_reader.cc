// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/group_reader.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "collectors/kafka/from_wire.h"
#include "collectors/kafka/run_all.h"
#include "collectors/kafka/wire/groups.h"
#include "collectors/kafka/wire/offsets.h"

namespace plumbline::kafka {

namespace asio = boost::asio;

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

template <class Request>
asio::awaitable<void> describe(Look& look,
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

asio::awaitable<void> read_commits(Look& look,
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

asio::awaitable<void> read_share_offsets(Look& look,
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
        known->commits.push_back({.topic = place->second,
                                  .partition = partition.index,
                                  .offset = partition.start,
                                  .lag = plausible_offset(partition.lag)});
      }
    }
  }
}

}  // namespace

asio::awaitable<void> read_groups(std::shared_ptr<Connection> coordinator,
                                  std::int32_t broker,
                                  NameFilter& filter,
                                  Look& look) {
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
    if (!filter.accepts(group.id) || !look.snapshot.share.has_group(group.id)) continue;
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

}  // namespace plumbline::kafka
