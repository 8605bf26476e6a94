// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/delivery.h"

#include <algorithm>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "agent/pipeline/split.h"

namespace plumbline {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

// Enough for an answer over a slow link when the agent stops and little time is left.
constexpr milliseconds kTimeoutMin{50};

}  // namespace

Delivery::Delivery(asio::any_io_executor executor,
                   const Clock& clock,
                   Log& log,
                   BatchLog& batch_log,
                   std::unique_ptr<Exporter> exporter,
                   DeliveryOptions options)
    : executor_(std::move(executor)),
      clock_(clock),
      log_(log),
      batch_log_(batch_log),
      exporter_(std::move(exporter)),
      options_(std::move(options)),
      cursor_(batch_log.add_cursor([this] {
        if (parts_.empty()) timer_.cancel();
      })),
      timer_(executor_) {}

Delivery::~Delivery() {
  batch_log_.remove_cursor(cursor_);
}

asio::awaitable<void> Delivery::run() {
  while (!must_stop()) {
    const auto records = batch_log_.take(cursor_, options_.max_request_bytes);
    if (records.empty()) {
      if (stopping_) break;
      co_await wait(Clock::Steady::max());
      continue;
    }
    merge(records);
    co_await send_all(records.front()->signal);
    batch_log_.finish(cursor_, std::exchange(fate_, {}));
  }
  if (const auto lost = batch_log_.abandon(cursor_) + left_; lost > 0) {
    log_.warning("delivery",
                 "{}: {} points were not delivered before the agent stopped{}{}",
                 name(),
                 lost,
                 status_.last_error.empty() ? "" : ": ",
                 status_.last_error);
  }
  finished_ = true;
}

// Concatenated requests of one signal are one request (protobuf: repeated fields are appended).
void Delivery::merge(const BatchLog::Records& records) {
  Part whole;
  for (const auto& record : records) {
    whole.bytes.append(record->bytes);
    whole.items += record->items;
  }
  parts_.push_back(std::move(whole));
}

asio::awaitable<void> Delivery::send_all(Signal signal) {
  while (!parts_.empty() && !must_stop()) {
    const auto& part = parts_.front();
    if (part.bytes.size() > kRequestBytesMax) {
      split(signal, "it is over 64 MiB");
      continue;
    }
    auto timeout = options_.timeout;
    if (stopping_) {
      const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - clock_.steady());
      timeout = std::clamp(left, kTimeoutMin, options_.timeout);
    }
    ++status_.requests;
    status_.request_bytes += part.bytes.size();
    const auto outcome = co_await exporter_->send(
        {.signal = signal, .bytes = part.bytes, .items = part.items}, timeout);
    status_.tried = true;
    status_.sent_bytes += outcome.sent_bytes;
    if (handle(signal, outcome)) continue;
    if (stopping_) {
      last_try_ = true;
      break;
    }
    co_await wait(status_.next_try);
    status_.next_try = {};
  }
  for (const auto& part : parts_) {
    fate_.dropped += part.items;
    left_ += part.items;
  }
  parts_.clear();
}

// True when the first part is done with, or was cut in two; false when it is to be sent again, at
// status_.next_try.
bool Delivery::handle(Signal signal, const SendOutcome& outcome) {
  using Kind = SendOutcome::Kind;
  if (outcome.kind == Kind::kRetry || outcome.kind == Kind::kUnreachable) {
    const auto wait = outcome.kind == Kind::kUnreachable
                          ? backoff_.unreachable(options_.random())
                          : backoff_.throttled(outcome.retry_after, options_.random());
    status_.next_try = clock_.steady() + wait;
    note_trouble(outcome.reason);
    return false;
  }
  backoff_.succeed();
  note_answer();
  if (outcome.kind == Kind::kTooLarge) {
    split(signal, outcome.reason);
    return true;
  }
  if (outcome.kind == Kind::kRejected) {
    reject(signal, outcome.reason);
    return true;
  }
  const auto items = parts_.front().items;
  const auto rejected = std::min(outcome.rejected, items);
  fate_.delivered += items - rejected;
  fate_.rejected += rejected;
  if (rejected > 0) {
    log_.warning(
        "delivery", "{} refused {} of {} points: {}", name(), rejected, items, outcome.reason);
  } else if (!outcome.reason.empty()) {
    log_.debug("delivery", "{} says: {}", name(), outcome.reason);
  }
  parts_.pop_front();
  return true;
}

void Delivery::split(Signal signal, const std::string& reason) {
  const auto part = std::move(parts_.front());
  parts_.pop_front();
  const auto half = part.items / 2;
  auto head = slice_items(signal, part.bytes, 0, half);
  auto tail = slice_items(signal, part.bytes, half, part.items);
  if (half == 0 || !head || !tail) {
    parts_.push_front(part);
    reject(signal, reason);
    return;
  }
  parts_.push_front({.bytes = std::move(tail).value(), .items = part.items - half});
  parts_.push_front({.bytes = std::move(head).value(), .items = half});
}

void Delivery::reject(Signal signal, const std::string& reason) {
  const auto& part = parts_.front();
  const auto text = fmt::format("{} points of {}, the first is {}, are refused for good: {}",
                                part.items,
                                to_string(signal),
                                first_name(signal, part.bytes),
                                reason);
  if (status_.last_error != reason) log_.error("delivery", "{}: {}", name(), text);
  status_.last_error = reason;
  fate_.rejected += part.items;
  parts_.pop_front();
}

void Delivery::note_trouble(const std::string& reason) {
  if (status_.up || status_.last_error.empty()) {
    log_.warning(
        "delivery", "{} does not take data, it is kept and tried again: {}", name(), reason);
  }
  status_.up = false;
  status_.last_error = reason.empty() ? "no answer" : reason;
}

void Delivery::note_answer() {
  if (!status_.up && !status_.last_error.empty()) log_.info("delivery", "{} answers", name());
  if (!status_.up) status_.last_error.clear();
  status_.up = true;
}

void Delivery::stop(Clock::Steady deadline) {
  stopping_ = true;
  deadline_ = deadline;
  timer_.cancel();
}

bool Delivery::must_stop() const {
  return stopping_ && (last_try_ || clock_.steady() >= deadline_);
}

asio::awaitable<void> Delivery::wait(Clock::Steady until) {
  boost::system::error_code cancelled;
  timer_.expires_at(until);
  co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

}  // namespace plumbline
