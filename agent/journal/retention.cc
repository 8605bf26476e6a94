// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/retention.h"

#include <utility>

#include <fmt/format.h>

namespace plumbline {
namespace {

// Later than now by more than clocks and collectors are ever apart.
constexpr UnixNanos kFuture = 3600ULL * 1'000'000'000ULL;

UnixNanos before(UnixNanos now, std::chrono::seconds age) {
  const auto nanos = static_cast<UnixNanos>(std::chrono::nanoseconds(age).count());
  return now > nanos ? now - nanos : 0;
}

}  // namespace

Result<Retention> Retention::prepare(sqlite::Database& database) {
  auto oldest = database.prepare(
      "SELECT chain, max(last_ns), max(sequence) FROM batches INDEXED BY batches_by_chain"
      " WHERE stream = ?1 AND chain > ?2 GROUP BY chain ORDER BY chain LIMIT 1");
  if (!oldest) return std::move(oldest).error();
  auto exports = database.prepare(
      "SELECT sequence, signal, items FROM batches INDEXED BY batches_by_chain"
      " WHERE stream = 0 AND chain = ?1");
  if (!exports) return std::move(exports).error();
  auto first =
      database.prepare("SELECT stream, chain, sequence FROM batches ORDER BY sequence LIMIT 1");
  if (!first) return std::move(first).error();
  auto remove = database.prepare("DELETE FROM batches WHERE stream = ?1 AND chain = ?2");
  if (!remove) return std::move(remove).error();
  auto remove_row = database.prepare("DELETE FROM batches WHERE sequence = ?1");
  if (!remove_row) return std::move(remove_row).error();
  return Retention(std::move(*oldest),
                   std::move(*exports),
                   std::move(*first),
                   std::move(*remove),
                   std::move(*remove_row));
}

Result<> Retention::remove(Stream stream,
                           std::uint64_t chain,
                           DropReason reason,
                           std::vector<Evicted>& evicted) {
  if (stream == Stream::kExport) {
    exports_.bind(1, chain);
    while (true) {
      const auto row = exports_.step();
      if (!row) return row.error();
      if (!*row) break;
      evicted.push_back({.sequence = exports_.whole(0),
                         .signal = static_cast<Signal>(exports_.integer(1)),
                         .items = exports_.whole(2),
                         .reason = reason});
    }
    exports_.reset();
  }
  remove_.bind(1, static_cast<int>(stream));
  remove_.bind(2, chain);
  return remove_.run();
}

Result<> Retention::expire(const JournalBudget& budget,
                           const Now& now,
                           const ChainWriter& writer,
                           std::vector<Evicted>& evicted) {
  if (now.time == 0) return {};
  for (const auto stream : {Stream::kExport, Stream::kSecond, Stream::kTenth}) {
    const auto age = stream == Stream::kSecond  ? budget.second
                     : stream == Stream::kTenth ? budget.tenth
                                                : budget.undelivered;
    for (std::uint64_t after = 0;;) {
      oldest_.bind(1, static_cast<int>(stream));
      oldest_.bind(2, after);
      const auto row = oldest_.step();
      if (!row) return row.error();
      const auto chain = oldest_.whole(0);
      const auto newest = oldest_.whole(1);
      const auto last = oldest_.whole(2);
      oldest_.reset();
      if (!*row || writer.is_open(chain)) break;
      const bool delivered = stream == Stream::kExport && last < now.passed;
      after = chain;
      if (newest > now.time + kFuture) continue;
      if (newest >= before(now.time, delivered ? budget.delivered : age)) break;
      TRY(remove(stream, chain, DropReason::kAge, evicted));
    }
  }
  return {};
}

Result<> Retention::make_room(sqlite::Database& database,
                              std::uint64_t bytes,
                              std::vector<Evicted>& evicted) {
  const auto used = used_bytes(database);
  if (!used) return used.error();
  while (true) {
    const auto now = used_bytes(database);
    if (!now) return now.error();
    if (*now + bytes <= *used) return {};
    const auto row = first_.step();
    if (!row) return row.error();
    const auto stream = static_cast<Stream>(first_.integer(0));
    const auto chain = first_.whole(1);
    const auto sequence = first_.whole(2);
    first_.reset();
    if (!*row) return {};
    TRY(remove(stream, chain, DropReason::kSize, evicted));
    // A damaged row may name a chain that is not its own; the oldest row goes in any case.
    remove_row_.bind(1, sequence);
    TRY(remove_row_.run());
  }
}

Result<std::uint64_t> used_bytes(sqlite::Database& database) {
  const auto size = database.number("PRAGMA page_size");
  if (!size) return size.error();
  const auto pages = database.number("PRAGMA page_count");
  if (!pages) return pages.error();
  const auto free = database.number("PRAGMA freelist_count");
  if (!free) return free.error();
  return static_cast<std::uint64_t>((*pages - *free) * *size);
}

Result<> shrink(sqlite::Database& database, std::uint64_t pages) {
  const auto count = database.number("PRAGMA page_count");
  if (!count) return count.error();
  const auto free = database.number("PRAGMA freelist_count");
  if (!free) return free.error();
  if (*free * 8 <= *count) return {};
  return database.execute(fmt::format("PRAGMA incremental_vacuum({})", pages));
}

}  // namespace plumbline
