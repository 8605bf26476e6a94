// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/batch_log.h"

#include <algorithm>
#include <utility>

namespace plumbline {

BatchLog::CursorId BatchLog::add_cursor(const std::string& /*name*/,
                                        std::function<void()> on_append) {
  Cursor cursor;
  cursor.next = next_sequence_;
  cursor.on_append = std::move(on_append);
  cursors_.emplace(next_cursor_, std::move(cursor));
  return next_cursor_++;
}

void BatchLog::remove_cursor(CursorId cursor) {
  cursors_.erase(cursor);
  forget_finished();
}

void BatchLog::append(Signal signal, UnixNanos time, std::uint64_t items, std::string bytes) {
  if (cursors_.empty()) return;  // nobody wants it
  bytes_ += bytes.size();
  records_.push_back(std::make_shared<const LogRecord>(LogRecord{.sequence = next_sequence_++,
                                                                 .signal = signal,
                                                                 .time = time,
                                                                 .items = items,
                                                                 .bytes = std::move(bytes)}));
  for (auto& [id, cursor] : cursors_) {
    cursor.ledgers[static_cast<std::size_t>(signal)].collected += items;
  }
  while (bytes_ > max_bytes_ && !records_.empty()) drop_oldest();
  for (auto& [id, cursor] : cursors_) cursor.on_append();
}

BatchLog::Records BatchLog::take(CursorId id, std::uint64_t max_bytes) {
  auto& cursor = cursors_.at(id);
  Records taken;
  std::uint64_t bytes = 0;
  for (const auto& record : records_) {
    if (record->sequence < cursor.next) continue;
    const bool fits = bytes + record->bytes.size() <= max_bytes;
    if (!taken.empty() && (!fits || record->signal != taken.front()->signal)) break;
    bytes += record->bytes.size();
    taken.push_back(record);
  }
  if (!taken.empty()) {
    cursor.taken_last = taken.back()->sequence;
    cursor.taken_signal = taken.front()->signal;
  }
  return taken;
}

void BatchLog::finish(CursorId id, const Fate& fate) {
  auto& cursor = cursors_.at(id);
  auto& ledger = cursor.ledgers[static_cast<std::size_t>(cursor.taken_signal)];
  ledger.delivered += fate.delivered;
  ledger.rejected += fate.rejected;
  ledger.dropped += fate.dropped;
  ledger.filtered += fate.filtered;
  ledger.dropped -= std::exchange(cursor.dropped_while_taken, 0);
  cursor.next = std::max(cursor.next, cursor.taken_last + 1);
  cursor.taken_last = 0;
  forget_finished();
}

std::uint64_t BatchLog::abandon(CursorId id) {
  auto& cursor = cursors_.at(id);
  std::uint64_t items = 0;
  for (const auto& record : records_) {
    if (record->sequence < cursor.next) continue;
    items += record->items;
    drop(cursor, *record);
  }
  forget_finished();
  return items;
}

const Ledger& BatchLog::ledger(CursorId id, Signal signal) const {
  return cursors_.at(id).ledgers[static_cast<std::size_t>(signal)];
}

UnixNanos BatchLog::oldest_unfinished(CursorId id) const {
  const auto& cursor = cursors_.at(id);
  for (const auto& record : records_) {
    if (record->sequence >= cursor.next) return record->time;
  }
  return 0;
}

void BatchLog::drop(Cursor& cursor, const LogRecord& record) {
  cursor.ledgers[static_cast<std::size_t>(record.signal)].dropped += record.items;
  if (record.sequence <= cursor.taken_last) cursor.dropped_while_taken += record.items;
  cursor.next = record.sequence + 1;
}

void BatchLog::drop_oldest() {
  const auto oldest = records_.front();
  for (auto& [id, cursor] : cursors_) {
    if (cursor.next <= oldest->sequence) drop(cursor, *oldest);
  }
  bytes_ -= oldest->bytes.size();
  records_.pop_front();
}

void BatchLog::forget_finished() {
  auto needed = next_sequence_;
  for (const auto& [id, cursor] : cursors_) needed = std::min(needed, cursor.next);
  while (!records_.empty() && records_.front()->sequence < needed) {
    bytes_ -= records_.front()->bytes.size();
    records_.pop_front();
  }
}

}  // namespace plumbline
