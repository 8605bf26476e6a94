// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/lag/lag_model.h"

#include <algorithm>
#include <cstdint>
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

// Inside the bracket, whose sides are both known.
Millis likely(const TimeBracket& bracket, const std::optional<Millis>& guess) {
  const auto low = *bracket.not_before;
  const auto high = *bracket.not_after;
  if (guess && *guess >= low && *guess <= high) return *guess;
  return low + (high - low) / 2;
}

// What to ask a broker to make a bracket narrower. The guess is good where records come evenly, and
// then the record is hardly older than what was answered; the middle always halves.
Millis question(const TimeBracket& bracket,
                const std::optional<Millis>& guess,
                Millis now,
                unsigned round) {
  if (!bracket.not_before || !bracket.not_after) return 0;  // the oldest record, for a start
  const auto low = *bracket.not_before;
  const auto high = *bracket.not_after;
  auto wanted = low + (high - low) / 2;
  if (round % 2 == 0) wanted = likely(bracket, guess);
  if (round % 4 == 1) wanted = high - tolerance(now - high);
  return std::clamp(wanted, low + 1, std::max(low + 1, high));
}

// The first record at or after `asked` is `offset`, of `time`; offset < 0: there is none.
void narrow(DatedRecord& record, Millis asked, std::int64_t offset, Millis time) {
  if (offset >= 0 && time < asked) return;
  record.from_broker = true;
  if (offset < 0 || offset > record.offset) {
    const bool is_open = record.not_after == DatedRecord::kNever;
    record.not_after = is_open ? asked : std::min(record.not_after, asked);
  } else {
    record.not_before = std::max(record.not_before, time);
    if (offset == record.offset) record.not_after = time;
  }
  // Times of this partition are not in order, or the record came late: nothing is known.
  if (record.not_after != DatedRecord::kNever && record.not_before > record.not_after) {
    record = {.offset = record.offset};
  }
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
  std::size_t commits = 0;
  for (const auto& group : snapshot.groups) commits += group.commits.size();
  rows_.reserve(commits);
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
             .committed = commit.offset,
             .markers = commit.markers};
  const auto* partition = partition_of(snapshot, commit.topic, commit.partition);
  const Sighting sighting{.now = now,
                          .committed = commit.offset,
                          .start = partition ? partition->start : kUnknown,
                          .stable = partition ? partition->stable - commit.markers : kUnknown,
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

// What the ends of the log and the answers for all groups tell, and what was found for this one.
TimeBracket LagModel::bracket_of(const LagRow& row) const {
  const auto offset = first_unread(row);
  auto bracket = track(row.topic, row.partition)->timeline.bracket(offset);
  auto& known = *row.first_unread;
  if (known.offset != offset) known = {.offset = offset};
  const bool is_later = known.not_before > bracket.not_before.value_or(DatedRecord::kNever);
  const bool is_sooner = known.not_after != DatedRecord::kNever &&
                         known.not_after < bracket.not_after.value_or(INT64_MAX);
  if (is_later) bracket.not_before = known.not_before;
  if (is_sooner) bracket.not_after = known.not_after;
  if (is_later || is_sooner) bracket.from_broker |= known.from_broker;
  known = {.offset = offset,
           .from_broker = bracket.from_broker,
           .not_before = bracket.not_before.value_or(DatedRecord::kNever),
           .not_after = bracket.not_after.value_or(DatedRecord::kNever)};
  return bracket;
}

std::optional<LagTime> LagModel::time_of(const LagRow& row) const {
  if (!row.stable_lag) return std::nullopt;
  if (*row.stable_lag <= 0) return LagTime{};
  const auto* log = track(row.topic, row.partition);
  if (log == nullptr) return std::nullopt;
  const auto bracket = bracket_of(row);
  if (!bracket.not_before || !bracket.not_after) return std::nullopt;
  const auto age = [this](Millis time) { return std::max(now_ - time, Millis{0}); };
  return LagTime{.value = age(likely(bracket, log->timeline.guess(first_unread(row)))),
                 .lower = age(*bracket.not_after),
                 .upper = age(*bracket.not_before),
                 .from_broker = bracket.from_broker};
}

void LagModel::date_rows() {
  for (auto& row : rows_) row.time = time_of(row);
}

std::vector<LagModel::Question> LagModel::questions(unsigned round) {
  std::vector<Question> out;
  std::set<std::pair<std::uint32_t, std::int32_t>> asked;  // a request may name a partition once
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    const auto& row = rows_[i];
    if (out.size() == kMaxQuestions) break;
    if (!row.stable_lag || *row.stable_lag <= 0) continue;
    auto* log = track(row.topic, row.partition);
    if (log == nullptr) continue;
    const auto bracket = bracket_of(row);
    if (is_precise(bracket, now_)) continue;
    if (!asked.emplace(row.topic, row.partition).second) continue;
    log->asker = i;
    out.push_back({.topic = row.topic,
                   .partition = row.partition,
                   .time = question(bracket, log->timeline.guess(first_unread(row)), now_, round)});
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
  if (log->asker >= rows_.size()) return;
  const auto& row = rows_[log->asker];
  if (row.topic == topic && row.partition == partition) {
    narrow(*row.first_unread, asked, offset, time);
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
  // What is another agent's now is counted there.
  std::erase_if(groups_, [&](const auto& group) {
    return look_ - group.second.last_look > kForgetLooks ||
           !snapshot_->share.has_group(group.first);
  });
}

}  // namespace plumbline::kafka
