// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/core/result.h"
#include "agent/journal/chain_reader.h"
#include "agent/journal/record.h"
#include "agent/journal/sqlite.h"

namespace plumbline {

// Reads a journal, from any process, while an agent writes it or after it is gone. Holds no lock
// between two chains, so that the writer's log can be recycled.
class JournalReader {
 public:
  // Never creates or changes the file. Refuses what check_schema() refuses.
  static Result<std::unique_ptr<JournalReader>> open(const std::string& path);

  struct Query {
    Stream stream = Stream::kSecond;
    Signal signal = Signal::kMetrics;
    UnixNanos from = 0;  // batches that touch [from, to]
    UnixNanos to = ~UnixNanos{0} >> 1U;
    std::uint64_t first_sequence = 0;  // ... and those before it are left out
  };
  // Calls `visit` for each batch in the order of writing, damaged ones too.
  Result<> read(const Query& query, const std::function<Visit(const BatchView&)>& visit);

  // What read() would visit, from the index alone: for progress and for choosing a stream.
  struct Extent {
    std::uint64_t batches = 0;
    std::uint64_t items = 0;
    UnixNanos first = 0;  // 0: nothing
    UnixNanos last = 0;
  };
  Result<Extent> extent(const Query& query);

  Result<std::vector<EventRow>> events(UnixNanos from, UnixNanos to);
  Result<std::vector<CursorState>> cursors();
  // The value written under `key`; empty when there is none.
  Result<std::string> state(const std::string& key);

  sqlite::Database& database() { return database_; }

 private:
  JournalReader(sqlite::Database database, ChainReader chains)
      : database_(std::move(database)), chains_(std::move(chains)) {}

  Result<std::vector<std::uint64_t>> chains_in(const Query& query);

  sqlite::Database database_;
  ChainReader chains_;
};

}  // namespace plumbline
