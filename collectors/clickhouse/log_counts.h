// SPDX-License-Identifier: Apache-2.0
//
// Counting what a log table holds, each row once. Rows come late: servers write their logs every
// few seconds. So each look reads again from the watermark on, up to now, and tells rows that are
// older than kLateness from the others. What is settled is added up and the watermark moves behind
// it; what is open is counted anew at the next look. A look that fails changes nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "agent/core/clock.h"
#include "agent/core/histogram.h"
#include "collectors/clickhouse/check.h"
#include "collectors/clickhouse/table.h"

namespace plumbline::clickhouse {

class LogCounts {
 public:
  // Servers flush their logs every 7.5 s by default; this is what a busy one may take.
  static constexpr std::chrono::seconds kLateness{60};
  // What a server that was away for longer has logged is skipped, and counted: reading hours of a
  // log at once would hurt it.
  static constexpr std::chrono::minutes kMaxBehind{15};

  // The rows of one series.
  struct Group {
    std::vector<Cell> labels;  // host first
    std::int64_t since = 0;    // seconds since 1970, by the server's clock
    std::vector<double> settled;
    std::vector<double> open;
    ExpHistogram settled_histogram;
    ExpHistogram open_histogram;
    double weight = 0;  // of what it cost lately: the first value
  };

  // Texts of failures in the last answer.
  struct Failure {
    std::vector<Cell> labels;  // host first
    std::string text;
    bool is_settled = false;  // it comes no more
  };

  // `capacity`: groups beyond it drive out those that cost less lately.
  LogCounts(const Plan& plan, std::size_t capacity);

  // The query from the watermark to `now`, the server's clock in seconds since 1970. The first look
  // begins at its `now`.
  std::string query(std::int64_t now);
  // Its answer. Error kMalformed: a column is no number.
  Result<> take(const Table& answer);

  const std::map<std::string, Group>& groups() const { return groups_; }
  const std::vector<Failure>& failures() const { return failures_; }
  // Rows not counted since there were too many groups; seconds of the log that were skipped.
  std::uint64_t refused() const { return refused_; }
  std::int64_t skipped() const { return skipped_; }

 private:
  Group* find_or_add(const std::vector<Cell>& row);
  Result<> add(const std::vector<Cell>& row, Group& group);

  const Plan& plan_;
  std::size_t capacity_;
  std::map<std::string, Group> groups_;  // by labels
  std::vector<Failure> failures_;
  std::int64_t watermark_ = 0;
  std::int64_t next_watermark_ = 0;
  std::uint64_t refused_ = 0;
  std::int64_t skipped_ = 0;
};

}  // namespace plumbline::clickhouse
