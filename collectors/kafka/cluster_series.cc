// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/cluster_series.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "collectors/kafka/alias_signals.h"
#include "collectors/kafka/signals.h"

namespace plumbline::kafka {
namespace {

// In the order of the numbers; spelled as Kafka's classic and newer coordinators do.
constexpr std::array<std::string_view, 9> kStates{"unknown",
                                                  "preparingrebalance",
                                                  "completingrebalance",
                                                  "stable",
                                                  "dead",
                                                  "empty",
                                                  "assigning",
                                                  "reconciling",
                                                  "notready"};

double seconds(Millis time) {
  return static_cast<double>(time) / 1'000;
}

}  // namespace

int state_number(std::string_view state) {
  std::string word;
  for (const char c : state) {
    if (c >= 'A' && c <= 'Z') word.push_back(static_cast<char>(c - 'A' + 'a'));
    if (c >= 'a' && c <= 'z') word.push_back(c);
  }
  const auto* found = std::find(kStates.begin(), kStates.end(), word);
  return found == kStates.end() ? 0 : static_cast<int>(found - kStates.begin());
}

void ClusterSeries::add_traffic(
    bool up, double took, std::uint64_t requests, std::uint64_t bytes, Batch& out) {
  out.add(series_.get(kUp, {cluster_}), up ? 1 : 0);
  out.add(series_.get(kLookDuration, {cluster_}), took);
  out.add(series_.get(kRequests, {cluster_}), requests);
  out.add(series_.get(kReceived, {cluster_}), bytes);
}

void ClusterSeries::add(const Snapshot& snapshot,
                        const LagModel& model,
                        const GroupTotals& totals,
                        const Health& health,
                        Batch& out) {
  add_cluster(snapshot, out);
  add_health(snapshot, health, out);
  if (snapshot.share.has_cluster()) {
    out.add(series_.get(kRecreated, {cluster_}), model.recreated_topics());
  }
  add_groups(snapshot, model, totals, out);
  add_topics(snapshot, model, totals, health, out);
  const auto kept = worst(model.rows(), budget_.rows);
  for (const auto* row : kept) add_row(snapshot, *row, out);
  const auto left_out = model.rows().size() - kept.size() + add_partitions(snapshot, kept, out);
  out.add(series_.get(kSeriesLeftOut, {cluster_}), std::uint64_t{left_out});
}

void ClusterSeries::add_cluster(const Snapshot& snapshot, Batch& out) {
  for (const auto& refusal : snapshot.refusals) {
    out.add(series_.get(kRefusals, {cluster_, refusal.api, refusal.error}), refusal.times);
  }
  for (const auto& topic : snapshot.topics) {
    if (!snapshot.share.has_topic(topic.name)) continue;
    out.add(series_.get(kTopicPartitions, {cluster_, topic.name}),
            std::uint64_t{topic.partitions.size()});
  }
  if (!snapshot.share.has_cluster()) return;
  out.add(series_.get(kBrokers, {cluster_}), std::uint64_t{snapshot.brokers.size()});
  if (snapshot.controller >= 0) {
    out.add(series_.get(kController, {cluster_}), snapshot.controller);
  }
  int under_replicated = 0;
  int offline = 0;
  int not_preferred = 0;
  std::map<std::int32_t, int> led;
  for (const auto& broker : snapshot.brokers) led[broker.id] = 0;
  for (const auto& topic : snapshot.topics) {
    for (const auto& partition : topic.partitions) {
      if (partition.leader < 0) ++offline;
      if (partition.in_sync < partition.replicas) ++under_replicated;
      if (partition.leader >= 0 && !partition.preferred_leader) ++not_preferred;
      if (partition.leader >= 0) ++led[partition.leader];
    }
  }
  out.add(series_.get(kUnderReplicated, {cluster_}), under_replicated);
  out.add(series_.get(kOffline, {cluster_}), offline);
  out.add(series_.get(kNotPreferred, {cluster_}), not_preferred);
  for (const auto& [broker, count] : led) {
    out.add(series_.get(kLedPartitions, {cluster_, std::int64_t{broker}}), count);
  }
}

void ClusterSeries::add_cluster_health(const Snapshot& snapshot, const Health& health, Batch& out) {
  int under_min = 0;
  bool known = false;
  for (const auto& topic : snapshot.topics) {
    const auto settings = health.settings.find(topic.name);
    if (settings == health.settings.end() || !settings->second.min_in_sync) continue;
    known = true;
    for (const auto& partition : topic.partitions) {
      if (partition.in_sync < *settings->second.min_in_sync) ++under_min;
    }
  }
  if (known) out.add(series_.get(kUnderMinIsr, {cluster_}), under_min);
  if (health.reassigning) out.add(series_.get(kReassigning, {cluster_}), *health.reassigning);
  for (const auto& directory : health.directories) {
    const std::int64_t broker = directory.broker;
    out.add(series_.get(kLogSize, {cluster_, broker, directory.path}), directory.log_bytes);
    if (directory.total_bytes) {
      out.add(series_.get(kDiskSize, {cluster_, broker, directory.path}), *directory.total_bytes);
    }
    if (directory.free_bytes) {
      out.add(series_.get(kDiskFree, {cluster_, broker, directory.path}), *directory.free_bytes);
    }
  }
}

void ClusterSeries::add_health(const Snapshot& snapshot, const Health& health, Batch& out) {
  if (snapshot.share.has_cluster()) add_cluster_health(snapshot, health, out);
  for (const auto& transaction : health.transactions) {
    if (!snapshot.share.has_topic(transaction.topic)) continue;
    AttributeValue id;
    if (!transaction.id.empty()) id = transaction.id;
    const auto now = static_cast<std::int64_t>(snapshot.offsets_time / 1'000'000);
    const auto since = transaction.since_ms.value_or(now);
    out.add(series_.get(kOpenTransaction,
                        {cluster_,
                         transaction.topic,
                         std::int64_t{transaction.partition},
                         std::int64_t{transaction.producer},
                         id}),
            seconds(std::max(now - since, Millis{0})));
  }
}

// When the first record a group has not read will be as old as its topic keeps records.
void ClusterSeries::add_loss_forecast(const Snapshot& snapshot,
                                      const LagTotal& total,
                                      const Health& health,
                                      Batch& out) {
  const auto& topic = snapshot.topics[total.rows.front().topic].name;
  const auto found = health.settings.find(topic);
  if (found == health.settings.end()) return;
  const auto& settings = found->second;
  if (!settings.deletes || !settings.retention_ms) return;
  std::optional<Millis> left;
  for (const auto& row : total.rows) {
    if (!row.time || row.stable_lag.value_or(0) <= 0) continue;
    const auto time = std::max(*settings.retention_ms - row.time->value, Millis{0});
    left = std::min(left.value_or(time), time);
  }
  if (!left) return;
  const auto& group = snapshot.groups[total.group].id;
  out.add(series_.get(kTimeToLoss, {cluster_, group, topic}), seconds(*left));
}

// Returns how many had to be left out. First those that somebody reads and is shown for, and those
// that are not well.
std::size_t ClusterSeries::add_partitions(const Snapshot& snapshot,
                                          const std::vector<const LagRow*>& kept,
                                          Batch& out) {
  std::size_t all = 0;
  std::vector<bool> own;
  for (const auto& topic : snapshot.topics) {
    own.push_back(snapshot.share.has_topic(topic.name));
    if (own.back()) all += topic.partitions.size();
  }
  std::set<std::pair<std::uint32_t, std::int32_t>> chosen;
  for (const auto* row : kept) chosen.emplace(row->topic, row->partition);
  const bool room = all <= budget_.partitions;
  std::size_t added = 0;
  for (std::uint32_t i = 0; i < snapshot.topics.size(); ++i) {
    if (!own[i]) continue;
    for (const auto& partition : snapshot.topics[i].partitions) {
      const bool unwell = partition.leader < 0 || partition.in_sync < partition.replicas;
      if (!room && !unwell && !chosen.contains({i, partition.index})) continue;
      if (added == budget_.partitions) return all - added;
      add_partition(snapshot.topics[i], partition, out);
      ++added;
    }
  }
  return all - added;
}

void ClusterSeries::add_partition(const TopicState& topic,
                                  const PartitionState& partition,
                                  Batch& out) {
  const std::int64_t index = partition.index;
  const auto own = [&](const MetricSpec& metric, std::int64_t value) {
    out.add(series_.get(metric, {cluster_, topic.name, index}), value);
  };
  const auto bare = [&](const MetricSpec& metric, std::int64_t value) {
    out.add(series_.get(metric, {topic.name, index}), value);
  };
  own(kReplicas, partition.replicas);
  own(kInSync, partition.in_sync);
  if (partition.stable >= 0) own(kStable, partition.stable);
  if (partition.end >= 0) {
    own(kEnd, partition.end);
    if (aliases_.klag) own(alias::kKlagEnd, partition.end);
    if (aliases_.kminion) bare(alias::kMinionEnd, partition.end);
    if (aliases_.kafka_exporter) bare(alias::kExporterEnd, partition.end);
  }
  if (partition.start >= 0) {
    own(kStart, partition.start);
    if (aliases_.klag) own(alias::kKlagStart, partition.start);
    if (aliases_.kminion) bare(alias::kMinionStart, partition.start);
    if (aliases_.kafka_exporter) bare(alias::kExporterStart, partition.start);
  }
}

// Groups that have committed nothing come after all others.
void ClusterSeries::add_groups(const Snapshot& snapshot,
                               const LagModel& model,
                               const GroupTotals& totals,
                               Batch& out) {
  std::vector<const LagTotal*> shown(snapshot.groups.size());
  std::vector<bool> has_lag(snapshot.groups.size());
  for (const auto& total : totals.groups) has_lag[total.group] = true;
  auto room = budget_.groups;
  for (const auto* total : worst(totals.groups, budget_.groups)) {
    shown[total->group] = total;
    --room;
  }
  std::size_t left_out = 0;
  for (std::uint32_t i = 0; i < snapshot.groups.size(); ++i) {
    const auto& group = snapshot.groups[i];
    const bool fits = shown[i] != nullptr || (!has_lag[i] && room > 0);
    if (!fits) {
      ++left_out;
      continue;
    }
    if (shown[i] == nullptr) --room;
    add_group(group, model.rebalances(group.id), out);
    if (shown[i] != nullptr) add_group_lag(group, *shown[i], out);
  }
  out.add(series_.get(kGroupsLeftOut, {cluster_}), std::uint64_t{left_out});
}

void ClusterSeries::add_group(const GroupState& group, std::uint64_t rebalances, Batch& out) {
  const auto own = [&](const MetricSpec& metric, auto value) {
    out.add(series_.get(metric, {cluster_, group.id}), value);
  };
  out.add(series_.get(kGroupState, {cluster_, group.id, to_string(group.kind)}),
          state_number(group.state));
  if (group.members < 0) return;
  own(kMembers, group.members);
  // Of the many groups that nobody is in there is nothing to tell.
  if (group.members > 0 || rebalances > 0) {
    own(kIdleMembers, group.idle_members);
    own(kRebalances, rebalances);
  }
  if (aliases_.kminion) out.add(series_.get(alias::kMinionMembers, {group.id}), group.members);
  if (aliases_.kafka_exporter) {
    out.add(series_.get(alias::kExporterMembers, {group.id}), group.members);
  }
}

void ClusterSeries::add_group_lag(const GroupState& group, const LagTotal& total, Batch& out) {
  const auto own = [&](const MetricSpec& metric, auto value) {
    out.add(series_.get(metric, {cluster_, group.id}), value);
  };
  own(kVerdict, static_cast<int>(total.verdict));
  if (total.lag_known) {
    own(kGroupLag, total.lag);
    if (total.lag > 0) {
      own(kSkew, static_cast<double>(total.worst_lag) / static_cast<double>(total.lag));
    }
    if (aliases_.klag) {
      own(alias::kKlagSumLag, total.lag);
      own(alias::kKlagMaxLag, total.worst_lag);
    }
  }
  if (total.time_known && total.time) {
    own(kGroupLagTime, seconds(*total.time));
    if (aliases_.klag) own(alias::kKlagMaxTime, seconds(*total.time));
  }
  if (total.catches_up && total.lag_known) own(kCatchUp, total.catch_up_seconds.value_or(0));
}

void ClusterSeries::add_topics(const Snapshot& snapshot,
                               const LagModel& model,
                               const GroupTotals& totals,
                               const Health& health,
                               Batch& out) {
  for (const auto* kept : worst(totals.topics, budget_.groups)) {
    const auto& total = *kept;
    const auto& group = snapshot.groups[total.group].id;
    const auto& topic = snapshot.topics[total.rows.front().topic].name;
    const auto own = [&](const MetricSpec& metric, auto value) {
      out.add(series_.get(metric, {cluster_, group, topic}), value);
    };
    const auto bare = [&](const MetricSpec& metric, std::int64_t value) {
      out.add(series_.get(metric, {group, topic}), value);
    };
    own(kCommittedSum, total.committed);
    if (aliases_.kminion) bare(alias::kMinionOffsetSum, total.committed);
    if (aliases_.kafka_exporter) bare(alias::kExporterOffsetSum, total.committed);
    if (total.rate) own(kCommitRate, *total.rate);
    const auto counted = model.totals(group, topic);
    own(kLost, counted.lost);
    own(kRewinds, counted.rewinds);
    add_loss_forecast(snapshot, total, health, out);
    if (!total.lag_known) continue;
    own(kLagSum, total.lag);
    if (aliases_.klag) own(alias::kKlagTopicLag, total.lag);
    if (aliases_.kminion) bare(alias::kMinionTopicLag, total.lag);
    if (aliases_.kafka_exporter) bare(alias::kExporterLagSum, total.lag);
  }
}

void ClusterSeries::add_dead_letters(const Snapshot& snapshot,
                                     const DeadLetters& letters,
                                     Batch& out) {
  const auto now = static_cast<Millis>(snapshot.offsets_time / 1'000'000);
  for (const auto& topic : letters.topics()) {
    if (!snapshot.share.has_topic(snapshot.topics[topic.place].name)) continue;
    const auto own = [&](const MetricSpec& metric, auto value) {
      out.add(series_.get(metric, {cluster_, snapshot.topics[topic.place].name}), value);
    };
    own(kDeadLetters, topic.depth);
    if (topic.growth) own(kDeadLetterRate, *topic.growth);
    if (topic.oldest) own(kDeadLetterAge, seconds(std::max(now - *topic.oldest, Millis{0})));
    if (topic.share_of_source) own(kDeadLetterShare, *topic.share_of_source);
  }
}

void ClusterSeries::add_row(const Snapshot& snapshot, const LagRow& row, Batch& out) {
  const auto& group = snapshot.groups[row.group].id;
  const auto& topic = snapshot.topics[row.topic].name;
  const std::int64_t partition = row.partition;
  const auto own = [&](const MetricSpec& metric, auto value) {
    out.add(series_.get(metric, {cluster_, group, topic, partition}), value);
  };
  own(kCommitted, row.committed);
  if (row.lag) own(kLag, *row.lag);
  if (row.stable_lag) own(kStableLag, *row.stable_lag);
  if (row.markers > 0) {
    out.add(series_.get(kMarkerLag, {cluster_, group, topic, partition, "fetch"}), row.markers);
  }
  if (row.track->has_moved()) own(kCommitAge, seconds(row.track->age()));
  if (row.time) {
    const auto method = row.time->from_broker ? "list_offsets" : "ring";
    out.add(series_.get(kLagTime, {cluster_, group, topic, partition, method}),
            seconds(row.time->value));
    out.add(series_.get(kLagTimeBound, {cluster_, group, topic, partition, "lower"}),
            seconds(row.time->lower));
    out.add(series_.get(kLagTimeBound, {cluster_, group, topic, partition, "upper"}),
            seconds(row.time->upper));
  }
  add_row_aliases(group, topic, row, out);
}

void ClusterSeries::add_row_aliases(const std::string& group,
                                    const std::string& topic,
                                    const LagRow& row,
                                    Batch& out) {
  const std::int64_t partition = row.partition;
  const auto bare = [&](const MetricSpec& metric, std::int64_t value) {
    out.add(series_.get(metric, {group, topic, partition}), value);
  };
  if (aliases_.klag) {
    out.add(series_.get(alias::kKlagOffset, {cluster_, group, topic, partition}), row.committed);
    if (row.lag) {
      out.add(series_.get(alias::kKlagLag, {cluster_, group, topic, partition}), *row.lag);
    }
    if (row.time) {
      out.add(series_.get(alias::kKlagTime, {cluster_, group, topic, partition}),
              seconds(row.time->value));
    }
  }
  if (aliases_.kminion && row.lag) bare(alias::kMinionLag, *row.lag);
  if (aliases_.kafka_exporter) {
    bare(alias::kExporterOffset, row.committed);
    if (row.lag) bare(alias::kExporterLag, *row.lag);
  }
}

}  // namespace plumbline::kafka
