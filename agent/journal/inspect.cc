// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/inspect.h"

#include <sys/stat.h>

#include <algorithm>

namespace plumbline {
namespace {

std::uint64_t bytes_at(const std::string& path) {
  struct stat file {};
  return ::stat(path.c_str(), &file) == 0 ? static_cast<std::uint64_t>(file.st_size) : 0;
}

}  // namespace

Result<std::vector<StreamSize>> stream_sizes(sqlite::Database& database) {
  auto rows = database.prepare(
      "SELECT stream, signal, count(*), sum(items), sum(length(bytes)), sum(raw_bytes),"
      " min(first_ns), max(last_ns) FROM batches GROUP BY stream, signal ORDER BY stream, signal");
  if (!rows) return std::move(rows).error();
  std::vector<StreamSize> sizes;
  while (true) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return sizes;
    sizes.push_back({.stream = static_cast<Stream>(rows->integer(0)),
                     .signal = static_cast<Signal>(rows->integer(1)),
                     .batches = rows->whole(2),
                     .items = rows->whole(3),
                     .bytes = rows->whole(4),
                     .raw_bytes = rows->whole(5),
                     .first = rows->whole(6),
                     .last = rows->whole(7)});
  }
}

Result<std::vector<CursorLag>> cursor_lags(JournalReader& reader) {
  auto cursors = reader.cursors();
  if (!cursors) return std::move(cursors).error();
  std::vector<CursorLag> lags;
  for (auto& cursor : *cursors) {
    CursorLag lag{.cursor = std::move(cursor)};
    for (const auto signal : {Signal::kMetrics, Signal::kTraces, Signal::kLogs}) {
      const auto waiting = reader.extent(
          {.stream = Stream::kExport, .signal = signal, .first_sequence = lag.cursor.next});
      if (!waiting) return waiting.error();
      if (waiting->batches == 0) continue;
      lag.batches += waiting->batches;
      lag.oldest = lag.oldest == 0 ? waiting->first : std::min(lag.oldest, waiting->first);
    }
    lags.push_back(std::move(lag));
  }
  return lags;
}

Result<std::vector<EventCount>> event_counts(JournalReader& reader) {
  auto rows = reader.database().prepare(
      "SELECT kind, count(*), min(time_ns), max(time_ns) FROM events GROUP BY kind ORDER BY kind");
  if (!rows) return std::move(rows).error();
  std::vector<EventCount> counts;
  while (true) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return counts;
    counts.push_back({.kind = std::string(rows->text(0)),
                      .events = rows->whole(1),
                      .first = rows->whole(2),
                      .last = rows->whole(3)});
  }
}

Result<FileSize> file_size(JournalReader& reader, const std::string& path) {
  const auto free = reader.database().number("PRAGMA freelist_count");
  if (!free) return free.error();
  const auto page = reader.database().number("PRAGMA page_size");
  if (!page) return page.error();
  return FileSize{.file = bytes_at(path),
                  .log = bytes_at(path + "-wal"),
                  .free = static_cast<std::uint64_t>(*free * *page)};
}

}  // namespace plumbline
