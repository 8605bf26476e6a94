// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/core/result.h"
#include "agent/journal/chain_reader.h"
#include "agent/journal/cursor_table.h"
#include "agent/journal/record.h"
#include "agent/journal/sqlite.h"

namespace plumbline {

// Reads the export stream in order of sequence, on a connection of its own, so that catching up
// never waits for the writer.
class QueueReader {
 public:
  static Result<std::unique_ptr<QueueReader>> open(const std::string& path,
                                                   const std::string& vfs = {});

  // Everything of the stream in [from, until) has been read: it is in `records`, or it was damaged,
  // or it is not there.
  struct Part {
    std::vector<std::shared_ptr<const LogRecord>> records;
    std::vector<Evicted> damaged;
    std::uint64_t until = 0;
  };
  // Reads [from, end), but no more than `max_bytes` of requests, and at least one if there is one.
  Result<Part> read(std::uint64_t from, std::uint64_t end, std::uint64_t max_bytes);

 private:
  struct Row {
    std::uint64_t sequence = 0;
    std::uint64_t chain = 0;
    std::uint64_t raw_bytes = 0;
  };

  QueueReader(sqlite::Database database,
              ChainReader chains,
              sqlite::Statement rows,
              sqlite::Statement next)
      : database_(std::move(database)),
        chains_(std::move(chains)),
        rows_(std::move(rows)),
        next_(std::move(next)) {}

  Result<> list_from(std::uint64_t from, std::uint64_t end);
  Result<> list(std::uint64_t from, std::uint64_t end);
  Result<std::uint64_t> first_from(std::uint64_t from, std::uint64_t end);

  sqlite::Database database_;
  ChainReader chains_;
  sqlite::Statement rows_;
  sqlite::Statement next_;
  // What there is in [listed_from_, listed_until_): what has been committed does not change, it can
  // only go.
  std::vector<Row> listed_;
  std::uint64_t listed_from_ = 0;
  std::uint64_t listed_until_ = 0;
};

}  // namespace plumbline
