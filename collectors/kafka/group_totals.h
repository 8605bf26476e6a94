// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "collectors/kafka/lag/lag_model.h"
#include "collectors/kafka/snapshot.h"

namespace plumbline::kafka {

// One group on one topic, or on all: sums and extremes of its partitions.
struct LagTotal {
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

void add(LagTotal& total, const LagRow& row);

struct GroupTotals {
  std::map<std::pair<std::uint32_t, std::uint32_t>, LagTotal> topics;  // by group and topic
  std::map<std::uint32_t, LagTotal> groups;
};

GroupTotals total(std::span<const LagRow> rows);

// The `count` rows that are furthest behind: in time where it is known, in offsets else.
std::vector<LagRow> worst(std::span<const LagRow> rows, std::size_t count);

}  // namespace plumbline::kafka
