// SPDX-License-Identifier: Apache-2.0
//
// SQLite as the journal needs it: owned handles, and every failure as a sentence. A connection and
// its statements belong to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "agent/core/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace plumbline::sqlite {

enum class Access : std::uint8_t { kReadWrite, kReadOnly };

// A prepared statement. Parameters and columns are numbered as in SQL: parameters from 1, columns
// from 0. Blobs and texts that are bound or read are not copied: bound ones must live until the
// next reset(), read ones are gone with the next step().
class Statement {
 public:
  void bind(int parameter, std::int64_t value);
  void bind(int parameter, std::uint64_t value) {
    bind(parameter, static_cast<std::int64_t>(value));
  }
  void bind(int parameter, int value) { bind(parameter, static_cast<std::int64_t>(value)); }
  void bind_text(int parameter, std::string_view value);
  void bind_blob(int parameter, std::string_view value);

  // True: there is a row. False: done.
  Result<bool> step();
  // For statements without rows: one step and a reset.
  Result<> run();
  void reset();

  std::int64_t integer(int column) const;
  std::uint64_t whole(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  std::string_view text(int column) const;
  std::string_view blob(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  // kReadWrite creates a missing file. `vfs`: the name of a registered VFS; empty is the default.
  static Result<Database> open(const std::string& path, Access access, const std::string& vfs = {});

  Result<> execute(const std::string& sql);
  Result<Statement> prepare(std::string_view sql);
  // The single number that a query or a pragma answers with.
  Result<std::int64_t> number(std::string_view sql);

  // Closing leaves the write-ahead log as it is and never removes a file by its name.
  void keep_log();
  sqlite3* handle() const { return database_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  explicit Database(sqlite3* database) : database_(database) {}

  std::unique_ptr<sqlite3, Close> database_;
};

// BEGIN IMMEDIATE (or, for readers, BEGIN), undone by the destructor unless committed.
class Transaction {
 public:
  enum class Kind : std::uint8_t { kWrite, kRead };
  static Result<Transaction> begin(Database& database, Kind kind);

  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  Result<> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}

  Database* database_;
};

// What failed, from an SQLite result code and the errno below it: a full disk is kExhausted, a
// read-only one kDenied, damage kMalformed, a lock held too long kTimeout, everything else
// kUnavailable.
Error error_of(sqlite3* database, std::string_view doing);

}  // namespace plumbline::sqlite
