// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/replay_sender.h"

#include <csignal>
#include <limits>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace plumbline {
namespace {

using std::chrono::milliseconds;

// Ahead of what the destination has taken; some requests of the size that most receivers cap at.
constexpr std::uint64_t kAheadBytes = 16U << 20U;

// How often it is looked whether to go on.
constexpr milliseconds kTurn{100};

// For the answer to the request that is under way when it ends.
constexpr std::chrono::seconds kLastAnswer{5};

}  // namespace

ReplaySender::ReplaySender(std::unique_ptr<Exporter> exporter,
                           const Clock& clock,
                           Log& log,
                           Options options)
    : clock_(clock),
      log_(log),
      options_(std::move(options)),
      signals_(io_, SIGINT, SIGTERM),
      queue_(std::numeric_limits<std::uint64_t>::max()),  // bounded by kAheadBytes
      delivery_(io_.get_executor(), clock, log, queue_, std::move(exporter), options_.delivery),
      start_(clock.steady()),
      taken_at_(start_) {
  listen();
  boost::asio::co_spawn(io_, delivery_.run(), boost::asio::detached);
}

// Delivery must outlive its coroutine.
ReplaySender::~ReplaySender() {
  delivery_.stop(clock_.steady());
  while (!delivery_.finished()) turn(kTurn);
}

// The first signal ends it as soon as the request under way has its answer, the next at once.
void ReplaySender::listen() {
  signals_.async_wait([this](const boost::system::error_code& error, int /*signal*/) {
    if (error) return;
    if (end_ == End::kNone) {
      stop(End::kInterrupted);
    } else {
      delivery_.stop(clock_.steady());
    }
    listen();
  });
}

void ReplaySender::stop(End why) {
  end_ = why;
  dropped_before_stop_ = total().dropped;
  // What Delivery would say is of an agent that stops; the summary says it of a replay.
  log_.set_level(LogLevel::kError);
  delivery_.stop(clock_.steady() + kLastAnswer);
}

void ReplaySender::turn(milliseconds at_most) {
  io_.restart();
  io_.run_one_for(at_most);
  io_.poll();
  const auto done = this->done();
  on_progress(done);
  const auto now = clock_.steady();
  if (done != std::exchange(taken_, done) || total().queued() == 0) taken_at_ = now;
  if (end_ == End::kNone && now - taken_at_ > options_.patience) stop(End::kGaveUp);
}

bool ReplaySender::is_due(UnixNanos time) {
  if (from_ == 0) {
    from_ = time;
    start_ = clock_.steady();
  }
  if (options_.speed == 0 || time <= from_) return true;
  const std::chrono::duration<double> passed = clock_.steady() - start_;
  return passed.count() * options_.speed * 1e9 >= static_cast<double>(time - from_);
}

bool ReplaySender::send(RangeBatch& batch) {
  while (end_ == End::kNone && (queue_.bytes() > kAheadBytes || !is_due(batch.selected.first))) {
    turn(kTurn);
  }
  if (end_ != End::kNone) return false;
  const auto signal = batch.head.signal;
  auto& queued = queued_.at(static_cast<std::size_t>(signal));
  const auto before = delivery_.ledger(signal).collected;
  queue_.append(signal, batch.head.last, batch.selected.items, std::move(batch.request));
  queued.push_back({.until = before + batch.selected.items, .first = batch.selected.first});
  // What has been answered for is forgotten.
  const auto& ledger = delivery_.ledger(signal);
  const auto answered = ledger.collected - ledger.queued();
  while (queued.front().until <= answered) queued.pop_front();
  turn(milliseconds(0));
  return true;
}

void ReplaySender::finish() {
  while (end_ == End::kNone && total().queued() != 0) turn(kTurn);
  if (end_ == End::kNone) delivery_.stop(clock_.steady() + kLastAnswer);
  while (!delivery_.finished()) turn(kTurn);
}

std::uint64_t ReplaySender::done() const {
  const auto sum = total();
  return sum.delivered + sum.rejected + sum.dropped;
}

// What was left when it ended is queued still, and not dropped as Delivery has it.
Ledger ReplaySender::total() const {
  Ledger sum;
  for (std::size_t i = 0; i < kSignals; ++i) {
    const auto& ledger = delivery_.ledger(static_cast<Signal>(i));
    sum.collected += ledger.collected;
    sum.delivered += ledger.delivered;
    sum.rejected += ledger.rejected;
    sum.dropped += ledger.dropped;
  }
  if (end_ != End::kNone) sum.dropped = dropped_before_stop_;
  return sum;
}

UnixNanos ReplaySender::oldest_unsent() const {
  UnixNanos oldest = 0;
  for (std::size_t i = 0; i < kSignals; ++i) {
    const auto& ledger = delivery_.ledger(static_cast<Signal>(i));
    // Items are answered in order. Those dropped before the end cannot be told from those after,
    // which were not sent; some may be named that were.
    const auto answered = ledger.delivered + ledger.rejected;
    for (const auto& queued : queued_.at(i)) {
      if (queued.until > answered && (oldest == 0 || queued.first < oldest)) oldest = queued.first;
    }
  }
  return oldest;
}

}  // namespace plumbline
