// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/from_wire.h"

#include <algorithm>
#include <functional>
#include <string_view>

namespace plumbline::kafka {

namespace {

// Independent of the order in which members and partitions are told.
std::uint64_t hash_of(const DescribedGroups::Group& group) {
  std::uint64_t sum = 0;
  const std::hash<std::string_view> hash;
  for (const auto& member : group.members) {
    sum += hash(member.id);
    for (const auto& assigned : member.assigned) {
      for (const auto partition : assigned.partitions) {
        const auto mixed = hash(member.id) * 31 + hash(assigned.topic);
        sum += (mixed ^ static_cast<std::uint64_t>(partition)) * 0x9E3779B97F4A7C15U;
      }
    }
  }
  return sum;
}

}  // namespace

// Every topic is found in its place by index later, so a hostile or odd answer must not leave gaps.
TopicState to_topic(const MetadataResponse::Topic& from) {
  TopicState topic{.name = std::string(from.name), .id = from.id, .internal = from.internal};
  for (const auto& p : from.partitions) {
    topic.partitions.push_back(
        {.index = p.index,
         .leader = p.leader,
         .replicas = static_cast<std::int32_t>(p.replicas.size()),
         .in_sync = p.in_sync,
         .preferred_leader = p.replicas.empty() || p.replicas.front() == p.leader});
  }
  std::sort(topic.partitions.begin(), topic.partitions.end(), [](const auto& a, const auto& b) {
    return a.index < b.index;
  });
  return topic;
}

GroupKind kind_of(const ListGroupsResponse::Group& group) {
  const auto is = [&](std::string_view type) {
    return group.type.size() == type.size() &&
           std::equal(type.begin(), type.end(), group.type.begin(), [](char a, char b) {
             return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b);
           });
  };
  if (is("consumer")) return GroupKind::kConsumer;
  if (is("share")) return GroupKind::kShare;
  if (is("streams")) return GroupKind::kStreams;
  return GroupKind::kClassic;
}

void take_description(const DescribedGroups::Group& from, GroupState& to) {
  if (!from.state.empty()) to.state = from.state;
  to.members = static_cast<std::int32_t>(from.members.size());
  to.idle_members = static_cast<std::int32_t>(
      std::count_if(from.members.begin(), from.members.end(), [](const auto& member) {
        return std::all_of(member.assigned.begin(), member.assigned.end(), [](const auto& a) {
          return a.partitions.empty();
        });
      }));
  to.epoch = from.epoch;
  to.assignment_hash = hash_of(from);
}

}  // namespace plumbline::kafka
