// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/forecast.h"

namespace plumbline::clickhouse {

using std::chrono::duration;

std::optional<PartsForecast::Limits> PartsForecast::limits(const std::string& table) const {
  const auto found = limits_.find(table);
  return found == limits_.end() ? std::nullopt : std::optional(found->second);
}

void PartsForecast::add(const std::string& table, Clock::Steady time, double parts) {
  auto& values = values_[table];
  values.push_back({.time = time, .parts = parts});
  while (time - values.front().time > kWindow) values.pop_front();
}

std::optional<double> PartsForecast::seconds_to_delay(const std::string& table) const {
  const auto limit = limits(table);
  const auto found = values_.find(table);
  if (!limit || limit->delay <= 0 || found == values_.end()) return std::nullopt;
  const auto& values = found->second;
  if (values.back().parts >= limit->delay) return 0;
  if (values.size() < kMinValues) return std::nullopt;
  // The slope of the least squares line.
  double mean_time = 0;
  double mean_parts = 0;
  const auto count = static_cast<double>(values.size());
  const auto seconds = [&](const Value& value) {
    return duration<double>(value.time - values.front().time).count();
  };
  for (const auto& value : values) {
    mean_time += seconds(value) / count;
    mean_parts += value.parts / count;
  }
  double products = 0;
  double squares = 0;
  for (const auto& value : values) {
    products += (seconds(value) - mean_time) * (value.parts - mean_parts);
    squares += (seconds(value) - mean_time) * (seconds(value) - mean_time);
  }
  if (products <= 0 || squares <= 0) return std::nullopt;
  const auto left = (limit->delay - values.back().parts) * squares / products;
  if (left > duration<double>(kHorizon).count()) return std::nullopt;
  return left;
}

void PartsForecast::forget_idle(Clock::Steady now) {
  std::erase_if(values_,
                [&](const auto& table) { return now - table.second.back().time > kWindow; });
}

}  // namespace plumbline::clickhouse
