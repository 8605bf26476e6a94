// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/http/deadline.h"
#include "collectors/kafka/snapshot.h"

namespace plumbline::kafka {

// Found by a text in an answer without a copy of it: there may be one for each group.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};
using Places = std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>>;

// What one look at a cluster has gathered so far. Everything runs on one thread; parts that run
// side by side write to different groups and partitions.
struct Look {
  Deadline deadline;
  Snapshot snapshot{};
  Places topics{};
  Places groups{};
  std::vector<bool> needed{};  // by topic: its offsets are asked for

  TopicState* topic(std::string_view name) {
    const auto found = topics.find(name);
    return found == topics.end() ? nullptr : &snapshot.topics[found->second];
  }
  GroupState* group(std::string_view id) {
    const auto found = groups.find(id);
    return found == groups.end() ? nullptr : &snapshot.groups[found->second];
  }
};

}  // namespace plumbline::kafka
