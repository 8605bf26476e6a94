// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/lag/lag_model.h"

#include <algorithm>
#include <set>
#include <utility>

namespace plumbline::kafka {
namespace {

Millis tolerance(Millis age) {
  return std::max(LagModel::kTolerance, age / LagModel::kToleranceShare);
}

bool is_precise(const TimeBracket& bracket, Millis now) {
  if (!bracket.not_before || !bracket.not_after) return false;
  return *bracket.not_after - *bracket.not_before <= tolerance(now - *bracket.not_after);
}

const PartitionState* partition_of(const Snapshot& snapshot,
                                   std::uint32_t topic,
                                   std::int32_t partition) {
  const auto& partitions = snapshot.topics[topic].partitions;
  const auto place = static_cast<std::size_t>(partition);
  if (partition < 0 || place >= partitions.size() || partitions[place].index != partition) {
    return nullptr;
  }
  return &partitions[place];
}

}  // namespace

void LagModel::see(const Snapshot& snapshot, Millis now) {
  snapshot_ = &snapshot;
  now_ = now;
  ++look_;
  rows_.clear();
  events_.clear();
  see_topics(snapshot, now);
  for (std::uint32_t i = 0; i < snapshot.groups.size(); ++i) see_group(snapshot, i, now);
  forget();
  // Only where somebody reads is it of use to know when records were written.
  std::size_t wanted = 0;
  for (const auto* topic : topics_by_place_) {
    wanted += static_cast<std::size_t>(std::count_if(topic->partitions.begin(),
                                                     topic->partitions.end(),
                                                     [](const auto& p) { return p.wanted; }));
  }
  const auto share = std::min(kMaxPointsPerPartition, kPoints / std::max<std::size_t>(wanted, 1));
  for (std::uint32_t i = 0; i < topics_by_place_.size(); ++i) {
    auto& partitions = topics_by_place_[i]->partitions;
    for (std::size_t p = 0; p < partitions.size(); ++p) {
      const auto readable = snapshot.topics[i].partitions[p].stable;
      if (!partitions[p].wanted || readable < 0) continue;
      partitions[p].timeline.set_capacity(share);
      partitions[p].timeline.observe_end(readable, now);
    }
  }
  date_rows();
}

void LagModel::see_topics(const Snapshot& snapshot, Millis now) {
  topics_by_place_.clear();
  for (const auto& topic : snapshot.topics) {
    auto [entry, is_new] = topics_.try_emplace(topic.name);
    auto& known = entry->second;
    if (!is_new && known.id != topic.id) {
      ++recreated_;
      known = {};
    }
    if (known.serial == 0) {
      known.serial = next_serial_++;
      known.id = topic.id;
    }
    known.last_look = look_;
    known.partitions.resize(topic.partitions.size());
    for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
      auto& partition = known.partitions[i];
      const auto end = topic.partitions[i].end;
      const auto seconds = static_cast<double>(now - partition.seen) / 1'000;
      if (partition.end >= 0 && end >= partition.end && seconds > 0) {
        const auto now_rate = static_cast<double>(end - partition.end) / seconds;
        partition.rate = smooth_rate(partition.rate, now_rate, seconds, !partition.has_rate);
        partition.has_rate = true;
      }
      partition.end = end;
      partition.seen = now;
    }
    topics_by_place_.push_back(&known);
  }
}

void LagModel::see_group(const Snapshot& snapshot, std::uint32_t place, Millis now) {
  const auto& state = snapshot.groups[place];
  auto& group = groups_[state.id];
  group.last_look = look_;
  count_rebalance(state, group);
  for (const auto& commit : state.commits) see_commit(snapshot, place, commit, group, now);
}

// A KIP-848 group counts its changes itself; of a classic one only that partitions changed hands is
// to be seen from outside.
void LagModel::count_rebalance(const GroupState& state, GroupTrack& group) {
  if (state.members < 0) return;
  if (group.described) {
    if (state.epoch >= 0 && group.epoch >= 0) {
      group.rebalances += static_cast<std::uint64_t>(std::max(state.epoch - group.epoch, 0));
    } else if (state.assignment_hash != group.assignment_hash) {
      ++group.rebalances;
    }
  }
  group.described = true;
  group.epoch = state.epoch;
  group.assignment_hash = state.assignment_hash;
}

void LagModel::see_commit(const Snapshot& snapshot,
                          std::uint32_t place,
                          const Commit& commit,
                          GroupTrack& group,
                          Millis now) {
  LagRow row{.group = place,
             .topic = commit.topic,
             .partition = commit.partition,
             .committed = commit.offset};
  const auto* partition = partition_of(snapshot, commit.topic, commit.partition);
  const Sighting sighting{.now = now,
                          .committed = commit.offset,
                          .start = partition ? partition->start : kUnknown,
                          .stable = partition ? partition->stable : kUnknown,
                          .end = partition ? partition->end : kUnknown};
  if (sighting.end >= 0) row.lag = sighting.end - commit.offset;
  if (commit.lag >= 0) row.lag = commit.lag;
  if (sighting.stable >= 0) row.stable_lag = sighting.stable - commit.offset;
  auto& topic = *topics_by_place_[commit.topic];
  const auto key =
      std::uint64_t{topic.serial} << 32U | static_cast<std::uint32_t>(commit.partition);
  auto& known = group.partitions[key];
  auto& consumer = known.track;
  const auto happened = consumer.see(sighting);
  // Nothing is there: what comes there is another record, after a log was cut.
  if (sighting.end >= 0 && known.first_unread.offset >= sighting.end) known.first_unread = {};
  if (happened.rewound_from || happened.lost() > 0 || happened.beyond_end) {
    auto& totals = group.totals[snapshot.topics[commit.topic].name];
    totals.lost += static_cast<std::uint64_t>(happened.lost());
    totals.rewinds += happened.rewound_from ? 1 : 0;
    events_.push_back({.group = place,
                       .topic = commit.topic,
                       .partition = commit.partition,
                       .happened = happened});
  }
  row.verdict = consumer.verdict(now, snapshot.groups[place].members);
  row.track = &consumer;
  row.first_unread = &known.first_unread;
  if (auto* log = track(commit.topic, commit.partition)) {
    log->wanted = true;
    const auto gain = consumer.rate().value_or(0) - log->rate;
    if (row.stable_lag && *row.stable_lag > 0 && log->has_rate && gain > 0) {
      row.catch_up_seconds = static_cast<double>(*row.stable_lag) / gain;
    }
  }
  rows_.push_back(row);
}

LagModel::PartitionTrack* LagModel::track(std::uint32_t topic, std::int32_t partition) const {
  auto& partitions = topics_by_place_[topic]->partitions;
  const auto place = static_cast<std::size_t>(partition);
  return partition >= 0 && place < partitions.size() ? &partitions[place] : nullptr;
}

// What was committed before the log begins is gone: the first record that can be read counts.
std::int64_t LagModel::first_unread(const LagRow& row) const {
  const auto* partition = partition_of(*snapshot_, row.topic, row.partition);
  return partition == nullptr ? row.committed : std::max(row.committed, partition->start);
}

bool LagModel::is_dated(const LagRow& row) const {
  return row.first_unread->offset == first_unread(row);
}

LagTime LagModel::age_of(const DatedRecord& record) const {
  const auto age = [this](Millis time) { return std::max(now_ - time, Millis{0}); };
  return {.value = age(record.guess),
          .lower = age(record.not_after),
          .upper = age(record.not_before),
          .from_broker = record.from_broker};
}

std::optional<LagTime> LagModel::time_of(const LagRow& row) const {
  if (!row.stable_lag) return std::nullopt;
  if (*row.stable_lag <= 0) return LagTime{};
  const auto* log = track(row.topic, row.partition);
  if (log == nullptr) return std::nullopt;
  if (is_dated(row)) return age_of(*row.first_unread);
  const auto offset = first_unread(row);
  const auto bracket = log->timeline.bracket(offset);
  const auto guess = log->timeline.guess(offset);
  if (!bracket.not_before || !bracket.not_after || !guess) return std::nullopt;
  const DatedRecord record{.offset = offset,
                           .from_broker = bracket.from_broker,
                           .not_before = *bracket.not_before,
                           .not_after = *bracket.not_after,
                           .guess = *guess};
  if (is_precise(bracket, now_)) *row.first_unread = record;
  return age_of(record);
}

void LagModel::date_rows() {
  for (auto& row : rows_) row.time = time_of(row);
}

std::vector<LagModel::Question> LagModel::questions(unsigned round) const {
  std::vector<Question> out;
  std::set<std::pair<std::uint32_t, std::int32_t>> asked;  // a request may name a partition once
  for (const auto& row : rows_) {
    if (out.size() == kMaxQuestions) break;
    if (!row.stable_lag || *row.stable_lag <= 0) continue;
    const auto* log = track(row.topic, row.partition);
    if (log == nullptr) continue;
    const auto offset = first_unread(row);
    if (is_dated(row) || is_precise(log->timeline.bracket(offset), now_)) continue;
    if (!asked.emplace(row.topic, row.partition).second) continue;
    out.push_back({.topic = row.topic,
                   .partition = row.partition,
                   .time = log->timeline.question(offset, round)});
  }
  return out;
}

void LagModel::learn(
    std::uint32_t topic, std::int32_t partition, Millis asked, std::int64_t offset, Millis time) {
  auto* log = track(topic, partition);
  const auto* state = partition_of(*snapshot_, topic, partition);
  if (log == nullptr || state == nullptr) return;
  if (offset >= 0) {
    log->timeline.learn(asked, offset, time);
  } else if (state->stable >= 0) {
    log->timeline.learn_none(asked, state->stable);
  }
}

std::uint64_t LagModel::rebalances(const std::string& group) const {
  const auto found = groups_.find(group);
  return found == groups_.end() ? 0 : found->second.rebalances;
}

LagModel::Totals LagModel::totals(const std::string& group, const std::string& topic) const {
  const auto found = groups_.find(group);
  if (found == groups_.end()) return {};
  const auto total = found->second.totals.find(topic);
  return total == found->second.totals.end() ? Totals{} : total->second;
}

void LagModel::forget() {
  std::erase_if(topics_,
                [&](const auto& topic) { return look_ - topic.second.last_look > kForgetLooks; });
  std::erase_if(groups_,
                [&](const auto& group) { return look_ - group.second.last_look > kForgetLooks; });
}

}  // namespace plumbline::kafka
