// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "agent/core/clock.h"
#include "agent/pipeline/record_queue.h"

namespace plumbline {

// The queue in memory, bounded in bytes: for an agent without a journal. When it is full the oldest
// record goes, and each destination that had not taken it counts its items as dropped.
class BatchLog final : public RecordQueue {
 public:
  explicit BatchLog(std::uint64_t max_bytes) : max_bytes_(max_bytes) {}

  CursorId add_cursor(const std::string& name, std::function<void()> on_append) override;
  void remove_cursor(CursorId cursor) override;
  void append(Signal signal, UnixNanos time, std::uint64_t items, std::string bytes) override;
  Records take(CursorId cursor, std::uint64_t max_bytes) override;
  // What had been dropped from under the taken records meanwhile is taken off the drop count again,
  // so that no item is counted twice.
  void finish(CursorId cursor, const Fate& fate) override;
  std::uint64_t abandon(CursorId cursor) override;
  bool is_durable() const override { return false; }

  const Ledger& ledger(CursorId cursor, Signal signal) const override;
  std::uint64_t bytes() const { return bytes_; }
  UnixNanos oldest_unfinished(CursorId cursor) const override;

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
