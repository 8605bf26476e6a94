// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "collectors/kafka/lag/lag_model.h"
#include "collectors/kafka/snapshot.h"

namespace plumbline::kafka {

// One group on one topic, or on all: sums and extremes of its partitions.
struct LagTotal {
  std::uint32_t group = 0;  // its place in the snapshot
  std::span<const LagRow> rows;
  std::int64_t committed = 0;
  std::int64_t lag = 0;
  std::int64_t worst_lag = 0;
  std::optional<double> rate;
  std::optional<Millis> time;  // the longest
  std::optional<double> catch_up_seconds;
  bool lag_known = true;  // of every partition
  bool time_known = true;
  bool catches_up = true;  // every partition that is behind
  Verdict verdict = Verdict::kOk;
  const LagRow* worst = nullptr;  // the one with the verdict
};

// In the order of the rows: by group, then by topic.
struct GroupTotals {
  std::vector<LagTotal> topics;
  std::vector<LagTotal> groups;
};

// `rows`: by group, and of a group by topic, as LagModel has them.
GroupTotals total(std::span<const LagRow> rows);

// The `count` that are worst off, in their own order: rows that are furthest behind, in time where
// it is known, in offsets else; of totals those with the worse verdict first. Among equal ones the
// first are kept, so that the choice is the same from look to look.
std::vector<const LagRow*> worst(std::span<const LagRow> rows, std::size_t count);
std::vector<const LagTotal*> worst(std::span<const LagTotal> totals, std::size_t count);

}  // namespace plumbline::kafka
