// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/group_totals.h"

#include <algorithm>
#include <tuple>

namespace plumbline::kafka {

namespace {

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

LagTotal sum(std::span<const LagRow> rows) {
  LagTotal out{.group = rows.front().group, .rows = rows};
  for (const auto& row : rows) add(out, row);
  return out;
}

// Calls `take` with each run of rows that are the same to `same`.
template <class Same, class Take>
void each_run(std::span<const LagRow> rows, Same same, Take take) {
  while (!rows.empty()) {
    const auto end = std::find_if_not(
        rows.begin(), rows.end(), [&](const LagRow& row) { return same(rows.front(), row); });
    const auto size = static_cast<std::size_t>(end - rows.begin());
    take(rows.first(size));
    rows = rows.subspan(size);
  }
}

// By how badly off they are: greater is worse.
auto badness(const LagRow& row) {
  return std::tuple(row.time ? row.time->value : Millis{0}, row.lag.value_or(0));
}

auto badness(const LagTotal& total) {
  return std::tuple(total.verdict, total.time.value_or(0), total.lag);
}

template <class Item>
std::vector<const Item*> choose(std::span<const Item> items, std::size_t count) {
  std::vector<const Item*> out(items.size());
  std::transform(items.begin(), items.end(), out.begin(), [](const Item& item) { return &item; });
  if (out.size() <= count) return out;
  const auto worse = [](const Item* a, const Item* b) {
    const auto left = badness(*a);
    const auto right = badness(*b);
    return left != right ? left > right : a < b;
  };
  std::nth_element(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(count), out.end(), worse);
  out.resize(count);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

GroupTotals total(std::span<const LagRow> rows) {
  GroupTotals out;
  const auto same_group = [](const LagRow& a, const LagRow& b) { return a.group == b.group; };
  const auto same_topic = [](const LagRow& a, const LagRow& b) { return a.topic == b.topic; };
  each_run(rows, same_group, [&](std::span<const LagRow> group) {
    out.groups.push_back(sum(group));
    each_run(group, same_topic, [&](std::span<const LagRow> topic) {
      out.topics.push_back(sum(topic));
    });
  });
  return out;
}

std::vector<const LagRow*> worst(std::span<const LagRow> rows, std::size_t count) {
  return choose(rows, count);
}

std::vector<const LagTotal*> worst(std::span<const LagTotal> totals, std::size_t count) {
  return choose(totals, count);
}

}  // namespace plumbline::kafka
