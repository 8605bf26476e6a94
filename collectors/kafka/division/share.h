// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plumbline::kafka {

// What one agent measures of a cluster. Every group, every topic and the cluster as a whole belongs
// to one partition of a coordination topic, and to the agent that holds this partition. Which one
// it is follows from the name alone, the same on every machine and in every version of the agent.
class Share {
 public:
  // Everything: the work is not divided.
  Share() = default;
  // What belongs to the partitions `held` of `topic`; nothing before set_partitions().
  Share(std::string topic, std::vector<std::int32_t> held);

  // How many partitions the topic has: 0 when there is no such topic.
  void set_partitions(std::size_t count) { partitions_ = count; }

  bool is_divided() const { return !topic_.empty(); }
  const std::string& topic() const { return topic_; }

  bool has_group(std::string_view id) const { return has('g', id); }
  // A dead-letter topic goes with the topic it belongs to: one is told beside the other.
  bool has_topic(std::string_view name) const;
  // What is said of the cluster as a whole.
  bool has_cluster() const { return has('c', {}); }
  // Whether all that `other` has is here too.
  bool covers(const Share& other) const;
  // Of the whole, 0 to 1.
  double size() const;

 private:
  bool has(char kind, std::string_view name) const;

  std::string topic_;
  std::vector<std::int32_t> held_;  // ascending
  std::size_t partitions_ = 0;
};

}  // namespace plumbline::kafka
