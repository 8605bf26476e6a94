// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "agent/core/batch.h"
#include "agent/core/series.h"
#include "collectors/kafka/group_totals.h"
#include "collectors/kafka/health.h"
#include "collectors/kafka/lag/lag_model.h"
#include "collectors/kafka/snapshot.h"

namespace plumbline::kafka {

struct Aliases {
  bool klag = false;
  bool kminion = false;
  bool kafka_exporter = false;
};

// Turns one look at a cluster into points.
class ClusterSeries {
 public:
  // `partition_series`: how many partitions, and how many partitions of groups, have series of
  // their own.
  ClusterSeries(std::string cluster, std::size_t partition_series, Aliases aliases, UnixNanos start)
      : cluster_(std::move(cluster)),
        partition_series_(partition_series),
        aliases_(aliases),
        series_(start) {}

  void add(const Snapshot& snapshot, const LagModel& model, const Health& health, Batch& out);
  // What holds also when the cluster could not be looked at.
  void add_traffic(
      bool up, double seconds, std::uint64_t requests, std::uint64_t bytes, Batch& out);
  void sweep() { series_.sweep(); }

 private:
  void add_cluster(const Snapshot& snapshot, Batch& out);
  void add_health(const Snapshot& snapshot, const Health& health, Batch& out);
  void add_loss_forecast(const Snapshot& snapshot,
                         const LagModel& model,
                         const Health& health,
                         Batch& out);
  std::size_t add_partitions(const Snapshot& snapshot, const std::vector<LagRow>& kept, Batch& out);
  void add_partition(const TopicState& topic, const PartitionState& partition, Batch& out);
  void add_groups(const Snapshot& snapshot,
                  const LagModel& model,
                  const GroupTotals& totals,
                  Batch& out);
  void add_topics(const Snapshot& snapshot,
                  const LagModel& model,
                  const GroupTotals& totals,
                  Batch& out);
  void add_row(const Snapshot& snapshot, const LagRow& row, Batch& out);
  void add_row_aliases(const std::string& group,
                       const std::string& topic,
                       const LagRow& row,
                       Batch& out);

  std::string cluster_;
  std::size_t partition_series_;
  Aliases aliases_;
  SeriesTable series_;
  // Since when a transaction is seen, by topic, partition, producer and first offset.
  std::map<std::tuple<std::string, std::int32_t, std::int64_t, std::int64_t>, UnixNanos>
      open_since_;
};

// The number that plumbline.kafka.consumer_group.state gives a broker's word for it.
int state_number(std::string_view state);

}  // namespace plumbline::kafka
