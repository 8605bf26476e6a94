// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "agent/core/log.h"
#include "agent/journal/range_reader.h"
#include "agent/pipeline/batch_log.h"
#include "agent/pipeline/delivery.h"

namespace plumbline {

// Sends batches to one destination with the agent's own delivery loop: it merges, waits, splits and
// obeys as the agent does. Reads ahead by kAheadBytes at most.
class ReplaySender {
 public:
  // Why it ended before all was sent.
  enum class End : std::uint8_t { kNone, kInterrupted, kGaveUp };

  struct Options {
    DeliveryOptions delivery;
    // With so long nothing taken by the destination, it gives up.
    std::chrono::milliseconds patience{0};
    // How many seconds of the range are sent a second; 0: as fast as it goes.
    double speed = 0;
  };

  ReplaySender(std::unique_ptr<Exporter> exporter, const Clock& clock, Log& log, Options options);
  ReplaySender(const ReplaySender&) = delete;
  ReplaySender& operator=(const ReplaySender&) = delete;
  ReplaySender(ReplaySender&&) = delete;
  ReplaySender& operator=(ReplaySender&&) = delete;
  ~ReplaySender();

  // Called now and then with the items that are done with.
  std::function<void(std::uint64_t)> on_progress = [](std::uint64_t) {};

  // Takes a batch with selected items. False: it ended, and the batch is not taken.
  bool send(RangeBatch& batch);
  // Waits for the destination to have all of it, or for the end, and takes the last answer.
  void finish();

  End end() const { return end_; }
  Ledger total() const;
  std::string last_error() const { return delivery_.status().last_error; }
  // The oldest item that was taken by send() and not by the destination; 0: there is none.
  UnixNanos oldest_unsent() const;

 private:
  // A batch that was queued, and the items queued up to its end.
  struct Queued {
    std::uint64_t until = 0;
    UnixNanos first = 0;
  };

  void listen();
  void turn(std::chrono::milliseconds at_most);
  bool is_due(UnixNanos time);
  void stop(End why);
  std::uint64_t done() const;

  const Clock& clock_;
  Log& log_;
  Options options_;
  boost::asio::io_context io_{1};
  boost::asio::signal_set signals_;
  BatchLog queue_;
  Delivery delivery_;
  std::array<std::deque<Queued>, kSignals> queued_;
  Clock::Steady start_;     // when the first batch was sent
  UnixNanos from_ = 0;      // ... and of what time it was
  Clock::Steady taken_at_;  // when something was taken last, or nothing was waiting
  std::uint64_t taken_ = 0;
  std::uint64_t dropped_before_stop_ = 0;
  End end_ = End::kNone;
};

}  // namespace plumbline
