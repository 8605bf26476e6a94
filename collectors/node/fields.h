// SPDX-License-Identifier: Apache-2.0
//
// Files that are long lists of named numbers become points by a table: which name is which metric.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "agent/core/metric.h"
#include "collectors/node/text.h"
#include "collectors/node/topic.h"

namespace plumbline::node {

// `key` of a file is the value, times `factor`, of the series of `metric` with these attribute
// values; an empty one is absent. Without a metric it is only kept for get().
struct Field {
  std::string_view key;
  const MetricSpec* metric;
  std::string_view first = {};
  std::string_view second = {};
  double factor = 1;
};

// A table may be written in any order; each key stands in it once, else it does not compile.
template <std::size_t kSize>
consteval std::array<Field, kSize> field_table(std::array<Field, kSize> table) {
  std::ranges::sort(table, {}, &Field::key);
  const auto same = std::ranges::adjacent_find(table, {}, &Field::key);
  if (same != table.end()) throw "a key stands twice in a table of fields";
  return table;
}

// The values of one table in one tick.
class FieldValues {
 public:
  explicit FieldValues(std::span<const Field> table)
      : table_(table), values_(table.size(), kAbsent) {}

  void clear() { std::ranges::fill(values_, kAbsent); }
  // Keys that are not in the table are ignored.
  void set(std::string_view key, double value);
  // As the file had it; kAbsent when it did not.
  double get(std::string_view key) const;
  void report(Tick& tick) const;

 private:
  std::span<const Field> table_;
  std::vector<double> values_;
};

// "MemTotal:  123 kB", "pgfault 123": the key without colon, the first number.
void parse_list(std::string_view text, FieldValues& out);

// /proc/net/snmp and netstat: "Tcp: InSegs OutSegs" over "Tcp: 1 2" becomes "Tcp:InSegs".
void parse_two_lines(std::string_view text, FieldValues& out);

// /proc/net/sockstat: "TCP: inuse 5 orphan 0" becomes "TCP:inuse".
void parse_pairs(std::string_view text, FieldValues& out);

}  // namespace plumbline::node
