// SPDX-License-Identifier: Apache-2.0
//
// What an operator asks of a journal, beside a running agent or without one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/core/result.h"
#include "agent/journal/reader.h"

namespace plumbline {

// What a journal holds of one stream and signal.
struct StreamSize {
  Stream stream = Stream::kExport;
  Signal signal = Signal::kMetrics;
  std::uint64_t batches = 0;
  std::uint64_t items = 0;
  std::uint64_t bytes = 0;      // compressed
  std::uint64_t raw_bytes = 0;  // as OTLP
  UnixNanos first = 0;
  UnixNanos last = 0;
};
// Those that hold something.
Result<std::vector<StreamSize>> stream_sizes(sqlite::Database& database);

// A destination and what waits for it.
struct CursorLag {
  CursorState cursor;
  std::uint64_t batches = 0;
  UnixNanos oldest = 0;  // 0: nothing waits
};
Result<std::vector<CursorLag>> cursor_lags(JournalReader& reader);

struct EventCount {
  std::string kind;
  std::uint64_t events = 0;
  UnixNanos first = 0;
  UnixNanos last = 0;
};
Result<std::vector<EventCount>> event_counts(JournalReader& reader);

// The space a journal takes.
struct FileSize {
  std::uint64_t file = 0;
  std::uint64_t log = 0;   // the write-ahead log beside it
  std::uint64_t free = 0;  // in the file, for what will be written
};
Result<FileSize> file_size(JournalReader& reader, const std::string& path);

}  // namespace plumbline
