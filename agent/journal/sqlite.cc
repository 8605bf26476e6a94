// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/sqlite.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace plumbline::sqlite {
namespace {

// Another process holds the write lock only while an operator runs `vacuum`; readers never do.
constexpr int kBusyTimeoutMs = 5'000;

Errc errc_of(int code, int number) {
  if (number == ENOSPC || number == EDQUOT) return Errc::kExhausted;
  switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
      return Errc::kExhausted;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Errc::kDenied;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Errc::kTimeout;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
    case SQLITE_INTERRUPT:
      return number == EROFS ? Errc::kDenied : Errc::kUnavailable;
    default:
      // Our statements are right and always the same: what does not fit them is the file. Damage
      // in the schema's text shows as SQL that has errors or as broken constraints.
      return Errc::kMalformed;
  }
}

std::string_view view(const void* data, int size) {
  if (data == nullptr) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

// SQLite takes a null pointer for NULL; an empty value is not NULL.
const char* data_of(std::string_view value) {
  return value.data() == nullptr ? "" : value.data();
}

int last_errno(sqlite3_file* file) {
  int number = 0;
  if (file == nullptr || file->pMethods == nullptr) return 0;
  return file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &number) == SQLITE_OK ? number
                                                                                           : 0;
}

// SQLite forgets the errno of a COMMIT that fails; its files remember.
int system_errno(sqlite3* database) {
  if (const int number = sqlite3_system_errno(database); number != 0) return number;
  for (const int which : {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER}) {
    sqlite3_file* file = nullptr;
    if (sqlite3_file_control(database, "main", which, &file) != SQLITE_OK) continue;
    if (const int number = last_errno(file); number != 0) return number;
  }
  return 0;
}

}  // namespace

Error error_of(sqlite3* database, std::string_view doing) {
  const int code = sqlite3_extended_errcode(database);
  const int kind = code & 0xff;
  // The errno is kept from the last failed system call, which need not be this failure's.
  const bool system = kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN || kind == SQLITE_FULL;
  const int number = system ? system_errno(database) : 0;
  std::string what = fmt::format("{}: {}", doing, sqlite3_errmsg(database));
  if (number != 0) what += fmt::format(" ({})", std::strerror(number));
  return {.code = errc_of(code, number), .what = std::move(what)};
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void Statement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter, value);
}

void Statement::bind_text(int parameter, std::string_view value) {
  sqlite3_bind_text64(
      statement_.get(), parameter, data_of(value), value.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::bind_blob(int parameter, std::string_view value) {
  sqlite3_bind_blob64(statement_.get(), parameter, data_of(value), value.size(), SQLITE_STATIC);
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  auto error = error_of(sqlite3_db_handle(statement_.get()), "the journal's database");
  sqlite3_reset(statement_.get());
  return error;
}

Result<> Statement::run() {
  TRY(step());
  reset();
  return {};
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
  const auto* data = sqlite3_column_text(statement_.get(), column);
  return view(data, sqlite3_column_bytes(statement_.get(), column));
}

std::string_view Statement::blob(int column) const {
  const auto* data = sqlite3_column_blob(statement_.get(), column);
  return view(data, sqlite3_column_bytes(statement_.get(), column));
}

void Database::Close::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}

Result<Database> Database::open(const std::string& path, Access access, const std::string& vfs) {
  const int flags = access == Access::kReadOnly ? SQLITE_OPEN_READONLY
                                                : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(),
                                   &handle,
                                   flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                                   vfs.empty() ? nullptr : vfs.c_str());
  Database database(handle);
  if (handle == nullptr) {
    return Error{.code = Errc::kExhausted, .what = "no memory to open " + path};
  }
  if (code != SQLITE_OK) return error_of(handle, "cannot open " + path);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  // The last reader to close must not fold the log into a file that is no longer at this path.
  if (access == Access::kReadOnly) database.keep_log();
  return database;
}

Result<> Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return error_of(handle(), "the journal's database");
  }
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(handle(),
                         sql.data(),
                         static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT,
                         &statement,
                         nullptr) != SQLITE_OK) {
    return error_of(handle(), "the journal's database");
  }
  return Statement(statement);
}

Result<std::int64_t> Database::number(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return std::move(statement).error();
  const auto row = statement->step();
  if (!row) return row.error();
  return *row ? statement->integer(0) : 0;
}

void Database::keep_log() {
  sqlite3_db_config(handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  int keep = 1;
  sqlite3_file_control(handle(), "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
}

Result<Transaction> Transaction::begin(Database& database, Kind kind) {
  TRY(database.execute(kind == Kind::kWrite ? "BEGIN IMMEDIATE" : "BEGIN"));
  return Transaction(database);
}

Transaction::~Transaction() {
  if (database_ == nullptr) return;
  // A failed statement may have rolled back already; then this one has nothing to do.
  static_cast<void>(database_->execute("ROLLBACK"));
}

Result<> Transaction::commit() {
  TRY(database_->execute("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace plumbline::sqlite
