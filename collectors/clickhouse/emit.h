// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/attribute.h"
#include "agent/core/batch.h"
#include "agent/core/series.h"
#include "collectors/clickhouse/check.h"
#include "collectors/clickhouse/log_counts.h"
#include "collectors/clickhouse/table.h"

namespace plumbline::clickhouse {

// The attributes of one row: whose it is, then the labels of its check.
class Attributes {
 public:
  // Names are whatever their owners chose; longer ones are cut.
  static constexpr std::size_t kMaxBytes = 200;

  // `port`: 0 where the host is one of a cluster.
  Attributes(std::string_view host, std::int64_t port) : port_(port) { add(host); }

  void add(const Cell& label);
  void add(std::string_view text);
  std::string_view host() const { return texts_.front(); }
  // The labels in one line, for messages: "db.table".
  std::string subject() const;
  // The same labels give the same text, other labels another one.
  std::string key() const;
  const SeriesRef& series(SeriesTable& table, UnixNanos start, const MetricSpec& metric) const;
  // The same attributes for an event.
  Fields fields(const MetricSpec& metric) const;

 private:
  std::int64_t port_;
  std::vector<std::string> texts_;  // the host first
  std::vector<bool> present_;
};

// What is done with the rows of an answer.
struct RowSink {
  std::function<void(const Attributes&, const MetricSpec&, double value)> value;
  std::function<void(const Attributes&, std::string_view text)> failure;
};

// Whose rows they are when a server speaks for itself.
struct Speaker {
  std::string address;
  std::int64_t port = 0;
  bool is_cluster = false;  // then each row names its host
};

// Reads an answer to the query of `plan`, which is not that of a log. Error kMalformed: a column
// has a type that is no number; the rows' other values are given nevertheless.
Result<> read_rows(const Plan& plan,
                   const Table& answer,
                   const Speaker& speaker,
                   const RowSink& sink);

// Adds the points and histograms of `from`.
void append(const Batch& from, Batch& to);

// The attributes of a group of a log.
Attributes attributes_of(const LogCounts::Group& group, const Speaker& speaker);

}  // namespace plumbline::clickhouse
