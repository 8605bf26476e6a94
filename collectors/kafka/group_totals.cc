// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/group_totals.h"

#include <algorithm>

namespace plumbline::kafka {

void add(LagTotal& total, const LagRow& row) {
  total.committed += row.committed;
  if (row.lag) {
    total.lag += *row.lag;
    total.worst_lag = std::max(total.worst_lag, *row.lag);
  } else {
    total.lag_known = false;
  }
  if (const auto rate = row.track->rate()) total.rate = total.rate.value_or(0) + *rate;
  if (row.time) {
    total.time = std::max(total.time.value_or(0), row.time->value);
  } else {
    total.time_known = false;
  }
  if (row.catch_up_seconds) {
    total.catch_up_seconds = std::max(total.catch_up_seconds.value_or(0), *row.catch_up_seconds);
  } else if (row.stable_lag.value_or(1) > 0) {
    total.catches_up = false;
  }
  if (total.worst == nullptr || row.verdict > total.verdict) {
    total.verdict = row.verdict;
    total.worst = &row;
  }
}

GroupTotals total(std::span<const LagRow> rows) {
  GroupTotals out;
  for (const auto& row : rows) {
    add(out.topics[{row.group, row.topic}], row);
    add(out.groups[row.group], row);
  }
  return out;
}

std::vector<LagRow> worst(std::span<const LagRow> rows, std::size_t count) {
  std::vector<LagRow> out(rows.begin(), rows.end());
  if (out.size() <= count) return out;
  const auto worse = [](const LagRow& a, const LagRow& b) {
    const auto time = [](const LagRow& row) { return row.time ? row.time->value : Millis{0}; };
    if (time(a) != time(b)) return time(a) > time(b);
    return a.lag.value_or(0) > b.lag.value_or(0);
  };
  std::nth_element(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(count), out.end(), worse);
  out.resize(count);
  return out;
}

}  // namespace plumbline::kafka
