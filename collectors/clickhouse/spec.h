// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "agent/core/metric_table.h"

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

using metric_table::amount;
using metric_table::counter;
using metric_table::gauge;
using metric_table::join;

}  // namespace plumbline::clickhouse
