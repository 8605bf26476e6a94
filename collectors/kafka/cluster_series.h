// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "agent/core/batch.h"
#include "agent/core/series.h"
#include "collectors/kafka/group_totals.h"
#include "collectors/kafka/health.h"
#include "collectors/kafka/lag/dead_letters.h"
#include "collectors/kafka/lag/lag_model.h"
#include "collectors/kafka/snapshot.h"

namespace plumbline::kafka {

struct Aliases {
  bool klag = false;
  bool kminion = false;
  bool kafka_exporter = false;
};

// How many series of their own there may be; sums count everything all the same.
struct SeriesBudget {
  std::size_t groups = 0;  // groups, and topics of groups
  std::size_t partitions = 0;
  std::size_t rows = 0;  // partitions of groups: two series each in the metric of the bounds
};

// Turns one look at a cluster into points.
class ClusterSeries {
 public:
  ClusterSeries(std::string cluster, SeriesBudget budget, Aliases aliases, UnixNanos start)
      : cluster_(std::move(cluster)), budget_(budget), aliases_(aliases), series_(start) {}

  // `totals`: of the model's rows.
  void add(const Snapshot& snapshot,
           const LagModel& model,
           const GroupTotals& totals,
           const Health& health,
           Batch& out);
  void add_dead_letters(const Snapshot& snapshot, const DeadLetters& letters, Batch& out);
  // What holds also when the cluster could not be looked at.
  void add_traffic(
      bool up, double seconds, std::uint64_t requests, std::uint64_t bytes, Batch& out);
  void sweep() { series_.sweep(); }

 private:
  void add_cluster(const Snapshot& snapshot, Batch& out);
  void add_cluster_health(const Snapshot& snapshot, const Health& health, Batch& out);
  void add_health(const Snapshot& snapshot, const Health& health, Batch& out);
  void add_loss_forecast(const Snapshot& snapshot,
                         const LagTotal& total,
                         const Health& health,
                         Batch& out);
  std::size_t add_partitions(const Snapshot& snapshot,
                             const std::vector<const LagRow*>& kept,
                             Batch& out);
  void add_partition(const TopicState& topic, const PartitionState& partition, Batch& out);
  void add_groups(const Snapshot& snapshot,
                  const LagModel& model,
                  const GroupTotals& totals,
                  Batch& out);
  void add_group(const GroupState& group, std::uint64_t rebalances, Batch& out);
  void add_group_lag(const GroupState& group, const LagTotal& total, Batch& out);
  void add_topics(const Snapshot& snapshot,
                  const LagModel& model,
                  const GroupTotals& totals,
                  const Health& health,
                  Batch& out);
  void add_row(const Snapshot& snapshot, const LagRow& row, Batch& out);
  void add_row_aliases(const std::string& group,
                       const std::string& topic,
                       const LagRow& row,
                       Batch& out);

  std::string cluster_;
  SeriesBudget budget_;
  Aliases aliases_;
  SeriesTable series_;
};

// The number that plumbline.kafka.consumer_group.state gives a broker's word for it.
int state_number(std::string_view state);

}  // namespace plumbline::kafka
