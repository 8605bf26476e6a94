// SPDX-License-Identifier: Apache-2.0
//
// Reading a log table, each row once. Rows come late, and many have the same time: each look reads
// from the watermark on, a time and an identity, and leaves out what it has seen. The watermark
// follows kLateness behind the server's clock, or stands at the last row of an answer that was cut.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.h"
#include "collectors/clickhouse/check.h"
#include "collectors/clickhouse/table.h"

namespace plumbline::clickhouse {

// One row of a check of Shape::kRecords, by the names of its fields.
class Record {
 public:
  Record(const Plan& plan, const std::vector<Cell>& row) : plan_(plan), row_(row) {}

  std::string_view host() const { return cell(0); }
  std::string_view text(std::string_view name) const;  // empty: NULL, or there is no such field
  std::optional<std::int64_t> integer(std::string_view name) const;
  bool flag(std::string_view name) const { return text(name) == "1"; }

 private:
  std::string_view cell(std::size_t i) const;

  const Plan& plan_;
  const std::vector<Cell>& row_;
};

class RecordLog {
 public:
  // Servers flush their logs every 7.5 s by default; this is what a busy one may take.
  static constexpr std::chrono::seconds kLateness{60};
  // What a server that was away for longer has logged is skipped, and counted.
  static constexpr std::chrono::minutes kMaxBehind{15};

  explicit RecordLog(const Plan& plan) : plan_(plan) {}

  // The query from the watermark on; `now`: the server's clock in seconds since 1970. The first
  // look begins at its `now`, unless restore() told of an earlier one.
  std::string query(std::int64_t now);

  // Its answer: the rows that were not given before, in their order. Good as long as `answer` is.
  // Error kMalformed: then nothing has changed.
  Result<std::vector<Record>> take(const Table& answer);

  // The watermark and what was seen behind it, as one line of text, and back. Text that is not such
  // a line is ignored.
  std::string state() const;
  void restore(std::string_view state);

  std::int64_t skipped() const { return skipped_; }  // seconds

 private:
  const Plan& plan_;
  std::int64_t now_ = 0;    // microseconds, of the last query
  std::int64_t after_ = 0;  // microseconds; 0: nothing was read yet
  std::string after_id_;
  std::map<std::string, std::int64_t, std::less<>> seen_;  // identities with their time
  std::int64_t skipped_ = 0;
};

}  // namespace plumbline::clickhouse
