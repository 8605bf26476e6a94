// SPDX-License-Identifier: Apache-2.0
//
// The part of Journal that crosses threads: one write and, per destination, one reading at a time,
// and what becomes of them.
#include <algorithm>
#include <iterator>

#include <boost/asio/post.hpp>

#include "agent/journal/compaction.h"
#include "agent/journal/journal.h"

namespace plumbline {
namespace {

using std::chrono::seconds;

constexpr std::string_view kArea = "journal";

constexpr seconds kUpkeepPeriod{10};
constexpr seconds kCompactPeriod{60};
// Pauses after a failed write double from the first to the last.
constexpr std::chrono::milliseconds kFirstPause{1'000};
constexpr std::chrono::milliseconds kLastPause{30'000};
// A commit that takes longer is worth a line, once in so long.
constexpr seconds kSlowCommit{1};
constexpr seconds kSlowAgain{300};
// What one destination has in memory beside the newest records: what it sends and what comes next.
constexpr std::uint64_t kReadAheadBytes = 512ULL << 10U;

}  // namespace

JournalFile::Request Journal::request() {
  JournalFile::Request request{.held = queue_.held(),
                               .damaged = std::exchange(found_damage_, false)};
  const auto now = clock_.steady();
  if (now >= upkeep_at_) {
    upkeep_at_ = now + kUpkeepPeriod;
    request.upkeep = Retention::Now{.time = expiry_time(), .passed = queue_.passed()};
    if (now >= compact_at_) {
      compact_at_ = now + kCompactPeriod;
      request.first_free = std::exchange(next_sequence_, next_sequence_ + kCompactionSequences);
    }
  }
  if (now >= sync_at_) {
    sync_at_ = now + kSyncInterval;
    request.sync = JournalFile::Sync::kYes;
  }
  auto& write = request.write;
  write.batches.assign(seconds_.begin(), seconds_.end());
  for (auto& record : queue_.uncommitted()) {
    write.batches.push_back({.stream = Stream::kExport, .record = std::move(record)});
  }
  write.cursors = queue_.states();
  write.forgotten = std::exchange(forgotten_, {});
  write.events = std::exchange(events_, {});
  write.state = std::exchange(changed_state_, {});
  write.next_sequence = next_sequence_;
  return request;
}

void Journal::write() {
  if (in_flight_ || closing_) return;
  if (retry_at_ && clock_.steady() < *retry_at_) return;
  in_flight_ = std::make_shared<InFlight>();
  in_flight_->seconds = seconds_.size();
  in_flight_->request = request();
  boost::asio::post(writer_lane_, [this, file = file_.get(), flight = in_flight_] {
    const auto start = clock_.steady();
    flight->outcome = file->write(flight->request);
    flight->took = clock_.steady() - start;
    post_home([this] { on_written(); });
  });
}

void Journal::on_written() {
  const auto flight = std::exchange(in_flight_, nullptr);
  if (!flight) return;  // close() was there first
  const auto& outcome = flight->outcome;
  if (outcome.made_room) ++stats_.disk_full;
  stats_.commit_duration.record(std::chrono::duration<double>(flight->took).count());
  if (flight->took > kSlowCommit && (!slow_told_at_ || clock_.steady() > *slow_told_at_)) {
    slow_told_at_ = clock_.steady() + kSlowAgain;
    log_.warning(kArea,
                 "the disk took {} ms to take a batch; collection goes on meanwhile",
                 std::chrono::duration_cast<std::chrono::milliseconds>(flight->took).count());
  }
  if (outcome.committed) {
    for (std::size_t i = 0; i < flight->seconds; ++i) {
      seconds_bytes_ -= seconds_.front().record->bytes.size();
      seconds_.pop_front();
    }
    on_success(*flight);
  } else {
    auto& write = flight->request.write;
    events_.insert(events_.begin(),
                   std::make_move_iterator(write.events.begin()),
                   std::make_move_iterator(write.events.end()));
    forgotten_.insert(forgotten_.end(), write.forgotten.begin(), write.forgotten.end());
    changed_state_.swap(write.state);
    for (auto& [key, value] : write.state) set_state(key, std::move(value));
    found_damage_ = found_damage_ || flight->request.damaged;
    on_trouble(outcome.committed.error());
  }
  tell_evicted(queue_.evicted(outcome.evicted));
  bound_memory();
  wake();
  if (queue_.uncommitted_bytes() + seconds_bytes_ != 0) write();
}

void Journal::on_success(const InFlight& flight) {
  ++stats_.commits;
  const auto safe = flight.request.write.next_sequence;
  queue_.committed(safe);
  queue_.show(DeliveryQueue::Show::kCommitted);
  if (flight.outcome.bytes) stats_.bytes = *flight.outcome.bytes;
  if (retry_at_) {
    log_.info(kArea,
              "the disk takes batches again; {} that waited in memory are written",
              flight.request.write.batches.size());
    retry_at_.reset();
  }
  stats_.trouble.clear();
  if (flight.outcome.anew) {
    ++stats_.journals_begun;
    ++reader_generation_;
    boost::asio::post(reader_lane_, [reader = reader_] { reader->reset(); });
    const auto items = queue_.lost(*flight.outcome.anew);
    stats_.damaged_items += items;
    if (items != 0) log_.error(kArea, "{} items were lost before a destination had them", items);
  }
  for (const auto& callback : committed_) callback(safe);
}

void Journal::on_trouble(const Error& error) {
  ++stats_.failed_commits;
  if (!retry_at_) {
    retry_pause_ = kFirstPause;
    log_.error(kArea,
               "{} takes nothing: {}; destinations are served from memory, up to {} bytes, until "
               "it does",
               options_.file.path,
               error.what,
               options_.queue_bytes);
  }
  stats_.trouble = error.what;
  retry_at_ = clock_.steady() + retry_pause_;
  retry_pause_ = std::min(2 * retry_pause_, kLastPause);
  queue_.show(DeliveryQueue::Show::kAll);
}

void Journal::tell_evicted(const std::vector<std::uint64_t>& items) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& cursor = queue_.state(i);
    if (items[i] == 0) {
      if (destinations_[i].told_evicted && cursor.queued() == 0)
        destinations_[i].told_evicted = false;
      continue;
    }
    stats_.evicted_items += items[i];
    if (destinations_[i].told_evicted) continue;
    destinations_[i].told_evicted = true;
    log_.error(kArea,
               "{} items were pushed out of the journal before {} had them, and more will be until "
               "it takes the {} that still wait: the budget is {} bytes",
               items[i],
               cursor.name,
               cursor.queued(),
               options_.file.budget.max_bytes);
  }
}

void Journal::read_back(CursorId cursor) {
  const auto range = queue_.begin_reading(cursor, kReadAheadBytes);
  if (!range) return;
  boost::asio::post(
      reader_lane_,
      [this, cursor, range = *range, reader = reader_, generation = reader_generation_] {
        auto part = std::make_shared<Result<QueueReader::Part>>(read(*reader, range));
        if (!*part) reader->reset();
        post_home([this, cursor, part, range, generation] {
          if (generation != reader_generation_) {
            queue_.give_up(cursor);
            read_back(cursor);
          } else {
            on_read(cursor, *part, range);
          }
        });
      });
}

// On the reader's lane.
Result<QueueReader::Part> Journal::read(std::unique_ptr<QueueReader>& reader,
                                        DeliveryQueue::Range range) const {
  if (!reader) {
    auto opened = QueueReader::open(options_.file.path, options_.file.vfs);
    if (!opened) return std::move(opened).error();
    reader = std::move(*opened);
  }
  return reader->read(range.from, range.end, kReadAheadBytes / 2);
}

void Journal::on_read(CursorId cursor,
                      const Result<QueueReader::Part>& part,
                      DeliveryQueue::Range range) {
  if (!part) {
    queue_.give_up(cursor);
    if (part.error().code == Errc::kMalformed) {
      found_damage_ = true;
      write();
    }
    return;  // tried again with the next batch
  }
  // Once: the rows may be there for all that, where only going through the whole table finds them.
  if (queue_.missing(cursor, *part) == 0) {
    distrusted_ = false;
  } else if (!std::exchange(distrusted_, true)) {
    queue_.give_up(cursor);
    found_damage_ = true;
    write();
    return;
  }
  const auto damaged = queue_.read_back(cursor, *part);
  stats_.damaged_items += damaged;
  auto& destination = destinations_[cursor];
  destination.damaged_batches += part->damaged.size();
  destination.damaged_items += damaged;
  if (damaged == 0 || part->until >= range.end) tell_damaged(cursor);
  wake();
}

void Journal::tell_damaged(CursorId cursor) {
  auto& destination = destinations_[cursor];
  const auto batches = std::exchange(destination.damaged_batches, 0);
  const auto items = std::exchange(destination.damaged_items, 0);
  if (items == 0) return;
  log_.error(kArea,
             "{} batches with {} items for {} are damaged and were left out",
             batches,
             items,
             queue_.state(cursor).name);
}

void Journal::check_file() {
  check_.emplace(options_.file.path, options_.file.vfs, [this](const std::string& what) {
    post_home([this, what] {
      log_.warning(kArea, "a check of {} found: {}", options_.file.path, what);
      found_damage_ = true;
      write();
    });
  });
}

bool Journal::close() {
  closing_ = true;
  check_.reset();
  writer_lane_.join();
  reader_lane_.join();
  if (in_flight_) on_written();
  const auto last = request().write;
  const auto closed = file_->close(last);
  if (closed) return true;
  log_.error(kArea,
             "{} batches could not be written at the end: {}",
             last.batches.size(),
             closed.error().what);
  return false;
}

}  // namespace plumbline
