// SPDX-License-Identifier: Apache-2.0
//
// No byte of a literal gets through: whatever the input holds, as a string, a heredoc, data of an
// INSERT or a comment of a query it leaves the same text. As a query of its own it becomes one
// bounded line.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "collectors/clickhouse/sql.h"

using plumbline::clickhouse::redacted_sql;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// As clients write it; `twice`: a quote by two of them, not behind a backslash.
std::string in_quotes(std::string_view text, bool twice) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\\' || (c == '\'' && !twice)) out.push_back('\\');
    if (c == '\'' && twice) out.push_back('\'');
    out.push_back(c);
  }
  return out + "'";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are what is given
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto line = redacted_sql(text, 300);
  require(line.size() <= 300);
  for (const char c : line) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  for (const bool twice : {false, true}) {
    require(redacted_sql("SELECT a FROM t WHERE s = " + in_quotes(text, twice) + " AND b = 5") ==
            "SELECT a FROM t WHERE s = ? AND b = ?");
  }
  require(redacted_sql("INSERT INTO t VALUES " + text) == "INSERT INTO t VALUES ?");
  require(redacted_sql("INSERT INTO t FORMAT CSV\n" + text) == "INSERT INTO t FORMAT CSV ?");
  if (text.find("$end$") == std::string::npos && !text.ends_with("$end")) {
    require(redacted_sql("SELECT $end$" + text + "$end$ FROM t") == "SELECT ? FROM t");
  }
  if (text.find("*/") == std::string::npos && !text.ends_with('*')) {
    require(redacted_sql("SELECT a /*" + text + "*/ FROM t") == "SELECT a FROM t");
  }
  return 0;
}
