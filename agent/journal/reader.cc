// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/reader.h"

#include "agent/journal/cursor_table.h"
#include "agent/journal/schema.h"

namespace plumbline {
namespace {

bool touches(const BatchHead& head, const JournalReader::Query& query) {
  return head.signal == query.signal && head.last >= query.from && head.first <= query.to &&
         head.sequence >= query.first_sequence;
}

void bind(sqlite::Statement& statement, const JournalReader::Query& query) {
  statement.bind(1, static_cast<int>(query.stream));
  statement.bind(2, static_cast<int>(query.signal));
  statement.bind(3, query.from);
  statement.bind(4, query.to);
  statement.bind(5, query.first_sequence);
}

}  // namespace

Result<std::unique_ptr<JournalReader>> JournalReader::open(const std::string& path) {
  auto database = sqlite::Database::open(path, sqlite::Access::kReadOnly);
  if (!database) return std::move(database).error();
  if (auto fits = check_schema(*database); !fits) {
    return Error{.code = fits.error().code,
                 .what = "cannot read the journal " + path + ": " + fits.error().what};
  }
  TRY(database->execute("PRAGMA cell_size_check = ON"));
  auto chains = ChainReader::prepare(*database);
  if (!chains) return std::move(chains).error();
  return std::unique_ptr<JournalReader>(
      new JournalReader(std::move(*database), std::move(*chains)));
}

Result<std::vector<std::uint64_t>> JournalReader::chains_in(const Query& query) {
  auto rows = database_.prepare(
      "SELECT DISTINCT chain FROM batches INDEXED BY batches_by_chain WHERE stream = ?1"
      " AND signal = ?2 AND last_ns >= ?3 AND first_ns <= ?4 AND sequence >= ?5 ORDER BY chain");
  if (!rows) return std::move(rows).error();
  bind(*rows, query);
  std::vector<std::uint64_t> chains;
  while (true) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return chains;
    chains.push_back(rows->whole(0));
  }
}

Result<> JournalReader::read(const Query& query,
                             const std::function<Visit(const BatchView&)>& visit) {
  const auto chains = chains_in(query);
  if (!chains) return chains.error();
  bool wanted = true;
  for (const auto chain : *chains) {
    TRY(chains_.read(query.stream, chain, [&query, &visit, &wanted](const BatchView& row) {
      if (!touches(row.head, query)) return Visit::kContinue;
      wanted = visit(row) == Visit::kContinue;
      return wanted ? Visit::kContinue : Visit::kStop;
    }));
    if (!wanted) return {};
  }
  return {};
}

Result<JournalReader::Extent> JournalReader::extent(const Query& query) {
  auto rows = database_.prepare(
      "SELECT count(*), sum(items), min(first_ns), max(last_ns) FROM batches"
      " INDEXED BY batches_by_chain WHERE stream = ?1 AND signal = ?2 AND last_ns >= ?3"
      " AND first_ns <= ?4 AND sequence >= ?5");
  if (!rows) return std::move(rows).error();
  bind(*rows, query);
  const auto row = rows->step();
  if (!row) return row.error();
  return Extent{.batches = rows->whole(0),
                .items = rows->whole(1),
                .first = rows->whole(2),
                .last = rows->whole(3)};
}

Result<std::vector<EventRow>> JournalReader::events(UnixNanos from, UnixNanos to) {
  auto rows = database_.prepare(
      "SELECT time_ns, kind, subject, body FROM events WHERE time_ns >= ?1 AND time_ns <= ?2"
      " ORDER BY time_ns, id");
  if (!rows) return std::move(rows).error();
  rows->bind(1, from);
  rows->bind(2, to);
  std::vector<EventRow> events;
  while (true) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return events;
    events.push_back({.time = rows->whole(0),
                      .kind = std::string(rows->text(1)),
                      .subject = std::string(rows->text(2)),
                      .body = std::string(rows->text(3))});
  }
}

Result<std::vector<CursorState>> JournalReader::cursors() {
  auto transaction = sqlite::Transaction::begin(database_, sqlite::Transaction::Kind::kRead);
  if (!transaction) return std::move(transaction).error();
  auto loaded = load_cursors(database_);
  if (!loaded) return std::move(loaded).error();
  return std::move(loaded->cursors);
}

Result<std::string> JournalReader::state(const std::string& key) {
  auto find = database_.prepare("SELECT value FROM state WHERE key = ?1");
  if (!find) return std::move(find).error();
  find->bind_text(1, key);
  const auto row = find->step();
  if (!row) return row.error();
  return *row ? std::string(find->blob(0)) : std::string();
}

}  // namespace plumbline
