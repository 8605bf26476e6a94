// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/vacuum.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "agent/journal/schema.h"
#include "agent/journal/sqlite.h"

namespace plumbline {
namespace {

// Moved in one transaction: what an agent's write waits for, and what the log grows by.
constexpr std::uint64_t kStepBytes = 1U << 20U;

std::uint64_t bytes_at(const std::string& path) {
  struct stat file {};
  return ::stat(path.c_str(), &file) == 0 ? static_cast<std::uint64_t>(file.st_size) : 0;
}

Result<std::uint64_t> free_bytes(sqlite::Database& database, std::uint64_t page) {
  const auto pages = database.number("PRAGMA freelist_count");
  if (!pages) return pages.error();
  return static_cast<std::uint64_t>(*pages) * page;
}

// Not in a write of its own: SQLite would fold the log of a newer program before it is refused.
Result<> check_file(const std::string& path) {
  if (::access(path.c_str(), W_OK) != 0) return errno_error(errno, "cannot write " + path);
  auto database = sqlite::Database::open(path, sqlite::Access::kReadOnly);
  if (!database) return std::move(database).error();
  return check_schema(*database);
}

}  // namespace

Result<Vacuumed> vacuum_journal(const std::string& path,
                                const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  TRY(check_file(path));
  auto database = sqlite::Database::open(path, sqlite::Access::kReadWrite);
  if (!database) return std::move(database).error();
  const auto page = database->number("PRAGMA page_size");
  if (!page) return page.error();
  const auto page_bytes = static_cast<std::uint64_t>(*page);
  Vacuumed vacuumed{.before = bytes_at(path)};
  const auto total = free_bytes(*database, page_bytes);
  if (!total) return total.error();
  auto free = *total;
  while (free != 0) {
    // The log is folded each time, so that it stays small: a checkpoint waits for nobody.
    TRY(database->execute(fmt::format("PRAGMA incremental_vacuum({}); PRAGMA wal_checkpoint",
                                      kStepBytes / page_bytes)));
    const auto left = free_bytes(*database, page_bytes);
    if (!left) return left.error();
    // No less than before: the agent deletes as fast, or nothing more can be moved.
    if (*left >= free) break;
    free = *left;
    progress(*total - std::min(free, *total), *total);
  }
  TRY(database->execute("PRAGMA wal_checkpoint"));
  vacuumed.after = bytes_at(path);
  vacuumed.free = free;
  return vacuumed;
}

}  // namespace plumbline
