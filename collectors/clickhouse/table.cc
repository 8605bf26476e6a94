// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/table.h"

#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "collectors/clickhouse/exception.h"

namespace plumbline::clickhouse {
namespace {

Error malformed(std::string what) {
  return {.code = Errc::kMalformed, .what = std::move(what)};
}

// What stands behind a backslash in TabSeparated.
char unescaped(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case '0':
      return '\0';
    default:
      return c;  // \' \\ and whatever comes yet
  }
}

std::string unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      out.push_back(unescaped(text[++i]));
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

// Takes the first line off; nullopt when no newline ends it.
std::optional<std::string_view> take_line(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

// False for more than kMaxColumns.
bool split(std::string_view line, std::vector<std::string_view>& cells) {
  cells.clear();
  for (std::size_t begin = 0; begin <= line.size();) {
    if (cells.size() == Table::kMaxColumns) return false;
    const auto end = std::min(line.find('\t', begin), line.size());
    cells.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return true;
}

template <class Number>
std::optional<Number> parse(std::string_view text) {
  Number value{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) return {};
  return value;
}

// Why `rest`, which begins with a line that is no row, is not the rest of an answer.
Error not_a_row(std::string_view rest) {
  if (auto exception = exception_of(rest)) return std::move(*exception);
  return malformed("the answer breaks off in the middle of a row");
}

}  // namespace

Result<Table> read_table(std::string_view text) {
  Table table;
  std::vector<std::string_view> cells;
  auto rest = text;
  for (auto* head : {&table.names, &table.types}) {
    const auto before = rest;
    const auto line = take_line(rest);
    if (!line || !split(*line, cells)) return not_a_row(before);
    for (const auto cell : cells) head->push_back(unescape(cell));
  }
  if (table.names.size() != table.types.size()) return not_a_row(text);
  while (!rest.empty()) {
    const auto before = rest;
    const auto line = take_line(rest);
    if (!line || !split(*line, cells) || cells.size() != table.names.size()) {
      return not_a_row(before);
    }
    if (table.rows.size() == Table::kMaxRows) {
      return malformed(fmt::format("the answer has more than {} rows", Table::kMaxRows));
    }
    auto& row = table.rows.emplace_back();
    row.reserve(cells.size());
    for (const auto cell : cells) {
      row.push_back(cell == "\\N" ? Cell() : Cell(unescape(cell)));
    }
  }
  return table;
}

std::optional<double> read_number(std::string_view text) {
  const auto value = parse<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<std::int64_t> read_integer(std::string_view text) {
  return parse<std::int64_t>(text);
}

}  // namespace plumbline::clickhouse
