// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/schema.h"

#include <array>

#include <fmt/format.h>

namespace plumbline {
namespace {

// 1 KiB pages: a second of 1,500 points is 5 KB, and half a page is lost at the end of each row.
// Measured on such rows: 6 % over the rows themselves (2 KiB: 9 %, 8 KiB: 63 %), and half of the
// bytes written that 4 KiB pages cost. Both pragmas count only in a file without tables.
constexpr auto kNewFile = "PRAGMA page_size = 1024; PRAGMA auto_vacuum = INCREMENTAL;";

// The index holds all that range reads, retention and the queue ask for, so that they never touch
// the pages of the bytes.
constexpr auto kVersion1 = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE batches(
  sequence INTEGER PRIMARY KEY,  -- order of writing, over all streams and signals
  stream INTEGER NOT NULL,       -- 0 export, 1 every second, 2 every ten seconds
  signal INTEGER NOT NULL,       -- 0 metrics, 1 traces, 2 logs
  first_ns INTEGER NOT NULL,     -- time range of the points, Unix nanoseconds
  last_ns INTEGER NOT NULL,
  items INTEGER NOT NULL,        -- data points, spans or log records
  chain INTEGER NOT NULL,        -- sequence of the first row of its chain
  link INTEGER NOT NULL,         -- place in the chain, from 0
  codec INTEGER NOT NULL,        -- 1: zstd, the row before it in the chain as prefix; 2: columns
  raw_bytes INTEGER NOT NULL,
  checksum INTEGER NOT NULL,     -- CRC-32 over the columns and the bytes
  bytes BLOB NOT NULL);          -- an OTLP Export...ServiceRequest, compressed
CREATE INDEX batches_by_chain ON batches(stream, chain, sequence, signal, items, first_ns, last_ns);
CREATE TABLE cursors(
  name TEXT PRIMARY KEY,         -- of the destination
  next INTEGER NOT NULL          -- first sequence of stream 0 it has not finished with
) WITHOUT ROWID;
CREATE TABLE ledgers(            -- items; queued = collected - all the others
  cursor TEXT NOT NULL, signal INTEGER NOT NULL,
  collected INTEGER NOT NULL, delivered INTEGER NOT NULL, rejected INTEGER NOT NULL,
  filtered INTEGER NOT NULL,
  PRIMARY KEY(cursor, signal)) WITHOUT ROWID;
CREATE TABLE drops(              -- reason: 0 size, 1 age, 2 damaged, 3 memory, 4 refused
  cursor TEXT NOT NULL, signal INTEGER NOT NULL, reason INTEGER NOT NULL, items INTEGER NOT NULL,
  PRIMARY KEY(cursor, signal, reason)) WITHOUT ROWID;
CREATE TABLE events(
  id INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
  body TEXT NOT NULL);
CREATE INDEX events_by_time ON events(time_ns);
CREATE TABLE state(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
)sql";

// Element i leads from version i to i + 1.
constexpr std::array<const char*, kSchemaVersion> kMigrations{kVersion1};

}  // namespace

Result<> check_schema(sqlite::Database& database) {
  const auto version = database.number("PRAGMA user_version");
  if (!version) return version.error();
  const auto owner = database.number("PRAGMA application_id");
  if (!owner) return owner.error();
  const auto tables = database.number("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables.error();
  if (*tables == 0 && *version == 0) return {};
  const auto ours = database.number(
      "SELECT count(*) FROM sqlite_schema WHERE name IN ('meta', 'batches', 'cursors')");
  if (!ours) return ours.error();
  if (*ours != 3) {
    return Error{.code = Errc::kUnsupported, .what = "it is a database of another program"};
  }
  // The version stands twice, so that a damaged header is not taken for a newer program.
  const auto written = database.number("SELECT value FROM meta WHERE key = 'schema_version'");
  if (!written) return written.error();
  if (*owner != kApplicationId || *written != *version) {
    return Error{.code = Errc::kMalformed, .what = "its header is damaged"};
  }
  if (*version > kSchemaVersion) {
    return Error{.code = Errc::kUnsupported,
                 .what = fmt::format("it was written by a newer plumbline (its version is {}, this "
                                     "program knows {}); start the newer one, or move it away",
                                     *version,
                                     kSchemaVersion)};
  }
  return {};
}

Result<> migrate(sqlite::Database& database) {
  auto version = database.number("PRAGMA user_version");
  if (!version) return version.error();
  if (*version == kSchemaVersion) return {};
  if (*version == 0) TRY(database.execute(kNewFile));
  TRY(database.execute("PRAGMA journal_mode = WAL"));
  auto transaction = sqlite::Transaction::begin(database, sqlite::Transaction::Kind::kWrite);
  if (!transaction) return std::move(transaction).error();
  for (auto step = *version; step < kSchemaVersion; ++step) {
    TRY(database.execute(kMigrations.at(static_cast<std::size_t>(step))));
  }
  TRY(
      database.execute(fmt::format("PRAGMA application_id = {0}; PRAGMA user_version = {1};"
                                   "REPLACE INTO meta VALUES('schema_version', {1})",
                                   kApplicationId,
                                   kSchemaVersion)));
  return transaction->commit();
}

}  // namespace plumbline
