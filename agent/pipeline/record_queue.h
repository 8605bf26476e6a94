// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/core/clock.h"
#include "exporters/exporter.h"

namespace plumbline {

// One encoded request, shared by all destinations, never changed.
struct LogRecord {
  std::uint64_t sequence = 0;  // grows by at least one per record, over all signals
  Signal signal = Signal::kMetrics;
  UnixNanos time = 0;
  std::uint64_t items = 0;
  std::string bytes;
};

// Where one destination stands, per signal: collected = delivered + rejected + dropped + filtered +
// queued, at every moment (items).
struct Ledger {
  std::uint64_t collected = 0;
  std::uint64_t delivered = 0;
  std::uint64_t rejected = 0;  // refused by the destination, for good
  std::uint64_t dropped = 0;   // never sent: pushed out of the queue by its budget, or given up
  std::uint64_t filtered = 0;  // not meant for it
  std::uint64_t queued() const { return collected - delivered - rejected - dropped - filtered; }
  // What happened after `earlier`; what was queued then counts as collected.
  Ledger since(const Ledger& earlier) const {
    return {.collected = collected - (earlier.collected - earlier.queued()),
            .delivered = delivered - earlier.delivered,
            .rejected = rejected - earlier.rejected,
            .dropped = dropped - earlier.dropped,
            .filtered = filtered - earlier.filtered};
  }
};

// The queue between encoding and delivery, as the delivery loops see it: a run of records that
// every destination reads at its own pace by a cursor. BatchLog keeps it in memory, Journal on
// disk. Agent thread only.
class RecordQueue {
 public:
  using CursorId = std::size_t;
  using Records = std::vector<std::shared_ptr<const LogRecord>>;

  // What became of the items of taken records.
  struct Fate {
    std::uint64_t delivered = 0;
    std::uint64_t rejected = 0;
    std::uint64_t dropped = 0;
    std::uint64_t filtered = 0;
  };

  RecordQueue() = default;
  RecordQueue(const RecordQueue&) = delete;
  RecordQueue& operator=(const RecordQueue&) = delete;
  RecordQueue(RecordQueue&&) = delete;
  RecordQueue& operator=(RecordQueue&&) = delete;
  virtual ~RecordQueue() = default;

  // A destination by its stable name; it wants all signals. A durable queue that knows the name
  // goes on where it was, else it gets what comes from now on. `on_append` is called whenever there
  // may be something to take.
  virtual CursorId add_cursor(const std::string& name, std::function<void()> on_append) = 0;
  // It is no destination any more: what is queued for it counts no more.
  virtual void remove_cursor(CursorId cursor) = 0;

  // A request for all of them.
  virtual void append(Signal signal, UnixNanos time, std::uint64_t items, std::string bytes) = 0;

  // The oldest record this destination has not finished with, and those behind it of the same
  // signal, as long as they stay within `max_bytes` together; at least one, if there is one. They
  // stay alive while they are held, and are the destination's until finish(). Empty although
  // something is queued: it is being read from the disk, and on_append will be called.
  virtual Records take(CursorId cursor, std::uint64_t max_bytes) = 0;

  // The destination is done with all it has taken.
  virtual void finish(CursorId cursor, const Fate& fate) = 0;

  // Everything queued for it is dropped; what was taken stays with the destination until finish().
  // Returns how many items.
  virtual std::uint64_t abandon(CursorId cursor) = 0;

  // Whether what is queued, or taken and not finished, is there again after the process has ended.
  virtual bool is_durable() const = 0;

  virtual const Ledger& ledger(CursorId cursor, Signal signal) const = 0;
  virtual UnixNanos oldest_unfinished(CursorId cursor) const = 0;  // 0: nothing queued
};

}  // namespace plumbline
