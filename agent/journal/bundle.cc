// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/bundle.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <utility>

#include "agent/core/fd.h"
#include "agent/journal/chain_writer.h"
#include "agent/journal/manifest.h"
#include "agent/journal/schema.h"

namespace plumbline {
namespace {

constexpr std::array kAllStreams{Stream::kExport, Stream::kSecond, Stream::kTenth};
constexpr std::array kAllSignals{Signal::kMetrics, Signal::kTraces, Signal::kLogs};

// A file beside the bundle until it is whole; removed unless it was given its name. One that a
// killed export left is taken over: the lock is gone with the process.
class PartialFile {
 public:
  explicit PartialFile(std::string path)
      : path_(std::move(path)), name_(path_ + ".plumbline-partial") {}
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;
  PartialFile(PartialFile&&) = delete;
  PartialFile& operator=(PartialFile&&) = delete;
  ~PartialFile() {
    if (fd_) remove();
  }

  const std::string& name() const { return name_; }

  Result<> make() {
    if (::access(path_.c_str(), F_OK) == 0) return exists();
    Fd fd(::open(name_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return errno_error(errno, "cannot write the bundle " + path_);
    struct stat status {};
    // No link: whoever held the lock has just given the file its name.
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 || ::fstat(fd.get(), &status) != 0 ||
        status.st_nlink == 0) {
      return Error{.code = Errc::kUnavailable,
                   .what = "another export is writing the bundle " + path_};
    }
    if (::ftruncate(fd.get(), 0) != 0) return errno_error(errno, "cannot write " + name_);
    fd_ = std::move(fd);
    remove_parts();  // SQLite would take those of a killed export for its own
    return {};
  }

  // link(2) and not rename(2): it fails when somebody else took the name meanwhile.
  Result<> finish() {
    if (::fsync(fd_.get()) != 0) return errno_error(errno, "cannot sync " + name_);
    if (::link(name_.c_str(), path_.c_str()) == 0) return {};
    if (errno == EEXIST) return exists();
    // File systems without hard links.
    if (std::rename(name_.c_str(), path_.c_str()) == 0) return {};
    return errno_error(errno, "cannot name the bundle " + path_);
  }

 private:
  void remove_parts() {
    for (const auto* part : {"-journal", "-wal", "-shm"}) std::remove((name_ + part).c_str());
  }
  void remove() {
    std::remove(name_.c_str());
    remove_parts();
  }
  Error exists() const {
    return {.code = Errc::kUnavailable,
            .what = "the file " + path_ + " exists already; name another or remove it"};
  }

  std::string path_;
  std::string name_;
  Fd fd_;  // holds the lock; open as long as SQLite has the file open, for SQLite's own locks
};

class BundleWriter {
 public:
  BundleWriter(JournalReader& journal, const BundleOptions& options)
      : journal_(journal), options_(options), manifest_(options.made_by) {
    manifest_.from = options.selection.from;
    manifest_.to = options.selection.to;
    manifest_.metrics = options.selection.metrics;
  }

  Result<Manifest> write(const std::string& path) {
    auto database = sqlite::Database::open(path, sqlite::Access::kReadWrite);
    if (!database) return std::move(database).error();
    TRY(migrate(*database));
    // Nobody reads it before it is whole, and a crash leaves nothing of it: no log, no waiting.
    TRY(database->execute("PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF"));
    auto transaction = sqlite::Transaction::begin(*database, sqlite::Transaction::Kind::kWrite);
    if (!transaction) return std::move(transaction).error();
    TRY(count());
    auto writer = ChainWriter::prepare(*database);
    if (!writer) return std::move(writer).error();
    for (const auto stream : streams()) {
      for (const auto signal : signals()) TRY(copy(stream, signal, *writer));
    }
    TRY(copy_events(*database));
    TRY(copy_state(*database));
    TRY(save_manifest(*database));
    TRY(transaction->commit());
    return std::move(manifest_);
  }

 private:
  std::vector<Stream> streams() const {
    if (!options_.streams.empty()) return options_.streams;
    return {kAllStreams.begin(), kAllStreams.end()};
  }
  std::vector<Signal> signals() const {
    if (!options_.signals.empty()) return options_.signals;
    return {kAllSignals.begin(), kAllSignals.end()};
  }
  RangeReader range(Stream stream, Signal signal) {
    return {journal_, {.stream = stream, .signal = signal, .selection = options_.selection}};
  }

  Result<> count() {
    for (const auto stream : streams()) {
      for (const auto signal : signals()) {
        const auto items = range(stream, signal).estimate();
        if (!items) return items.error();
        total_ += *items;
      }
    }
    return {};
  }

  Result<> copy(Stream stream, Signal signal, ChainWriter& writer) {
    auto reader = range(stream, signal);
    while (true) {
      auto part = reader.next();
      if (!part) return std::move(part).error();
      if (part->empty()) return {};
      for (auto& batch : *part) TRY(add(stream, batch, writer));
      options_.progress(done_, total_);
    }
  }

  Result<> add(Stream stream, RangeBatch& batch, ChainWriter& writer) {
    done_ += batch.selected.items;
    if (batch.damage != Damage::kNone) ++manifest_.damaged;
    if (batch.selected.items == 0) return {};
    return writer.insert(
        stream,
        std::make_shared<const LogRecord>(LogRecord{.sequence = batch.head.sequence,
                                                    .signal = batch.head.signal,
                                                    .time = batch.head.last,
                                                    .items = batch.selected.items,
                                                    .bytes = std::move(batch.request)}),
        batch.head.first);
  }

  Result<> copy_events(sqlite::Database& into) {
    const auto& range = options_.selection;
    if (range.to == 0) return {};
    const auto events = journal_.events(range.from, range.to - 1);
    if (!events) return events.error();
    auto save =
        into.prepare("INSERT INTO events(time_ns, kind, subject, body) VALUES(?1, ?2, ?3, ?4)");
    if (!save) return std::move(save).error();
    for (const auto& event : *events) {
      save->bind(1, event.time);
      save->bind_text(2, event.kind);
      save->bind_text(3, event.subject);
      save->bind_text(4, event.body);
      TRY(save->run());
    }
    manifest_.events = events->size();
    return {};
  }

  Result<> copy_state(sqlite::Database& into) {
    auto rows = journal_.database().prepare("SELECT key, value FROM state");
    if (!rows) return std::move(rows).error();
    auto save = into.prepare("INSERT INTO state VALUES(?1, ?2)");
    if (!save) return std::move(save).error();
    while (true) {
      const auto row = rows->step();
      if (!row) return row.error();
      if (!*row) return {};
      save->bind_text(1, rows->text(0));
      save->bind_blob(2, rows->blob(1));
      TRY(save->run());
    }
  }

  Result<> save_manifest(sqlite::Database& into) {
    auto find = journal_.database().prepare("SELECT value FROM meta WHERE key = 'id'");
    if (!find) return std::move(find).error();
    const auto known = find->step();
    if (!known) return known.error();
    if (*known) manifest_.journal = find->text(0);
    auto sizes = stream_sizes(into);
    if (!sizes) return std::move(sizes).error();
    manifest_.streams = std::move(*sizes);
    const auto text = manifest_json(manifest_);
    auto save = into.prepare("INSERT INTO meta VALUES('bundle', ?1)");
    if (!save) return std::move(save).error();
    save->bind_text(1, text);
    return save->run();
  }

  JournalReader& journal_;
  const BundleOptions& options_;
  Manifest manifest_;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace

Result<Manifest> write_bundle(JournalReader& journal, const BundleOptions& options) {
  PartialFile file(options.path);
  TRY(file.make());
  auto manifest = BundleWriter(journal, options).write(file.name());
  if (!manifest) {
    return Error{.code = manifest.error().code,
                 .what = "cannot write the bundle " + options.path + ": " + manifest.error().what};
  }
  if (!manifest->is_empty()) TRY(file.finish());
  return manifest;
}

Result<std::optional<Manifest>> manifest_of(JournalReader& journal) {
  auto find = journal.database().prepare("SELECT value FROM meta WHERE key = 'bundle'");
  if (!find) return std::move(find).error();
  const auto known = find->step();
  if (!known) return known.error();
  if (!*known) return std::optional<Manifest>{};
  auto manifest = parse_manifest(find->text(0));
  if (!manifest) return std::move(manifest).error();
  return std::optional<Manifest>(std::move(*manifest));
}

}  // namespace plumbline
