// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/delivery_queue.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace plumbline {
namespace {

constexpr auto kSequence = [](const DeliveryQueue::Record& record) { return record->sequence; };

std::size_t at(Signal signal) {
  return static_cast<std::size_t>(signal);
}

}  // namespace

DeliveryQueue::CursorId DeliveryQueue::add_cursor(CursorState state) {
  const auto next = state.next;
  cursors_.push_back({.state = std::move(state), .loaded_until = next});
  return cursors_.size() - 1;
}

void DeliveryQueue::remove_cursor(CursorId id) {
  cursors_[id] = {.state = {.name = cursors_[id].state.name}, .removed = true};
}

std::optional<DeliveryQueue::CursorId> DeliveryQueue::find(const std::string& name) const {
  const auto found = std::ranges::find_if(cursors_, [&name](const Cursor& cursor) {
    return !cursor.removed && cursor.state.name == name;
  });
  if (found == cursors_.end()) return {};
  return static_cast<CursorId>(found - cursors_.begin());
}

std::size_t DeliveryQueue::active() const {
  return static_cast<std::size_t>(std::ranges::count(cursors_, false, &Cursor::removed));
}

void DeliveryQueue::append(Record record) {
  for (auto& cursor : cursors_) {
    if (!cursor.removed) cursor.state.ledgers[at(record->signal)].collected += record->items;
  }
  recent_bytes_ += record->bytes.size();
  uncommitted_bytes_ += record->bytes.size();
  recent_.push_back(std::move(record));
}

void DeliveryQueue::committed(std::uint64_t sequence) {
  for (auto it = std::ranges::lower_bound(recent_, committed_until_, {}, kSequence);
       it != recent_.end() && (*it)->sequence < sequence;
       ++it) {
    uncommitted_bytes_ -= (*it)->bytes.size();
  }
  committed_until_ = std::max(committed_until_, sequence);
  trim();
}

// Committed records go when there are newer ones enough; cursors that need them read them back.
void DeliveryQueue::trim() {
  while (!recent_.empty() && recent_bytes_ - uncommitted_bytes_ > cache_bytes_ &&
         recent_.front()->sequence < committed_until_) {
    recent_bytes_ -= recent_.front()->bytes.size();
    recent_from_ = recent_.front()->sequence + 1;
    recent_.pop_front();
  }
}

std::uint64_t DeliveryQueue::bound(std::uint64_t max_bytes, std::uint64_t from) {
  std::uint64_t items = 0;
  auto it = std::ranges::lower_bound(recent_, std::max(from, committed_until_), {}, kSequence);
  const auto first = it;
  for (; it != recent_.end() && uncommitted_bytes_ > max_bytes; ++it) {
    const auto& record = **it;
    uncommitted_bytes_ -= record.bytes.size();
    recent_bytes_ -= record.bytes.size();
    items += record.items;
    drop({.sequence = record.sequence,
          .signal = record.signal,
          .items = record.items,
          .reason = DropReason::kMemory});
  }
  recent_.erase(first, it);
  return items;
}

bool DeliveryQueue::is_visible(const LogRecord& record) const {
  return show_ == Show::kAll || record.sequence < committed_until_;
}

void DeliveryQueue::push(Cursor& cursor, const Record& record) {
  cursor.loaded.push_back(record);
  cursor.loaded_bytes += record->bytes.size();
}

// Takes over from recent_ once nothing older is missing.
void DeliveryQueue::load(Cursor& cursor, std::uint64_t max_bytes) {
  if (cursor.loaded_until < recent_from_) return;
  for (auto it = std::ranges::lower_bound(recent_, cursor.loaded_until, {}, kSequence);
       it != recent_.end() && is_visible(**it);
       ++it) {
    if (!cursor.loaded.empty() && cursor.loaded_bytes + (*it)->bytes.size() > max_bytes) return;
    push(cursor, *it);
    cursor.loaded_until = (*it)->sequence + 1;
  }
}

std::vector<DeliveryQueue::Record> DeliveryQueue::peek(CursorId id, std::uint64_t max_bytes) {
  auto& cursor = cursors_[id];
  if (cursor.removed) return {};
  load(cursor, max_bytes);
  std::vector<Record> records;
  std::uint64_t bytes = 0;
  for (const auto& record : cursor.loaded) {
    bytes += record->bytes.size();
    if (!records.empty() && (bytes > max_bytes || record->signal != records.front()->signal)) {
      break;
    }
    records.push_back(record);
  }
  return records;
}

void DeliveryQueue::finish(CursorId id,
                           std::uint64_t sequence,
                           Signal signal,
                           const RecordQueue::Fate& fate) {
  auto& cursor = cursors_[id];
  if (cursor.removed) return;
  auto& ledger = cursor.state.ledgers[at(signal)];
  // What a damaged file made us count as lost may turn up after all.
  const auto total = fate.delivered + fate.rejected + fate.dropped + fate.filtered;
  const auto found = total - std::min(total, ledger.queued());
  ledger.collected += found - cursor.state.take_back(signal, DropReason::kDamaged, found);
  ledger.delivered += fate.delivered;
  ledger.rejected += fate.rejected;
  ledger.filtered += fate.filtered;
  cursor.state.drop(signal, DropReason::kRefused, fate.dropped);
  cursor.state.next = std::max(cursor.state.next, sequence + 1);
  while (!cursor.loaded.empty() && cursor.loaded.front()->sequence <= sequence) {
    cursor.oldest = cursor.loaded.front()->time;
    cursor.loaded_bytes -= cursor.loaded.front()->bytes.size();
    cursor.loaded.pop_front();
  }
  cursor.loaded_until = std::max(cursor.loaded_until, cursor.state.next);
}

std::uint64_t DeliveryQueue::abandon(CursorId id) {
  auto& cursor = cursors_[id];
  std::uint64_t items = 0;
  for (std::size_t signal = 0; signal < kSignals; ++signal) {
    const auto queued = cursor.state.ledgers[signal].queued();
    cursor.state.drop(static_cast<Signal>(signal), DropReason::kRefused, queued);
    items += queued;
  }
  cursor.loaded.clear();
  cursor.loaded_bytes = 0;
  const auto end = recent_.empty() ? recent_from_ : recent_.back()->sequence + 1;
  cursor.state.next = std::max(cursor.state.next, end);
  cursor.loaded_until = cursor.state.next;
  return items;
}

std::optional<DeliveryQueue::Range> DeliveryQueue::begin_reading(CursorId id,
                                                                 std::uint64_t max_bytes) {
  auto& cursor = cursors_[id];
  // Half: so that the next part is read while this one is sent.
  if (cursor.removed || cursor.reading || cursor.loaded_until >= recent_from_ ||
      cursor.loaded_bytes > max_bytes / 2) {
    return {};
  }
  cursor.reading = true;
  return Range{.from = cursor.loaded_until, .end = recent_from_};
}

DeliveryQueue::Items DeliveryQueue::missing_items(const Cursor& cursor,
                                                  const QueueReader::Part& part) const {
  Items items{};
  if (part.until < recent_from_) return items;
  for (std::size_t signal = 0; signal < kSignals; ++signal) {
    items[signal] = cursor.state.ledgers[signal].queued();
  }
  const auto found = [&items](Signal signal, std::uint64_t count) {
    auto& left = items[at(signal)];
    left -= std::min(left, count);
  };
  const auto is_new = [&cursor](std::uint64_t sequence) {
    return sequence >= cursor.loaded_until && !cursor.gone.contains(sequence);
  };
  for (const auto& record : cursor.loaded) found(record->signal, record->items);
  for (const auto& record : part.records) {
    if (is_new(record->sequence)) found(record->signal, record->items);
  }
  for (const auto& damaged : part.damaged) {
    if (is_new(damaged.sequence)) found(damaged.signal, damaged.items);
  }
  for (auto it = std::ranges::lower_bound(recent_, part.until, {}, kSequence); it != recent_.end();
       ++it) {
    found((*it)->signal, (*it)->items);
  }
  return items;
}

std::uint64_t DeliveryQueue::missing(CursorId id, const QueueReader::Part& part) const {
  if (cursors_[id].removed) return 0;
  const auto items = missing_items(cursors_[id], part);
  return std::accumulate(items.begin(), items.end(), std::uint64_t{0});
}

std::uint64_t DeliveryQueue::read_back(CursorId id, const QueueReader::Part& part) {
  auto& cursor = cursors_[id];
  if (cursor.removed) return 0;
  std::uint64_t items = 0;
  const auto missing = missing_items(cursor, part);
  for (std::size_t signal = 0; signal < kSignals; ++signal) {
    cursor.state.drop(static_cast<Signal>(signal), DropReason::kDamaged, missing[signal]);
    items += missing[signal];
  }
  for (const auto& damaged : part.damaged) {
    if (damaged.sequence < cursor.loaded_until || cursor.gone.contains(damaged.sequence)) continue;
    cursor.state.drop(damaged.signal, damaged.reason, damaged.items);
    items += damaged.items;
  }
  for (const auto& record : part.records) {
    if (record->sequence < cursor.loaded_until || cursor.gone.contains(record->sequence)) continue;
    push(cursor, record);
  }
  cursor.loaded_until = std::max(cursor.loaded_until, part.until);
  // With nothing readable before it, the cursor moves on.
  if (cursor.loaded.empty()) cursor.state.next = std::max(cursor.state.next, cursor.loaded_until);
  give_up(id);
  return items;
}

void DeliveryQueue::give_up(CursorId id) {
  cursors_[id].reading = false;
  cursors_[id].gone.clear();
}

bool DeliveryQueue::holds(const Cursor& cursor, std::uint64_t sequence) {
  return std::ranges::binary_search(cursor.loaded, sequence, {}, kSequence);
}

std::vector<std::uint64_t> DeliveryQueue::drop(const Evicted& gone) {
  std::vector<std::uint64_t> items(cursors_.size());
  for (std::size_t i = 0; i < cursors_.size(); ++i) {
    auto& cursor = cursors_[i];
    if (cursor.removed || gone.sequence < cursor.state.next || holds(cursor, gone.sequence))
      continue;
    // Already counted as damaged when it was read.
    if (gone.sequence < cursor.loaded_until) continue;
    if (cursor.reading) cursor.gone.insert(gone.sequence);
    cursor.state.drop(gone.signal, gone.reason, gone.items);
    items[i] = gone.items;
  }
  return items;
}

std::vector<std::uint64_t> DeliveryQueue::evicted(std::span<const Evicted> gone) {
  std::vector<std::uint64_t> items(cursors_.size());
  for (const auto& one : gone) {
    const auto dropped = drop(one);
    for (std::size_t i = 0; i < items.size(); ++i) items[i] += dropped[i];
    const auto it = std::ranges::lower_bound(recent_, one.sequence, {}, kSequence);
    if (it == recent_.end() || (*it)->sequence != one.sequence) continue;
    recent_bytes_ -= (*it)->bytes.size();
    recent_.erase(it);
  }
  return items;
}

std::uint64_t DeliveryQueue::lost(std::span<const CursorState> cursors) {
  constexpr auto kDamaged = static_cast<std::size_t>(DropReason::kDamaged);
  std::uint64_t items = 0;
  for (auto& cursor : cursors_) {
    const auto found = std::ranges::find(cursors, cursor.state.name, &CursorState::name);
    if (found == cursors.end()) continue;
    for (std::size_t signal = 0; signal < kSignals; ++signal) {
      const auto known = cursor.state.dropped[signal][kDamaged];
      const auto now = std::max(known, found->dropped[signal][kDamaged]);
      cursor.state.drop(static_cast<Signal>(signal), DropReason::kDamaged, now - known);
      items += now - known;
    }
  }
  return items;
}

std::vector<DeliveryQueue::Record> DeliveryQueue::uncommitted() const {
  return {std::ranges::lower_bound(recent_, committed_until_, {}, kSequence), recent_.end()};
}

std::vector<DeliveryQueue::Record> DeliveryQueue::held() const {
  std::vector<Record> records(recent_.begin(),
                              std::ranges::lower_bound(recent_, committed_until_, {}, kSequence));
  for (const auto& cursor : cursors_) {
    records.insert(records.end(), cursor.loaded.begin(), cursor.loaded.end());
  }
  std::erase_if(records,
                [this](const Record& record) { return record->sequence >= committed_until_; });
  std::ranges::sort(records, {}, kSequence);
  const auto same = std::ranges::unique(records, {}, kSequence);
  records.erase(same.begin(), same.end());
  return records;
}

std::vector<CursorState> DeliveryQueue::states() const {
  std::vector<CursorState> states;
  for (const auto& cursor : cursors_) {
    if (!cursor.removed) states.push_back(cursor.state);
  }
  return states;
}

std::uint64_t DeliveryQueue::passed() const {
  std::uint64_t first = ~std::uint64_t{0} >> 1U;
  for (const auto& cursor : cursors_) {
    if (!cursor.removed) first = std::min(first, cursor.state.next);
  }
  return first;
}

UnixNanos DeliveryQueue::oldest_unfinished(CursorId id) const {
  const auto& cursor = cursors_[id];
  if (!cursor.loaded.empty()) return cursor.loaded.front()->time;
  if (cursor.loaded_until < recent_from_) return cursor.oldest;
  const auto it = std::ranges::lower_bound(recent_, cursor.loaded_until, {}, kSequence);
  return it == recent_.end() ? 0 : (*it)->time;
}

}  // namespace plumbline
