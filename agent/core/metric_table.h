// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>

#include "agent/core/metric.h"

namespace plumbline::metric_table {

// Shorthands that let a list of metrics read as a table: name, unit, meaning, source, attributes.
constexpr MetricSpec counter(std::string_view name,
                             Unit unit,
                             std::string_view description,
                             std::string_view source,
                             AttributeKeys attributes = {}) {
  return {.name = name,
          .instrument = Instrument::kCounter,
          .unit = unit,
          .description = description,
          .source = source,
          .attributes = attributes};
}

// Adds up over its series, goes up and down.
constexpr MetricSpec amount(std::string_view name,
                            Unit unit,
                            std::string_view description,
                            std::string_view source,
                            AttributeKeys attributes = {}) {
  return {.name = name,
          .instrument = Instrument::kUpDownCounter,
          .unit = unit,
          .description = description,
          .source = source,
          .attributes = attributes};
}

constexpr MetricSpec gauge(std::string_view name,
                           Unit unit,
                           std::string_view description,
                           std::string_view source,
                           AttributeKeys attributes = {}) {
  return {.name = name,
          .instrument = Instrument::kGauge,
          .unit = unit,
          .description = description,
          .source = source,
          .attributes = attributes};
}

// One table from several.
template <std::size_t... kSizes>
constexpr auto join(const std::array<MetricSpec, kSizes>&... tables) {
  std::array<MetricSpec, (kSizes + ...)> all{};
  auto next = all.begin();
  ((next = std::ranges::copy(tables, next).out), ...);
  return all;
}

}  // namespace plumbline::metric_table
