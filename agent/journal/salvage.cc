// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/salvage.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "agent/core/fd.h"
#include "agent/core/log.h"
#include "agent/journal/batch_row.h"

namespace plumbline {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".corrupt-";

// So that the write-ahead log of the new journal stays small.
constexpr std::uint64_t kRowsPerCommit = 1024;

struct HeaderPart {
  off_t offset;
  std::string_view bytes;
};

// SQLite's file format, 1.3, for the pages that schema.cc asks for.
constexpr std::array kFixedHeader{
    // page size, write-ahead log for writing and reading, no reserved bytes, payload fractions
    HeaderPart{0, {"SQLite format 3\0\x04\0\x02\x02\0\x40\x20\x20", 24}},
    HeaderPart{44, {"\0\0\0\4", 4}},  // schema format
    HeaderPart{56, {"\0\0\0\1", 4}},  // UTF-8
    HeaderPart{64, {"\0\0\0\1", 4}},  // incremental vacuum
};
constexpr HeaderPart kSizeOfTheFile{28, {"\0\0\0\0", 4}};  // pages: as many as there are

bool is_as(int fd, const HeaderPart& part) {
  std::array<char, 24> found{};
  const auto size = part.bytes.size();
  return ::pread(fd, found.data(), size, part.offset) == static_cast<ssize_t>(size) &&
         std::string_view(found.data(), size) == part.bytes;
}

void write_part(int fd, const HeaderPart& part) {
  // What cannot be written is not restored, and shows when the journal is read.
  [[maybe_unused]] const auto written =
      ::pwrite(fd, part.bytes.data(), part.bytes.size(), part.offset);
}

void remove_old(const fs::path& path) {
  std::vector<fs::path> found;
  const auto prefix = path.filename().string() + std::string(kSuffix);
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(path.parent_path(), ignored)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with(prefix) && !name.ends_with("-wal") && !name.ends_with("-shm")) {
      found.push_back(entry.path());
    }
  }
  std::ranges::sort(found);  // the time in the name orders them
  for (std::size_t i = 0; i + kQuarantined < found.size(); ++i) {
    for (const auto* part : {"", "-wal", "-shm"}) fs::remove(found[i].string() + part, ignored);
  }
}

// Goes over the rows of `batches` in order of sequence, stepping over pages that cannot be read.
class Rows {
 public:
  explicit Rows(sqlite::Statement from) : from_(std::move(from)) {}

  // The next readable row; false at the end.
  bool next() {
    while (true) {
      if (!running_) {
        from_.reset();
        from_.bind(1, after_ + skip_);
      }
      const auto row = from_.step();
      // A sequence that does not grow is damage too.
      running_ = row && (!*row || from_.whole(0) > after_);
      if (running_ && *row) {
        after_ = from_.whole(0);
        skip_ = 0;
        return true;
      }
      // Rows behind an unreadable page are found again a little further on: twice as far each time.
      skip_ = skip_ == 0 ? 1 : 2 * skip_;
      if (running_ || skip_ > kFarthest) return false;
      ++broken_;
    }
  }
  const sqlite::Statement& row() const { return from_; }
  std::uint64_t broken() const { return broken_; }

 private:
  static constexpr std::uint64_t kFarthest = 1ULL << 40U;

  sqlite::Statement from_;
  std::uint64_t after_ = 0;
  std::uint64_t skip_ = 0;
  std::uint64_t broken_ = 0;
  bool running_ = false;
};

Result<> copy_batches(sqlite::Database& damaged, sqlite::Database& fresh, Salvaged& salvaged) {
  auto from = damaged.prepare(fmt::format(
      "SELECT {} FROM batches NOT INDEXED WHERE sequence > ?1 ORDER BY sequence", kBatchColumns));
  if (!from) {
    salvaged.readable = false;
    return {};
  }
  auto into =
      fresh.prepare(fmt::format("INSERT OR IGNORE INTO batches({})"
                                " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                                kBatchColumns));
  if (!into) return std::move(into).error();
  std::unordered_map<std::uint64_t, std::uint64_t> links;  // of each chain that were kept
  Rows rows(std::move(*from));
  while (rows.next()) {
    const auto head = batch_head(rows.row());
    if (!is_intact(rows.row(), head) || head.link != links[head.chain]) {
      ++salvaged.lost;
      continue;
    }
    for (int column = 0; column < kBytesColumn; ++column) {
      into->bind(column + 1, rows.row().integer(column));
    }
    into->bind_blob(kBytesColumn + 1, rows.row().blob(kBytesColumn));
    TRY(into->run());
    ++links[head.chain];
    if (++salvaged.batches % kRowsPerCommit == 0) TRY(fresh.execute("COMMIT; BEGIN IMMEDIATE"));
  }
  salvaged.lost += rows.broken();
  return {};
}

// Copies the rows of a small table until one cannot be read. Numbers, texts and blobs stay what
// they are.
Result<> copy_table(sqlite::Database& damaged,
                    sqlite::Database& fresh,
                    std::string_view table,
                    std::string_view columns,
                    std::string_view types,
                    std::string_view where = "") {
  auto from = damaged.prepare(fmt::format("SELECT {} FROM {} {}", columns, table, where));
  if (!from) return {};
  std::string marks;
  for (std::size_t i = 0; i < types.size(); ++i) {
    marks += fmt::format("{}?{}", i == 0 ? "" : ", ", i + 1);
  }
  auto into =
      fresh.prepare(fmt::format("INSERT OR REPLACE INTO {}({}) VALUES({})", table, columns, marks));
  if (!into) return std::move(into).error();
  while (true) {
    const auto row = from->step();
    if (!row || !*row) return {};
    for (std::size_t i = 0; i < types.size(); ++i) {
      const auto column = static_cast<int>(i);
      switch (types[i]) {
        case 't':
          into->bind_text(column + 1, from->text(column));
          break;
        case 'b':
          into->bind_blob(column + 1, from->blob(column));
          break;
        default:
          into->bind(column + 1, from->integer(column));
      }
    }
    TRY(into->run());
  }
}

}  // namespace

Result<std::string> quarantine(const std::string& path, UnixNanos now) {
  auto time = format_time(now);
  std::ranges::replace(time, ':', '-');
  const auto target = path + std::string(kSuffix) + time;
  for (const auto* part : {"-wal", "-shm", ""}) {
    if (std::rename((path + part).c_str(), (target + part).c_str()) != 0 && errno != ENOENT) {
      return errno_error(errno, "cannot put the damaged journal aside as " + target);
    }
  }
  remove_old(path);
  return target;
}

void restore_header(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return;
  const auto is_right = [&fd](const HeaderPart& part) { return is_as(fd.get(), part); };
  if (std::ranges::all_of(kFixedHeader, is_right)) return;
  for (const auto& part : kFixedHeader) write_part(fd.get(), part);
  write_part(fd.get(), kSizeOfTheFile);
}

Result<Salvaged> salvage(sqlite::Database& damaged, sqlite::Database& fresh) {
  auto transaction = sqlite::Transaction::begin(fresh, sqlite::Transaction::Kind::kWrite);
  if (!transaction) return std::move(transaction).error();
  Salvaged salvaged;
  TRY(copy_batches(damaged, fresh, salvaged));
  TRY(copy_table(damaged,
                 fresh,
                 "meta",
                 "key, value",
                 "ti",
                 "WHERE key IN ('compacted_until', 'next_sequence')"));
  TRY(copy_table(damaged, fresh, "cursors", "name, next", "ti"));
  TRY(copy_table(damaged,
                 fresh,
                 "ledgers",
                 "cursor, signal, collected, delivered, rejected, filtered",
                 "tiiiii"));
  TRY(copy_table(damaged, fresh, "drops", "cursor, signal, reason, items", "tiii"));
  TRY(copy_table(damaged, fresh, "events", "time_ns, kind, subject, body", "ittt"));
  TRY(copy_table(damaged, fresh, "state", "key, value", "tb"));
  TRY(transaction->commit());
  return salvaged;
}

}  // namespace plumbline
