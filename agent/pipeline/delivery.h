// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "agent/core/clock.h"
#include "agent/core/log.h"
#include "agent/pipeline/backoff.h"
#include "agent/pipeline/batch_log.h"
#include "exporters/exporter.h"

namespace plumbline {

struct DeliveryOptions {
  std::chrono::milliseconds timeout{10'000};            // of one request
  std::uint64_t max_request_bytes = 3'500'000;          // uncompressed, of records merged into one
  std::function<double()> random = [] { return 0.5; };  // in [0, 1), for jitter
};

struct DeliveryStatus {
  bool tried = false;
  bool up = false;  // the last request was taken or refused for good
  std::uint64_t requests = 0;
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
// Speaks once when the destination is lost, found again or refuses something, never for each try.
// Lives on the agent thread; must outlive the coroutine of run().
class Delivery {
 public:
  // The hard limit of the OTLP specification for one request, uncompressed.
  static constexpr std::uint64_t kRequestBytesMax = 64U << 20U;

  Delivery(boost::asio::any_io_executor executor,
           const Clock& clock,
           Log& log,
           BatchLog& batch_log,
           std::unique_ptr<Exporter> exporter,
           DeliveryOptions options);
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;
  Delivery(Delivery&&) = delete;
  Delivery& operator=(Delivery&&) = delete;
  ~Delivery();

  // Until stop(). Start it once.
  boost::asio::awaitable<void> run();

  // Sends what is queued until `deadline`, tries an unreachable destination once more, then counts
  // what is left as dropped and says so. finished() tells when.
  void stop(Clock::Steady deadline);
  bool finished() const { return finished_; }

  std::string_view name() const { return exporter_->name(); }
  const DeliveryStatus& status() const { return status_; }
  const Ledger& ledger(Signal signal) const { return batch_log_.ledger(cursor_, signal); }
  UnixNanos oldest_queued() const { return batch_log_.oldest_unfinished(cursor_); }

 private:
  // A request or a slice of one that was too large.
  struct Part {
    std::string bytes;
    std::uint64_t items = 0;
  };

  boost::asio::awaitable<void> send_all(Signal signal);
  boost::asio::awaitable<void> wait(Clock::Steady until);
  void merge(const BatchLog::Records& records);
  bool handle(Signal signal, const SendOutcome& outcome);
  void split(Signal signal, const std::string& reason);
  void reject(Signal signal, const std::string& reason);
  void note_trouble(const std::string& reason);
  void note_answer();
  bool must_stop() const;

  boost::asio::any_io_executor executor_;
  const Clock& clock_;
  Log& log_;
  BatchLog& batch_log_;
  std::unique_ptr<Exporter> exporter_;
  DeliveryOptions options_;
  BatchLog::CursorId cursor_;
  boost::asio::steady_timer timer_;
  Backoff backoff_;
  DeliveryStatus status_;
  std::deque<Part> parts_;  // of the records that are being sent
  BatchLog::Fate fate_;     // of their items so far
  Clock::Steady deadline_{};
  bool stopping_ = false;
  bool last_try_ = false;   // stopping, and the destination failed once more
  std::uint64_t left_ = 0;  // items of a request that was not answered before the end
  bool finished_ = false;
};

}  // namespace plumbline
