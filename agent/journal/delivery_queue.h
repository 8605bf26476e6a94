// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "agent/journal/cursor_table.h"
#include "agent/journal/queue_reader.h"
#include "agent/journal/record.h"

namespace plumbline {

// The part of the export stream that is in memory, and where every destination stands in the whole
// of it. Knows nothing of files and threads: the journal tells it what was committed, evicted and
// read back. Agent thread only.
//
// In memory are: records not yet committed; the newest committed ones, for destinations that keep
// up; and, per cursor, what was last shown to it.
class DeliveryQueue {
 public:
  using CursorId = RecordQueue::CursorId;
  using Record = std::shared_ptr<const LogRecord>;

  // Whether destinations get records before the disk has them. Only while the disk takes nothing:
  // what is sent before it is committed could be sent again under another sequence.
  enum class Show : std::uint8_t { kCommitted, kAll };

  // `first`: the first sequence that will be appended; what is before it is on the disk only.
  DeliveryQueue(std::uint64_t first, std::uint64_t cache_bytes)
      : cache_bytes_(cache_bytes), recent_from_(first), committed_until_(first) {}

  CursorId add_cursor(CursorState state);
  // Its number stays taken; nothing is kept for it any more.
  void remove_cursor(CursorId cursor);

  void append(Record record);
  // Everything before `sequence` that is still here is on the disk.
  void committed(std::uint64_t sequence);
  void show(Show what) { show_ = what; }

  // Uncommitted records from `from` on are dropped, oldest first, until all of them together take
  // at most `max_bytes`. Returns how many items went.
  std::uint64_t bound(std::uint64_t max_bytes, std::uint64_t from);

  // As RecordQueue::take(). Empty although something is queued: it must be read back first.
  std::vector<Record> peek(CursorId cursor, std::uint64_t max_bytes);
  // The destination is done with everything up to `sequence`, all of one signal.
  void finish(CursorId cursor,
              std::uint64_t sequence,
              Signal signal,
              const RecordQueue::Fate& fate);

  // Everything queued for it is dropped. Returns how many items.
  std::uint64_t abandon(CursorId cursor);

  // What must be read back from the disk so that this cursor can go on: [from, end). Empty when
  // nothing must, or while a reading is under way; each range ends in read_back() or give_up().
  struct Range {
    std::uint64_t from = 0;
    std::uint64_t end = 0;
  };
  std::optional<Range> begin_reading(CursorId cursor, std::uint64_t max_bytes);
  // Items that should be queued and are nowhere, were the answer all there is: rows that a damaged
  // index hides. 0 as long as there is more to read.
  std::uint64_t missing(CursorId cursor, const QueueReader::Part& part) const;
  // The answer is taken: damaged records and missing items are dropped. Returns how many items that
  // were.
  std::uint64_t read_back(CursorId cursor, const QueueReader::Part& part);
  void give_up(CursorId cursor);

  // Rows that left the disk: dropped for each cursor that had not passed them and does not hold
  // them. Returns the items dropped, per cursor.
  std::vector<std::uint64_t> evicted(std::span<const Evicted> gone);

  // A new journal was begun: what its cursors count as damaged is lost.
  std::uint64_t lost(std::span<const CursorState> cursors);

  std::vector<Record> uncommitted() const;
  // Everything in memory, each once.
  std::vector<Record> held() const;
  std::vector<CursorState> states() const;
  const CursorState& state(CursorId cursor) const { return cursors_[cursor].state; }
  // The destination of this name, if it is one now.
  std::optional<CursorId> find(const std::string& name) const;
  bool is_active(CursorId cursor) const { return !cursors_[cursor].removed; }
  // Destinations there are now.
  std::size_t active() const;
  // The first sequence that some destination has not finished with.
  std::uint64_t passed() const;
  std::uint64_t uncommitted_bytes() const { return uncommitted_bytes_; }
  UnixNanos oldest_unfinished(CursorId cursor) const;

 private:
  struct Cursor {
    CursorState state;
    std::deque<Record> loaded;       // in order; nothing is missing between them
    std::uint64_t loaded_until = 1;  // ... and up to here
    std::uint64_t loaded_bytes = 0;
    UnixNanos oldest = 0;  // time of the last one taken, while the next is on the disk
    bool reading = false;
    bool removed = false;
    std::set<std::uint64_t> gone;  // dropped while they were being read
  };

  bool is_visible(const LogRecord& record) const;
  void load(Cursor& cursor, std::uint64_t max_bytes);
  static void push(Cursor& cursor, const Record& record);
  using Items = std::array<std::uint64_t, kSignals>;
  Items missing_items(const Cursor& cursor, const QueueReader::Part& part) const;
  static bool holds(const Cursor& cursor, std::uint64_t sequence);
  // For each cursor that needs it. Returns the items dropped, per cursor.
  std::vector<std::uint64_t> drop(const Evicted& gone);
  void trim();

  std::uint64_t cache_bytes_;
  std::deque<Record> recent_;  // in order of sequence
  std::uint64_t recent_from_;  // all records from here on are in recent_ or gone
  std::uint64_t committed_until_;
  std::uint64_t recent_bytes_ = 0;  // all of recent_
  std::uint64_t uncommitted_bytes_ = 0;
  Show show_ = Show::kCommitted;
  std::vector<Cursor> cursors_;
};

}  // namespace plumbline
