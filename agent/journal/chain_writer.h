// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "agent/core/result.h"
#include "agent/journal/codec.h"
#include "agent/journal/columns.h"
#include "agent/journal/record.h"
#include "agent/journal/sqlite.h"

namespace plumbline {

// Writes rows into the current chain of their stream and signal. Works inside the transaction of
// the caller, who calls restart() when that transaction did not commit.
class ChainWriter {
 public:
  static Result<ChainWriter> prepare(sqlite::Database& database);

  // `first` and `last` may come in either order (a stepped clock); they are kept as a range.
  Result<> insert(Stream stream, const std::shared_ptr<const LogRecord>& record, UnixNanos first);

  // The next row of every stream begins a chain.
  void restart();
  // Whether `chain` may still grow.
  bool is_open(std::uint64_t chain) const;

 private:
  struct Chain {
    std::uint64_t key = 0;
    std::uint64_t links = 0;
    std::string previous;  // what was compressed for the row before
  };

  explicit ChainWriter(sqlite::Statement insert) : insert_(std::move(insert)) {}

  sqlite::Statement insert_;
  ColumnSplitter splitter_;
  std::string form_;
  ChainCompressor compressor_;
  std::array<std::array<Chain, kSignals>, kStreams> chains_;
};

}  // namespace plumbline
