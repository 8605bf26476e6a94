// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/journal.h"

#include <algorithm>

#include <boost/asio/post.hpp>

namespace plumbline {
namespace {

constexpr std::string_view kArea = "journal";

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(Options options,
                                               boost::asio::any_io_executor home,
                                               const Clock& clock,
                                               Log& log) {
  auto file = std::make_unique<JournalFile>(options.file, clock, log);
  auto saved = file->open();
  if (!saved) return std::move(saved).error();
  std::unique_ptr<Journal> journal(new Journal(
      std::move(options), std::move(home), clock, log, std::move(file), std::move(*saved)));
  journal->check_file();
  return journal;
}

Journal::Journal(Options options,
                 boost::asio::any_io_executor home,
                 const Clock& clock,
                 Log& log,
                 std::unique_ptr<JournalFile> file,
                 JournalStore::Saved saved)
    : options_(std::move(options)),
      home_(std::move(home)),
      clock_(clock),
      log_(log),
      queue_(saved.next_sequence, options_.cache_bytes),
      saved_cursors_(std::move(saved.cursors)),
      next_sequence_(saved.next_sequence),
      state_(std::move(saved.state)),
      upkeep_at_(clock.steady()),
      compact_at_(clock.steady()),
      sync_at_(clock.steady() + kSyncInterval),
      expiry_checked_(clock.steady()),
      expiry_(clock.wall()),
      file_(std::move(file)),
      reader_(std::make_shared<std::unique_ptr<QueueReader>>()) {
  stats_.path = options_.file.path;
}

Journal::~Journal() {
  check_.reset();
  writer_lane_.join();
  reader_lane_.join();
}

Journal::CursorId Journal::add_cursor(const std::string& name, std::function<void()> on_append) {
  const auto found = std::ranges::find(saved_cursors_, name, &CursorState::name);
  if (const auto active = queue_.find(name)) return take_over(*active, std::move(on_append));
  CursorState state{.name = name, .next = next_sequence_};
  if (found != saved_cursors_.end()) {
    state = std::move(*found);
    saved_cursors_.erase(found);
  }
  destinations_.push_back({.on_append = std::move(on_append)});
  std::erase(forgotten_, name);
  const auto id = queue_.add_cursor(std::move(state));
  read_back(id);
  return id;
}

// The same destination with other settings: it goes on where the one before stood, which gets
// nothing more. What that one still waits for an answer to may arrive twice.
Journal::CursorId Journal::take_over(CursorId before, std::function<void()> on_append) {
  auto state = queue_.state(before);
  destinations_[before] = {};
  queue_.remove_cursor(before);
  destinations_.push_back({.on_append = std::move(on_append)});
  const auto id = queue_.add_cursor(std::move(state));
  read_back(id);
  return id;
}

void Journal::remove_cursor(CursorId cursor) {
  const auto& name = queue_.state(cursor).name;
  if (queue_.is_active(cursor)) forgotten_.push_back(name);
  destinations_[cursor].on_append = nullptr;
  queue_.remove_cursor(cursor);
}

void Journal::append(Signal signal, UnixNanos time, std::uint64_t items, std::string bytes) {
  if (queue_.active() == 0) return;  // nobody wants it
  queue_.append(std::make_shared<const LogRecord>(LogRecord{.sequence = next_sequence_++,
                                                            .signal = signal,
                                                            .time = time,
                                                            .items = items,
                                                            .bytes = std::move(bytes)}));
  bound_memory();
  write();
  if (retry_at_) wake();
}

void Journal::record(UnixNanos time, std::uint64_t items, std::string bytes) {
  seconds_bytes_ += bytes.size();
  seconds_.push_back(
      {.stream = Stream::kSecond,
       .record = std::make_shared<const LogRecord>(LogRecord{.sequence = next_sequence_++,
                                                             .signal = Signal::kMetrics,
                                                             .time = time,
                                                             .items = items,
                                                             .bytes = std::move(bytes)})});
  bound_memory();
  write();
}

void Journal::set_state(const std::string& key, std::string value) {
  const auto set = [&key, &value](auto& values) {
    const auto found = std::ranges::find(values, key, &std::pair<std::string, std::string>::first);
    if (found == values.end()) {
      values.emplace_back(key, value);
    } else {
      found->second = value;
    }
  };
  set(changed_state_);
  set(state_);
}

std::string_view Journal::state(const std::string& key) const {
  const auto found = std::ranges::find(state_, key, &std::pair<std::string, std::string>::first);
  return found == state_.end() ? std::string_view() : std::string_view(found->second);
}

// What a write under way holds is not dropped: it may be on the disk already.
void Journal::bound_memory() {
  const auto until = in_flight_ ? in_flight_->request.write.next_sequence : 0;
  if (queue_.bound(options_.queue_bytes, until) != 0 && stats_.trouble.empty()) {
    stats_.trouble = "the disk is too slow";
    log_.error(kArea,
               "the disk is too slow for the journal and its memory of {} bytes is full;"
               " the oldest batches that wait for it are dropped",
               options_.queue_bytes);
  }
  const auto in_flight = in_flight_ ? in_flight_->seconds : 0;
  while (seconds_bytes_ > options_.queue_bytes && seconds_.size() > in_flight) {
    const auto oldest = seconds_.begin() + static_cast<std::ptrdiff_t>(in_flight);
    seconds_bytes_ -= oldest->record->bytes.size();
    seconds_.erase(oldest);
    ++stats_.dropped_seconds;
  }
}

RecordQueue::Records Journal::take(CursorId cursor, std::uint64_t max_bytes) {
  auto records = queue_.peek(cursor, max_bytes);
  if (!records.empty()) {
    destinations_[cursor].taken_last = records.back()->sequence;
    destinations_[cursor].taken_signal = records.back()->signal;
  }
  read_back(cursor);
  return records;
}

void Journal::finish(CursorId cursor, const Fate& fate) {
  auto& destination = destinations_[cursor];
  queue_.finish(cursor, std::exchange(destination.taken_last, 0), destination.taken_signal, fate);
  read_back(cursor);
}

const Ledger& Journal::ledger(CursorId cursor, Signal signal) const {
  return queue_.state(cursor).ledgers[static_cast<std::size_t>(signal)];
}

const JournalStats& Journal::stats() const {
  stats_.waiting_bytes = queue_.uncommitted_bytes() + seconds_bytes_;
  return stats_;
}

void Journal::wake() {
  for (const auto& destination : destinations_) {
    if (destination.on_append) destination.on_append();
  }
}

void Journal::post_home(std::function<void()> work) const {
  boost::asio::post(home_, [alive = std::weak_ptr<bool>(alive_), work = std::move(work)] {
    if (!alive.expired()) work();
  });
}

// The wall clock, but never running more than twice as fast as time passes: a wrong clock must not
// make everything too old at once.
UnixNanos Journal::expiry_time() {
  const auto now = clock_.steady();
  const auto passed = std::chrono::nanoseconds(now - expiry_checked_).count();
  expiry_checked_ = now;
  expiry_ = std::min(clock_.wall(), expiry_ + 2 * static_cast<UnixNanos>(passed));
  return expiry_;
}

}  // namespace plumbline
