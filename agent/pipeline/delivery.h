// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "agent/core/clock.h"
#include "agent/core/log.h"
#include "agent/pipeline/backoff.h"
#include "agent/pipeline/filter.h"
#include "agent/pipeline/record_queue.h"
#include "agent/pipeline/trouble.h"
#include "exporters/exporter.h"

namespace plumbline {

struct DeliveryOptions {
  std::chrono::milliseconds timeout{10'000};    // of one request
  std::uint64_t max_request_bytes = 3'500'000;  // uncompressed, of records merged into one
  FilterRules filter;
  std::function<double()> random = [] { return 0.5; };  // in [0, 1), for jitter
};

struct DeliveryStatus {
  bool tried = false;
  bool up = false;  // the last request was taken or refused for good
  std::uint64_t requests = 0;
  std::uint64_t throttled = 0;      // of them, answered with "not now"
  std::uint64_t unanswered = 0;     // of them, without any answer
  std::uint64_t request_bytes = 0;  // before compression
  std::uint64_t sent_bytes = 0;     // after it
  std::string last_error;           // the last trouble; empty when there was none since it was down
  Clock::Steady next_try{};         // zero: not waiting
};

// One destination's loop: takes records by its cursor, merges those of one signal into a request,
// sends it until the destination has it or refuses it for good, and accounts for every item. A
// record leaves the queue by an answer, by size or at shutdown, never because time has passed.
// What is too large is cut in two, down to one item; only an item that is too large alone is lost.
//
// Speaks once when the destination is lost, found again, slow or refuses something, never for each
// try.
// Lives on the agent thread; must outlive the coroutine of run().
class Delivery {
 public:
  // The hard limit of the OTLP specification for one request, uncompressed.
  static constexpr std::uint64_t kRequestBytesMax = 64U << 20U;

  Delivery(boost::asio::any_io_executor executor,
           const Clock& clock,
           Log& log,
           RecordQueue& queue,
           std::unique_ptr<Exporter> exporter,
           DeliveryOptions options);
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;
  Delivery(Delivery&&) = delete;
  Delivery& operator=(Delivery&&) = delete;
  ~Delivery();

  // Until stop(). Start it once.
  boost::asio::awaitable<void> run();

  // Sends what is queued until `deadline`, which a running request must meet too, then says what is
  // left. A destination that was down gets one more try, one that asked for a pause beyond the
  // deadline gets none. finished() tells when.
  enum class Leaving : std::uint8_t {
    kForNow,   // the agent stops: a durable queue keeps what is left
    kForGood,  // it is no destination any more: what is left is dropped
  };
  void stop(Clock::Steady deadline, Leaving leaving = Leaving::kForNow);
  bool finished() const { return finished_; }

  // Makes the loop look at the clock and the queue again; harmless at any time. For tests, whose
  // clock does not move by itself.
  void wake();

  std::string_view name() const { return exporter_->name(); }
  const DeliveryStatus& status() const { return status_; }
  // Since this object was made: a durable queue knows of earlier runs too.
  Ledger ledger(Signal signal) const {
    return queue_.ledger(cursor_, signal).since(before_[static_cast<std::size_t>(signal)]);
  }
  std::uint64_t queued() const;  // items of all signals
  UnixNanos oldest_queued() const { return queue_.oldest_unfinished(cursor_); }

 private:
  // A request or a slice of one that was too large.
  struct Part {
    std::string bytes;
    std::uint64_t items = 0;
  };

  bool take_next();
  void add(Part& whole, const LogRecord& record);
  boost::asio::awaitable<void> send_first();
  boost::asio::awaitable<void> wait(Clock::Steady until);
  boost::asio::awaitable<void> stop_deadline();
  void give_up();
  std::uint64_t drop_rest();

  void handle(const SendOutcome& outcome);
  void handle_trouble(const SendOutcome& outcome);
  void tell_outage(const std::string& reason);
  void note_pace(const SendOutcome& outcome, std::chrono::nanoseconds took);
  void accept(const SendOutcome& outcome);
  void shrink(std::uint64_t too_large);
  bool split();
  void reject(const std::string& reason);
  void drop_oversize();
  void note_answer();
  bool is_over() const;
  std::chrono::milliseconds timeout() const;

  boost::asio::any_io_executor executor_;
  const Clock& clock_;
  Log& log_;
  RecordQueue& queue_;
  std::unique_ptr<Exporter> exporter_;
  DeliveryOptions options_;
  RecordQueue::CursorId cursor_;
  boost::asio::steady_timer timer_;       // the loop's own wait
  boost::asio::steady_timer stop_timer_;  // ends a running request at the deadline
  std::array<Ledger, kSignals> before_;   // as it was when this object was made
  Backoff backoff_;
  DeliveryStatus status_;
  Signal signal_ = Signal::kMetrics;  // of what was taken
  std::deque<Part> parts_;            // of it, not yet answered
  RecordQueue::Fate fate_;            // of its items so far
  std::uint64_t request_limit_;       // bytes; shrinks when the destination finds less too large
  Clock::Steady asked_until_{};       // not before this, by the destination's wish
  Trouble outage_;
  Trouble slowness_;
  Trouble refusal_;
  Trouble remark_;                         // of an answer that took the data
  bool met_ = false;                       // it has answered at least once
  std::optional<Clock::Steady> deadline_;  // set by stop()
  Leaving leaving_ = Leaving::kForNow;
  bool gave_up_ = false;  // down before stop() and down after it
  bool finished_ = false;
};

}  // namespace plumbline
