// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/log_counts.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace plumbline::clickhouse {
namespace {

using Role = Column::Role;

// Behind the name of the host and whether the row is settled.
constexpr std::size_t kFirstColumn = 2;
// How fast the cost of former looks is forgotten.
constexpr double kDecay = 0.95;

Error not_a_number(const Column& column) {
  return {.code = Errc::kMalformed, .what = fmt::format("{} is no number", column.sql)};
}

}  // namespace

LogCounts::LogCounts(const Plan& plan, std::size_t capacity) : plan_(plan), capacity_(capacity) {}

std::string LogCounts::query(std::int64_t now) {
  if (watermark_ == 0) watermark_ = now;
  const auto oldest = now - std::chrono::seconds(kMaxBehind).count();
  if (watermark_ < oldest) {
    skipped_ += oldest - watermark_;
    watermark_ = oldest;
  }
  next_watermark_ = std::max(watermark_, now - kLateness.count());
  return replaced(replaced(plan_.sql, "{since}", fmt::to_string(watermark_)),
                  "{settled}",
                  fmt::to_string(next_watermark_));
}

LogCounts::Group* LogCounts::find_or_add(const std::vector<Cell>& row) {
  std::vector<Cell> labels{row[0]};
  std::string key = row[0].value_or("");
  double weight = 0;
  bool has_weight = false;
  for (std::size_t i = 0; i < plan_.columns.size(); ++i) {
    const auto& cell = row[kFirstColumn + i];
    const auto role = plan_.columns[i]->role;
    if (role == Role::kLabel) {
      labels.push_back(cell);
      key.push_back('\0');
      key.append(cell.value_or("\1"));
    } else if (!has_weight && (role == Role::kValue || role == Role::kCount)) {
      weight = read_number(cell.value_or("")).value_or(0);
      has_weight = true;
    }
  }
  auto found = groups_.find(key);
  if (found == groups_.end()) {
    if (groups_.size() >= capacity_) {
      const auto least =
          std::min_element(groups_.begin(), groups_.end(), [](const auto& a, const auto& b) {
            return a.second.weight < b.second.weight;
          });
      if (least == groups_.end() || least->second.weight >= weight) {
        ++refused_;
        return nullptr;
      }
      groups_.erase(least);
    }
    found = groups_.emplace(std::move(key), Group{}).first;
    found->second.labels = std::move(labels);
    found->second.since = watermark_;
    found->second.settled.resize(plan_.columns.size());
    found->second.open.resize(plan_.columns.size());
  }
  found->second.weight = std::max(found->second.weight, weight);
  return &found->second;
}

Result<> LogCounts::add(const std::vector<Cell>& row, Group& group) {
  const bool is_settled = row[1] == "1";
  auto& values = is_settled ? group.settled : group.open;
  std::optional<std::int64_t> bucket;
  std::uint64_t count = 0;
  double sum = 0;
  bool is_histogram = false;
  for (std::size_t i = 0; i < plan_.columns.size(); ++i) {
    const auto& column = *plan_.columns[i];
    const auto& cell = row[kFirstColumn + i];
    if (column.role == Role::kFailure && cell && !cell->empty()) {
      failures_.push_back({.labels = group.labels, .text = *cell, .is_settled = is_settled});
    }
    if (column.role == Role::kLabel || column.role == Role::kFailure || !cell) continue;
    const auto number = read_number(*cell);
    if (!number) return not_a_number(column);
    switch (column.role) {
      case Role::kBucket:
        bucket = static_cast<std::int64_t>(*number);
        break;
      case Role::kCount:
        count = static_cast<std::uint64_t>(std::max(0.0, *number));
        is_histogram = true;
        break;
      case Role::kSum:
        sum = *number;
        break;
      default:
        values[i] += *number;
    }
  }
  if (!is_histogram) return {};
  constexpr std::int64_t kMaxBucket = 1'000;  // 2^125 seconds: not a duration
  if (bucket && std::abs(*bucket) > kMaxBucket) {
    return Error{.code = Errc::kMalformed, .what = "a duration is out of all bounds"};
  }
  const std::array<std::uint64_t, 1> buckets{count};
  HistogramView view{.count = count, .sum = sum};
  if (bucket) {
    view.offset = static_cast<int>(*bucket);
    view.buckets = buckets;
  } else {
    view.zero_count = count;
  }
  (is_settled ? group.settled_histogram : group.open_histogram).merge(view);
  return {};
}

Result<> LogCounts::take(const Table& answer) {
  if (answer.names.size() != kFirstColumn + plan_.columns.size()) {
    return Error{.code = Errc::kMalformed, .what = "the answer has not the columns asked for"};
  }
  failures_.clear();
  auto before = groups_;  // an answer counts as a whole or not at all
  for (auto& [key, group] : groups_) {
    std::fill(group.open.begin(), group.open.end(), 0);
    group.open_histogram.clear();
    group.weight *= kDecay;
  }
  for (const auto& row : answer.rows) {
    auto* group = find_or_add(row);
    if (group == nullptr) continue;
    if (auto added = add(row, *group); !added) {
      groups_ = std::move(before);
      return added;
    }
  }
  watermark_ = next_watermark_;
  return {};
}

}  // namespace plumbline::clickhouse
