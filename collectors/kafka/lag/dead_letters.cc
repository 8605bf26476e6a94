// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/lag/dead_letters.h"

#include <algorithm>

#include "collectors/kafka/lag/consumer_track.h"

namespace plumbline::kafka {
namespace {

std::int64_t depth(const PartitionState& partition) {
  return std::max(partition.end - partition.start, std::int64_t{0});
}

bool is_known(const PartitionState& partition) {
  return partition.start >= 0 && partition.end >= 0;
}

}  // namespace

void DeadLetters::see(const Snapshot& snapshot, Millis now) {
  snapshot_ = &snapshot;
  ++look_;
  for (std::uint32_t i = 0; i < snapshot.topics.size(); ++i) {
    const auto& topic = snapshot.topics[i];
    const auto source = source_of_dead_letters(topic.name);
    if (!source) continue;
    auto& known = known_[topic.name];
    if (known.id != topic.id) known = {.id = topic.id};
    known.place = i;
    known.source = *source;
    known.look = look_;
    known.oldest.resize(topic.partitions.size());
    follow(topic, now);
  }
  std::erase_if(known_, [&](const auto& entry) { return entry.second.look != look_; });
  for (const auto& topic : snapshot.topics) {
    const bool wanted = std::any_of(known_.begin(), known_.end(), [&](const auto& entry) {
      return entry.second.source == topic.name;
    });
    if (wanted) follow(topic, now);
  }
  std::erase_if(paces_, [&](const auto& entry) { return entry.second.look != look_; });
}

void DeadLetters::follow(const TopicState& topic, Millis now) {
  auto& pace = paces_[topic.name];
  pace.look = look_;
  std::int64_t end = 0;
  for (const auto& partition : topic.partitions) {
    if (partition.end < 0) return;
    end += partition.end;
  }
  const auto seconds = static_cast<double>(now - pace.seen) / 1'000;
  if (pace.end >= 0 && end >= pace.end && seconds > 0) {
    const auto rate = static_cast<double>(end - pace.end) / seconds;
    pace.rate = smooth_rate(pace.rate, rate, seconds, !pace.has_rate);
    pace.has_rate = true;
  }
  pace.end = end;
  pace.seen = now;
}

std::vector<DeadLetters::Question> DeadLetters::questions() const {
  std::vector<Question> out;
  for (const auto& [name, known] : known_) {
    const auto& partitions = snapshot_->topics[known.place].partitions;
    for (std::size_t i = 0; i < partitions.size(); ++i) {
      if (!is_known(partitions[i]) || depth(partitions[i]) == 0) continue;
      if (partitions[i].index != static_cast<std::int32_t>(i)) continue;  // an answer with gaps
      if (known.oldest[i].start == partitions[i].start) continue;
      out.push_back({.topic = known.place, .partition = partitions[i].index});
    }
  }
  return out;
}

void DeadLetters::learn(std::uint32_t topic,
                        std::int32_t partition,
                        std::int64_t offset,
                        Millis time) {
  const auto found = known_.find(snapshot_->topics[topic].name);
  const auto place = static_cast<std::size_t>(partition);
  if (found == known_.end() || place >= found->second.oldest.size()) return;
  const auto& state = snapshot_->topics[topic].partitions[place];
  // A record before the log's start was deleted in between: the next look asks again.
  if (offset >= state.start) found->second.oldest[place] = {.start = state.start, .time = time};
}

std::optional<double> DeadLetters::rate(const std::string& topic) const {
  const auto found = paces_.find(topic);
  if (found == paces_.end() || !found->second.has_rate) return std::nullopt;
  return found->second.rate;
}

std::vector<DeadLetters::Topic> DeadLetters::topics() const {
  std::vector<Topic> out;
  for (const auto& [name, known] : known_) {
    const auto& partitions = snapshot_->topics[known.place].partitions;
    if (!std::all_of(partitions.begin(), partitions.end(), is_known)) continue;
    Topic topic{.place = known.place, .growth = rate(name)};
    bool dated = true;
    for (std::size_t i = 0; i < partitions.size(); ++i) {
      if (depth(partitions[i]) == 0) continue;
      topic.depth += depth(partitions[i]);
      dated = dated && known.oldest[i].start == partitions[i].start;
      topic.oldest = std::min(topic.oldest.value_or(known.oldest[i].time), known.oldest[i].time);
    }
    if (!dated) topic.oldest.reset();
    const auto good = rate(known.source);
    if (topic.growth && good && *good > 0) topic.share_of_source = *topic.growth / *good;
    out.push_back(topic);
  }
  return out;
}

}  // namespace plumbline::kafka
