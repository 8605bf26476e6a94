// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/compaction.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "agent/journal/downsample.h"

namespace plumbline {
namespace {

constexpr auto kCompactedUntil = "SELECT value FROM meta WHERE key = 'compacted_until'";

// The chains of the 1 s record that hold a row after `sequence`, oldest first, and whether they
// reach over a batch of windows.
struct Due {
  std::vector<std::uint64_t> chains;
  bool enough = false;
};

Result<Due> find_due(sqlite::Database& database, std::uint64_t after) {
  auto rows = database.prepare(
      "SELECT chain, min(first_ns), max(last_ns), count(*) FROM batches"
      " INDEXED BY batches_by_chain WHERE stream = 1 AND signal = 0 AND chain > ?1"
      " AND sequence > ?2 GROUP BY chain ORDER BY chain");
  if (!rows) return std::move(rows).error();
  rows->bind(1, after > kChainSpan ? after - kChainSpan : std::uint64_t{0});
  rows->bind(2, after);
  Due due;
  std::uint64_t seconds = 0;
  while (true) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) break;
    due.chains.push_back(rows->whole(0));
    seconds += std::max<std::uint64_t>(rows->whole(3),
                                       (rows->whole(2) - rows->whole(1)) / 1'000'000'000ULL);
  }
  due.enough = seconds > (kWindowsPerCompaction + 1) * kTenthWindow / 1'000'000'000ULL;
  return due;
}

// Gathers the seconds of one window after another and writes each as a row.
class Windows {
 public:
  Windows(ChainWriter& writer, std::uint64_t first_sequence, std::uint64_t until)
      : writer_(writer),
        next_(first_sequence),
        end_(first_sequence + kCompactionSequences),
        until_(until) {}

  // Takes one second; kStop when enough windows are written.
  Visit take(const BatchView& row) {
    if (row.head.sequence <= until_ || row.damaged()) return Visit::kContinue;
    const auto window = row.head.last / kTenthWindow;
    if (last_ != 0 && window != window_) {
      result_ = write();
      // The last window is open as long as nothing of a later one has been seen.
      until_ = previous_;
      if (!result_ || next_ == end_ || ++written_ == kWindowsPerCompaction) return Visit::kStop;
    }
    if (last_ == 0) first_ = row.head.first;
    window_ = window;
    first_ = std::min(first_, row.head.first);
    last_ = std::max(last_, row.head.last);
    previous_ = row.head.sequence;
    // A row whose checksum holds is what was written; if it is no request, there is nothing in it.
    static_cast<void>(downsampler_.add(row.request));
    return Visit::kContinue;
  }

  bool done() const { return !result_ || next_ == end_ || written_ == kWindowsPerCompaction; }
  const Result<>& result() const { return result_; }
  std::uint64_t until() const { return until_; }

 private:
  Result<> write() {
    auto window = downsampler_.finish();
    const auto first = std::exchange(first_, 0);
    const auto last = std::exchange(last_, 0);
    if (window.items == 0) return {};
    LogRecord record{.sequence = next_++,
                     .signal = Signal::kMetrics,
                     .time = last,
                     .items = window.items,
                     .bytes = std::move(window.request)};
    return writer_.insert(
        Stream::kTenth, std::make_shared<const LogRecord>(std::move(record)), first);
  }

  ChainWriter& writer_;
  std::uint64_t next_;
  std::uint64_t end_;
  std::uint64_t until_;
  std::uint64_t previous_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t window_ = 0;
  UnixNanos first_ = 0;
  UnixNanos last_ = 0;
  Downsampler downsampler_;
  Result<> result_;
};

}  // namespace

Result<> compact(sqlite::Database& database,
                 ChainReader& reader,
                 ChainWriter& writer,
                 std::uint64_t first_sequence) {
  const auto until = database.number(kCompactedUntil);
  if (!until) return until.error();
  const auto after = static_cast<std::uint64_t>(*until);
  const auto due = find_due(database, after);
  if (!due) return due.error();
  if (!due->enough) return {};
  Windows windows(writer, first_sequence, after);
  for (const auto chain : due->chains) {
    TRY(reader.read(
        Stream::kSecond, chain, [&windows](const BatchView& row) { return windows.take(row); }));
    if (windows.done()) break;
  }
  TRY(windows.result());
  auto save = database.prepare("REPLACE INTO meta VALUES('compacted_until', ?1)");
  if (!save) return std::move(save).error();
  save->bind(1, windows.until());
  return save->run();
}

}  // namespace plumbline
