// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/core/clock.h"
#include "exporters/exporter.h"

namespace plumbline {

// One encoded request, shared by all destinations, never changed.
struct LogRecord {
  std::uint64_t sequence = 0;  // grows by one per record, over all signals
  Signal signal = Signal::kMetrics;
  UnixNanos time = 0;
  std::uint64_t items = 0;
  std::string bytes;
};

// Where one destination stands, per signal: collected = delivered + rejected + dropped + queued,
// at every moment (items).
struct Ledger {
  std::uint64_t collected = 0;
  std::uint64_t delivered = 0;
  std::uint64_t rejected = 0;  // refused by the destination, for good
  std::uint64_t dropped = 0;   // never sent: pushed out of the queue by size, or left at shutdown
  std::uint64_t queued() const { return collected - delivered - rejected - dropped; }
};

// The queue between encoding and delivery: an append-only run of records in memory, bounded in
// bytes, that every destination reads at its own pace by a cursor. When it is full the oldest
// record goes, and each destination that had not taken it counts its items as dropped.
// Agent thread only.
class BatchLog {
 public:
  using CursorId = std::uint64_t;
  using Records = std::vector<std::shared_ptr<const LogRecord>>;

  // What became of the items of taken records.
  struct Fate {
    std::uint64_t delivered = 0;
    std::uint64_t rejected = 0;
    std::uint64_t dropped = 0;
  };

  explicit BatchLog(std::uint64_t max_bytes) : max_bytes_(max_bytes) {}

  // A destination that wants all signals from now on; `on_append` is called after each append().
  CursorId add_cursor(std::function<void()> on_append);
  // What is queued for it counts no more.
  void remove_cursor(CursorId cursor);

  void append(Signal signal, UnixNanos time, std::uint64_t items, std::string bytes);

  // The oldest record this destination has not finished with, and those behind it of the same
  // signal, as long as they stay within `max_bytes` together; at least one, if there is one. They
  // stay alive while they are held, and are the destination's until finish().
  Records take(CursorId cursor, std::uint64_t max_bytes);

  // The destination is done with all it has taken. What had been dropped from under it meanwhile is
  // taken off the drop count again, so that no item is counted twice.
  void finish(CursorId cursor, const Fate& fate);

  // Everything queued is dropped; what was taken stays with the destination until finish().
  // Returns how many items.
  std::uint64_t abandon(CursorId cursor);

  const Ledger& ledger(CursorId cursor, Signal signal) const;
  std::uint64_t bytes() const { return bytes_; }
  UnixNanos oldest_unfinished(CursorId cursor) const;  // 0: nothing queued

 private:
  struct Cursor {
    std::uint64_t next = 1;        // first sequence neither finished nor dropped
    std::uint64_t taken_last = 0;  // last sequence taken and not finished; 0: none
    Signal taken_signal = Signal::kMetrics;
    std::uint64_t dropped_while_taken = 0;  // items
    std::array<Ledger, kSignals> ledgers;
    std::function<void()> on_append;
  };

  void drop(Cursor& cursor, const LogRecord& record);
  void drop_oldest();
  void forget_finished();

  std::uint64_t max_bytes_;
  std::uint64_t bytes_ = 0;
  std::uint64_t next_sequence_ = 1;
  CursorId next_cursor_ = 1;
  std::deque<std::shared_ptr<const LogRecord>> records_;
  std::map<CursorId, Cursor> cursors_;
};

}  // namespace plumbline
