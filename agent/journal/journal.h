// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "agent/core/clock.h"
#include "agent/core/log.h"
#include "agent/journal/delivery_queue.h"
#include "agent/journal/file_check.h"
#include "agent/journal/journal_file.h"
#include "agent/journal/journal_stats.h"

namespace plumbline {

// The journal as the agent sees it: the durable queue between encoding and delivery, and the flight
// recorder. Lives on the agent thread and never waits for the disk there: one lane writes, another
// reads back, and at most one write is under way; what comes meanwhile goes with the next.
//
// When the disk takes nothing (full, read-only, failing), destinations are served from memory,
// which is bounded: then the oldest goes, counted. Writing is tried again with growing pauses.
//
// The ledger of each destination holds at every moment, and over crashes: it is saved in the same
// transaction as the batches it counts.
class Journal final : public RecordQueue {
 public:
  struct Options {
    JournalStore::Options file;
    // Requests in memory while the disk takes nothing, each of the two streams.
    std::uint64_t queue_bytes = 32ULL << 20U;
    // The newest requests, kept for destinations that keep up: some ten of a node with 1,400
    // points. A destination that is further behind reads from the disk.
    std::uint64_t cache_bytes = 1ULL << 20U;
  };

  // Takes the lock and opens the file; blocks as long as the disk does. `home` runs the agent
  // thread. Errors are final: another agent (kBusy),
  // a newer schema, no right to write.
  static Result<std::unique_ptr<Journal>> open(Options options,
                                               boost::asio::any_io_executor home,
                                               const Clock& clock,
                                               Log& log);
  ~Journal() override;

  // When there is a destination of this name already, the new one takes over where it stands.
  CursorId add_cursor(const std::string& name, std::function<void()> on_append) override;
  void remove_cursor(CursorId cursor) override;
  // Destinations of an earlier run that none has asked for: what waits for them stays until it is
  // too old, should they come back.
  std::span<const CursorState> unclaimed() const { return saved_cursors_; }

  void append(Signal signal, UnixNanos time, std::uint64_t items, std::string bytes) override;
  // The first sequence that append() has not given away; see on_commit().
  std::uint64_t next_sequence() const { return next_sequence_; }
  // A second of the flight recorder.
  void record(UnixNanos time, std::uint64_t items, std::string bytes);
  // Both are written with the next batch.
  void add_event(EventRow event) { events_.push_back(std::move(event)); }
  void set_state(const std::string& key, std::string value);
  // As set, or as an earlier process left it; empty when there is none.
  std::string_view state(const std::string& key) const;

  Records take(CursorId cursor, std::uint64_t max_bytes) override;
  void finish(CursorId cursor, const Fate& fate) override;
  std::uint64_t abandon(CursorId cursor) override { return queue_.abandon(cursor); }
  bool is_durable() const override { return true; }
  const Ledger& ledger(CursorId cursor, Signal signal) const override;
  const CursorState& cursor(CursorId cursor) const { return queue_.state(cursor); }
  UnixNanos oldest_unfinished(CursorId cursor) const override {
    return queue_.oldest_unfinished(cursor);
  }

  // Called after each commit with the first sequence that is not yet safe.
  void on_commit(std::function<void(std::uint64_t)> callback) {
    committed_.push_back(std::move(callback));
  }

  const JournalStats& stats() const;

  // No more batches: writes what is pending, with the cursors as they are, and waits for the disk.
  // False: some of it could not be written; it was said.
  bool close();

 private:
  struct InFlight {
    JournalFile::Request request;
    std::size_t seconds = 0;  // batches of the flight recorder in it
    JournalFile::Outcome outcome;
    std::chrono::nanoseconds took{0};
  };

  Journal(Options options,
          boost::asio::any_io_executor home,
          const Clock& clock,
          Log& log,
          std::unique_ptr<JournalFile> file,
          JournalStore::Saved saved);

  CursorId take_over(CursorId before, std::function<void()> on_append);
  void write();
  JournalFile::Request request();
  void on_written();
  void on_success(const InFlight& flight);
  void on_trouble(const Error& error);
  void tell_evicted(const std::vector<std::uint64_t>& items);
  void bound_memory();
  void read_back(CursorId cursor);
  Result<QueueReader::Part> read(std::unique_ptr<QueueReader>& reader,
                                 DeliveryQueue::Range range) const;
  void on_read(CursorId cursor, const Result<QueueReader::Part>& part, DeliveryQueue::Range range);
  void tell_damaged(CursorId cursor);
  void check_file();
  void post_home(std::function<void()> work) const;
  void wake();
  UnixNanos expiry_time();

  Options options_;
  boost::asio::any_io_executor home_;
  const Clock& clock_;
  Log& log_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  DeliveryQueue queue_;
  std::vector<CursorState> saved_cursors_;  // not yet asked for
  std::uint64_t next_sequence_;

  std::deque<PendingBatch> seconds_;
  std::uint64_t seconds_bytes_ = 0;
  std::vector<EventRow> events_;
  std::vector<std::pair<std::string, std::string>> changed_state_;
  std::vector<std::pair<std::string, std::string>> state_;

  std::shared_ptr<InFlight> in_flight_;
  std::optional<Clock::Steady> retry_at_;  // set while the disk takes nothing
  std::chrono::milliseconds retry_pause_{0};
  std::optional<Clock::Steady> slow_told_at_;
  Clock::Steady upkeep_at_;
  Clock::Steady compact_at_;
  Clock::Steady sync_at_;
  Clock::Steady expiry_checked_;
  UnixNanos expiry_ = 0;
  bool found_damage_ = false;
  bool distrusted_ = false;  // the file was gone through for missing rows; what lacks now is lost
  bool closing_ = false;
  struct Destination {
    std::function<void()> on_append;
    std::uint64_t taken_last = 0;  // sequence; 0: nothing is taken
    Signal taken_signal = Signal::kMetrics;
    bool told_evicted = false;  // until it has caught up
    // Left out, and not yet told: one wrong byte may show in many parts.
    std::uint64_t damaged_batches = 0;
    std::uint64_t damaged_items = 0;
  };
  std::vector<Destination> destinations_;  // by cursor
  std::vector<std::string> forgotten_;     // names of cursors that are to leave the file
  mutable JournalStats stats_;
  std::vector<std::function<void(std::uint64_t)>> committed_;

  // The lanes and what lives on them; the threads are joined before the rest goes.
  std::unique_ptr<JournalFile> file_;
  std::shared_ptr<std::unique_ptr<QueueReader>> reader_;
  std::uint64_t reader_generation_ = 0;  // grows with each new journal
  boost::asio::thread_pool writer_lane_{1};
  boost::asio::thread_pool reader_lane_{1};
  std::optional<FileCheck> check_;
};

}  // namespace plumbline
