// SPDX-License-Identifier: Apache-2.0
//
// An answer of ClickHouse is read or refused whatever it holds; what is read is as wide as its
// head, and the text of an exception becomes one bounded line.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "collectors/clickhouse/exception.h"
#include "collectors/clickhouse/table.h"

namespace clickhouse = plumbline::clickhouse;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A copy, so that the address sanitizer sees both ends.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are what is given
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto table = clickhouse::read_table(text)) {
    if (table->names.size() != table->types.size()) std::abort();
    for (const auto& row : table->rows) {
      if (row.size() != table->names.size()) std::abort();
      for (const auto& cell : row) {
        clickhouse::read_number(cell.value_or(""));
        clickhouse::read_integer(cell.value_or(""));
      }
    }
  } else if (table.error().what.empty()) {
    std::abort();
  }
  clickhouse::exception_of(text);
  const auto line = clickhouse::normalized(text);
  const bool clean = std::all_of(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
  if (line.size() > 400 || !clean) std::abort();
  return 0;
}
