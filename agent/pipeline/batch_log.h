// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
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
  using CursorId = std::size_t;

  explicit BatchLog(std::uint64_t max_bytes) : max_bytes_(max_bytes) {}

  // A destination that wants all signals from now on.
  CursorId add_cursor();

  // Appends and wakes everybody who waits (see on_append).
  void append(Signal signal, UnixNanos time, std::uint64_t items, std::string bytes);

  // The oldest record this destination has not finished with, and those behind it of the same
  // signal, as long as they stay within `max_bytes` together; at least one, if there is one. The
  // cursor does not move until finish(). Records stay alive while they are held.
  std::vector<std::shared_ptr<const LogRecord>> peek(CursorId cursor,
                                                     std::uint64_t max_bytes) const;

  // The destination is done with everything up to and including `sequence`; how it went is told
  // in items. What had already been dropped from under it while it was being sent is taken off
  // the drop count again, so that no item is counted twice.
  void finish(CursorId cursor,
              std::uint64_t sequence,
              Signal signal,
              std::uint64_t delivered,
              std::uint64_t rejected,
              std::uint64_t dropped);

  const Ledger& ledger(CursorId cursor, Signal signal) const;
  std::uint64_t bytes() const { return bytes_; }
  UnixNanos oldest_unfinished(CursorId cursor) const;  // 0: nothing queued

  // Called after each append().
  void on_append(std::function<void()> callback) { callbacks_.push_back(std::move(callback)); }

 private:
  struct Cursor {
    std::uint64_t next = 1;  // first sequence not finished
    std::array<Ledger, kSignals> ledgers;
  };

  void drop_oldest();

  std::uint64_t max_bytes_;
  std::uint64_t bytes_ = 0;
  std::uint64_t next_sequence_ = 1;
  std::deque<std::shared_ptr<const LogRecord>> records_;
  std::vector<Cursor> cursors_;
  std::vector<std::function<void()>> callbacks_;
};

}  // namespace plumbline
