// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>

#include "agent/core/metric.h"

namespace plumbline::clickhouse {

// Every series says which server it speaks of, then what of it.
inline constexpr AttributeKeys kServerKeys{"server.address", "server.port"};
inline constexpr AttributeKeys kTableKeys{
    "server.address", "server.port", "db.namespace", "db.collection.name"};

constexpr AttributeKeys server_and(std::string_view key) {
  return {"server.address", "server.port", key};
}
constexpr AttributeKeys table_and(std::string_view key) {
  return {"server.address", "server.port", "db.namespace", "db.collection.name", key};
}

// Shorthands that let a list of metrics read as a table: name, unit, meaning, source, attributes.
constexpr MetricSpec counter(std::string_view name,
                             Unit unit,
                             std::string_view description,
                             std::string_view source,
                             AttributeKeys attributes) {
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
                            AttributeKeys attributes) {
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
                           AttributeKeys attributes) {
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

}  // namespace plumbline::clickhouse
