// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.h"

namespace plumbline::clickhouse {

// One value of an answer. nullopt is NULL.
using Cell = std::optional<std::string>;

// An answer in the format TabSeparatedWithNamesAndTypes, which servers of every age write: a line
// of names, one of types, then the rows.
struct Table {
  // More is not asked for: every query of ours has a LIMIT below it.
  static constexpr std::size_t kMaxRows = 20'000;
  static constexpr std::size_t kMaxColumns = 64;

  std::vector<std::string> names;
  std::vector<std::string> types;
  std::vector<std::vector<Cell>> rows;  // as wide as names
};

// Error kMalformed: not such an answer, or one that was cut short. A server that fails in the
// middle of an answer writes its exception behind the rows that it has sent: the error is then that
// exception, as exception_of() understands it.
Result<Table> read_table(std::string_view text);

// A number as ClickHouse writes it. nullopt: the text is none; NaN and infinities are none either.
std::optional<double> read_number(std::string_view text);
std::optional<std::int64_t> read_integer(std::string_view text);

}  // namespace plumbline::clickhouse
