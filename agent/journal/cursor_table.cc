// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/cursor_table.h"

#include <algorithm>
#include <utility>

namespace plumbline {
namespace {

std::size_t signal_at(const sqlite::Statement& row, int column) {
  return std::min<std::size_t>(row.whole(column), kSignals - 1);
}

Result<> load_ledgers(sqlite::Database& database, CursorState& cursor) {
  auto rows = database.prepare(
      "SELECT signal, collected, delivered, rejected, filtered FROM ledgers WHERE cursor = ?1");
  if (!rows) return std::move(rows).error();
  rows->bind_text(1, cursor.name);
  while (true) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) break;
    cursor.ledgers[signal_at(*rows, 0)] = {.collected = rows->whole(1),
                                           .delivered = rows->whole(2),
                                           .rejected = rows->whole(3),
                                           .filtered = rows->whole(4)};
  }
  auto drops = database.prepare("SELECT signal, reason, items FROM drops WHERE cursor = ?1");
  if (!drops) return std::move(drops).error();
  drops->bind_text(1, cursor.name);
  while (true) {
    const auto row = drops->step();
    if (!row) return row.error();
    if (!*row) return {};
    const auto reason = std::min<std::size_t>(drops->whole(1), kDropReasons - 1);
    cursor.drop(static_cast<Signal>(signal_at(*drops, 0)),
                static_cast<DropReason>(reason),
                drops->whole(2));
  }
}

// The items that wait for this cursor, counted from the rows.
Result<std::array<std::uint64_t, kSignals>> count_queued(sqlite::Database& database,
                                                         std::uint64_t next) {
  std::array<std::uint64_t, kSignals> queued{};
  auto rows = database.prepare(
      "SELECT signal, sum(items) FROM batches INDEXED BY batches_by_chain"
      " WHERE stream = 0 AND sequence >= ?1 GROUP BY signal");
  if (!rows) return std::move(rows).error();
  rows->bind(1, next);
  while (true) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return queued;
    queued[signal_at(*rows, 0)] = rows->whole(1);
  }
}

// Returns the items that were missing.
Result<std::uint64_t> reconcile(sqlite::Database& database, CursorState& cursor) {
  const auto queued = count_queued(database, cursor.next);
  if (!queued) return queued.error();
  std::uint64_t lost = 0;
  for (std::size_t signal = 0; signal < kSignals; ++signal) {
    auto& ledger = cursor.ledgers[signal];
    const auto accounted =
        ledger.delivered + ledger.rejected + ledger.dropped + ledger.filtered + (*queued)[signal];
    const auto missing = ledger.collected - std::min(ledger.collected, accounted);
    cursor.drop(static_cast<Signal>(signal), DropReason::kDamaged, missing);
    ledger.collected = std::max(ledger.collected, accounted);
    lost += missing;
  }
  return lost;
}

// As they stand in the file.
Result<std::vector<CursorState>> read_cursors(sqlite::Database& database) {
  std::vector<CursorState> cursors;
  auto rows = database.prepare("SELECT name, next FROM cursors ORDER BY name");
  if (!rows) return std::move(rows).error();
  while (true) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) break;
    cursors.push_back({.name = std::string(rows->text(0)), .next = rows->whole(1)});
  }
  for (auto& cursor : cursors) TRY(load_ledgers(database, cursor));
  return cursors;
}

}  // namespace

Result<LoadedCursors> load_cursors(sqlite::Database& database) {
  auto cursors = read_cursors(database);
  if (!cursors) return std::move(cursors).error();
  LoadedCursors loaded{.cursors = std::move(*cursors)};
  for (auto& cursor : loaded.cursors) {
    const auto lost = reconcile(database, cursor);
    if (!lost) return lost.error();
    loaded.lost += *lost;
  }
  return loaded;
}

Result<CursorTable> CursorTable::prepare(sqlite::Database& database) {
  auto cursor = database.prepare("REPLACE INTO cursors(name, next) VALUES(?1, ?2)");
  if (!cursor) return std::move(cursor).error();
  auto ledger = database.prepare(
      "REPLACE INTO ledgers(cursor, signal, collected, delivered, rejected, filtered)"
      " VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
  if (!ledger) return std::move(ledger).error();
  auto drop =
      database.prepare("REPLACE INTO drops(cursor, signal, reason, items) VALUES(?1, ?2, ?3, ?4)");
  if (!drop) return std::move(drop).error();
  return CursorTable(std::move(*cursor), std::move(*ledger), std::move(*drop));
}

Result<> CursorTable::save(const CursorState& cursor) {
  auto saved = std::ranges::find(saved_, cursor.name, &CursorState::name);
  const bool known = saved != saved_.end();
  if (!known) saved = saved_.insert(saved_.end(), CursorState{.name = cursor.name});
  if (!known || saved->next != cursor.next) {
    cursor_.bind_text(1, cursor.name);
    cursor_.bind(2, cursor.next);
    TRY(cursor_.run());
  }
  for (std::size_t signal = 0; signal < kSignals; ++signal) {
    const auto& now = cursor.ledgers[signal];
    const auto& before = saved->ledgers[signal];
    if (now.collected != before.collected || now.delivered != before.delivered ||
        now.rejected != before.rejected || now.filtered != before.filtered) {
      ledger_.bind_text(1, cursor.name);
      ledger_.bind(2, std::uint64_t{signal});
      ledger_.bind(3, now.collected);
      ledger_.bind(4, now.delivered);
      ledger_.bind(5, now.rejected);
      ledger_.bind(6, now.filtered);
      TRY(ledger_.run());
    }
    for (std::size_t reason = 0; reason < kDropReasons; ++reason) {
      if (cursor.dropped[signal][reason] == saved->dropped[signal][reason]) continue;
      drop_.bind_text(1, cursor.name);
      drop_.bind(2, std::uint64_t{signal});
      drop_.bind(3, std::uint64_t{reason});
      drop_.bind(4, cursor.dropped[signal][reason]);
      TRY(drop_.run());
    }
  }
  *saved = cursor;
  return {};
}

Result<> CursorTable::remove(sqlite::Database& database, const std::string& name) {
  for (const auto* sql : {"DELETE FROM cursors WHERE name = ?1",
                          "DELETE FROM ledgers WHERE cursor = ?1",
                          "DELETE FROM drops WHERE cursor = ?1"}) {
    auto statement = database.prepare(sql);
    if (!statement) return std::move(statement).error();
    statement->bind_text(1, name);
    TRY(statement->run());
  }
  std::erase_if(saved_, [&name](const CursorState& cursor) { return cursor.name == name; });
  return {};
}

Result<> CursorTable::drop(sqlite::Database& database, std::span<const Evicted> evicted) {
  if (evicted.empty()) return {};
  if (saved_.empty()) {
    auto read = read_cursors(database);
    if (!read) return std::move(read).error();
    saved_ = std::move(*read);
  }
  const auto cursors = saved_;
  for (auto cursor : cursors) {
    for (const auto& gone : evicted) {
      if (gone.sequence >= cursor.next) cursor.drop(gone.signal, gone.reason, gone.items);
    }
    TRY(save(cursor));
  }
  return {};
}

}  // namespace plumbline
