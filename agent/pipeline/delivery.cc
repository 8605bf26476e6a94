// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/delivery.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>
#include <variant>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "agent/pipeline/split.h"

namespace plumbline {

namespace asio = boost::asio;
using Kind = SendOutcome::Kind;
using std::chrono::milliseconds;

namespace {

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

// Enough for an answer over a slow link when the agent stops and little time is left.
constexpr milliseconds kTimeoutMin{50};

// What waited is merged up to here: enough that a round trip costs little beside its content, and
// little memory while an outage is caught up.
constexpr std::uint64_t kMergeBytes = 256U << 10U;

// A destination that finds even this too large is met with more and more halves, not with ever
// smaller requests for everything else.
constexpr std::uint64_t kRequestLimitMin = 64U << 10U;

// An answer that took more than this part of the time it has is worth a line.
constexpr int kSlowShare = 2;

// `until` by `clock`, as a time of the timer's own clock: tests have another one.
asio::steady_timer::time_point expiry(const Clock& clock, Clock::Steady until) {
  if (until == Clock::Steady::max()) return asio::steady_timer::time_point::max();
  return asio::steady_timer::clock_type::now() + (until - clock.steady());
}

}  // namespace

Delivery::Delivery(asio::any_io_executor executor,
                   const Clock& clock,
                   Log& log,
                   RecordQueue& queue,
                   std::unique_ptr<Exporter> exporter,
                   DeliveryOptions options)
    : executor_(std::move(executor)),
      clock_(clock),
      log_(log),
      queue_(queue),
      exporter_(std::move(exporter)),
      options_(std::move(options)),
      cursor_(queue.add_cursor(std::string(exporter_->name()),
                               [this] {
                                 if (parts_.empty()) timer_.cancel();
                               })),
      timer_(executor_),
      stop_timer_(executor_),
      request_limit_(std::min(options_.max_request_bytes, kRequestBytesMax)) {
  for (std::size_t i = 0; i < kSignals; ++i) {
    before_[i] = queue_.ledger(cursor_, static_cast<Signal>(i));
  }
}

Delivery::~Delivery() {
  queue_.remove_cursor(cursor_);
}

asio::awaitable<void> Delivery::run() {
  while (!is_over()) {
    if (parts_.empty() && !take_next()) {
      if (deadline_ && queued() == 0) break;
      co_await wait(deadline_.value_or(Clock::Steady::max()));
    } else if (clock_.steady() < status_.next_try) {
      if (deadline_ && status_.next_try >= *deadline_) break;
      co_await wait(status_.next_try);
    } else {
      status_.next_try = {};
      co_await send_first();
      if (parts_.empty()) queue_.finish(cursor_, std::exchange(fate_, {}));
    }
  }
  give_up();
  finished_ = true;
}

// Concatenated requests of one signal are one request (protobuf: repeated fields are appended).
// What the filter leaves nothing of is done with at once.
bool Delivery::take_next() {
  for (;;) {
    const auto records = queue_.take(cursor_, std::min(request_limit_, kMergeBytes));
    if (records.empty()) return false;
    Part whole;
    whole.bytes.reserve(std::transform_reduce(
        records.begin(), records.end(), std::size_t{0}, std::plus<>(), [](const auto& record) {
          return record->bytes.size();
        }));
    for (const auto& record : records) add(whole, *record);
    if (whole.items != 0) {
      signal_ = records.front()->signal;
      parts_.push_back(std::move(whole));
      return true;
    }
    queue_.finish(cursor_, std::exchange(fate_, {}));
  }
}

void Delivery::add(Part& whole, const LogRecord& record) {
  if (options_.filter.passes_all()) {
    whole.bytes.append(record.bytes);
    whole.items += record.items;
    return;
  }
  const auto outcome =
      filter_request(options_.filter, record.signal, record.bytes, record.items, whole.bytes);
  whole.items += outcome.passed;
  fate_.filtered += outcome.held_back;
}

asio::awaitable<void> Delivery::send_first() {
  using asio::experimental::awaitable_operators::operator||;
  const auto& part = parts_.front();
  if (part.bytes.size() > request_limit_ && split()) co_return;
  if (part.bytes.size() > kRequestBytesMax) {
    drop_oversize();
    co_return;
  }
  ++status_.requests;
  status_.request_bytes += part.bytes.size();
  const Payload payload{.signal = signal_, .bytes = part.bytes, .items = part.items};
  const auto start = clock_.steady();
  auto first = co_await (exporter_->send(payload, timeout()) || stop_deadline());
  if (first.index() != 0) co_return;  // the agent stops, and the fate of this request is not known
  const auto& outcome = std::get<0>(first);
  status_.tried = true;
  status_.sent_bytes += outcome.sent_bytes;
  note_pace(outcome, clock_.steady() - start);
  handle(outcome);
}

// Either moves parts_ on or sets status_.next_try.
void Delivery::handle(const SendOutcome& outcome) {
  if (outcome.kind == Kind::kRetry || outcome.kind == Kind::kUnreachable) {
    handle_trouble(outcome);
    return;
  }
  backoff_.succeed();
  note_answer();
  if (outcome.kind == Kind::kTooLarge) {
    shrink(parts_.front().bytes.size());
    if (!split()) reject(outcome.reason);
  } else if (outcome.kind == Kind::kRejected) {
    reject(outcome.reason);
  } else {
    accept(outcome);
  }
}

void Delivery::handle_trouble(const SendOutcome& outcome) {
  const bool unreachable = outcome.kind == Kind::kUnreachable;
  const auto random = options_.random();
  const auto wait =
      unreachable ? backoff_.unreachable(random) : backoff_.throttled(outcome.retry_after, random);
  status_.next_try = clock_.steady() + wait;
  if (outcome.retry_after) {
    asked_until_ = clock_.steady() + std::min(*outcome.retry_after, Backoff::kAskedMax);
  }
  ++(unreachable ? status_.unanswered : status_.throttled);
  gave_up_ = deadline_.has_value() && !status_.up && !status_.last_error.empty();
  status_.up = false;
  status_.last_error = outcome.reason.empty() ? "no answer" : outcome.reason;
  tell_outage(status_.last_error);
}

void Delivery::tell_outage(const std::string& reason) {
  const auto untold = outage_.meet(clock_.steady(), reason);
  if (!untold) return;
  const auto more =
      *untold == 0 ? std::string() : fmt::format(" ({} shorter outages before it)", *untold);
  log_.warning(
      "delivery", "{} does not take data, it is kept and tried again: {}{}", name(), reason, more);
}

// A receiver near the end of its time is about to be sent everything twice.
void Delivery::note_pace(const SendOutcome& outcome, std::chrono::nanoseconds took) {
  if (outcome.kind == Kind::kUnreachable || deadline_) return;
  const auto told_in = [](std::chrono::nanoseconds time) {
    return std::chrono::duration_cast<milliseconds>(time).count();
  };
  if (took > options_.timeout / kSlowShare) {
    if (slowness_.meet(clock_.steady(), {})) {
      log_.warning("delivery",
                   "{} is slow: it took {} ms of the {} ms it has to answer; what comes meanwhile "
                   "waits and is sent together",
                   name(),
                   told_in(took),
                   options_.timeout.count());
    }
  } else if (took < options_.timeout / (2 * kSlowShare) && slowness_.settle()) {
    log_.info("delivery", "{} answers within {} ms again", name(), told_in(took) + 1);
  }
}

void Delivery::accept(const SendOutcome& outcome) {
  const auto items = parts_.front().items;
  const auto rejected = std::min(outcome.rejected, items);
  fate_.delivered += items - rejected;
  fate_.rejected += rejected;
  refusal_.settle();
  if (outcome.reason.empty()) {
    remark_.settle();
  } else if (remark_.meet(clock_.steady(), outcome.reason)) {
    log_.warning("delivery",
                 "{} took {} of {} items and says: {}",
                 name(),
                 items - rejected,
                 items,
                 outcome.reason);
  }
  parts_.pop_front();
}

// The next requests are made small enough at once.
void Delivery::shrink(std::uint64_t too_large) {
  request_limit_ = std::min(request_limit_, std::max(too_large / 2, kRequestLimitMin));
}

// Cuts the first part in two. False when it cannot be cut.
bool Delivery::split() {
  const auto& part = parts_.front();
  const auto half = part.items / 2;
  auto head = slice_items(signal_, part.bytes, 0, half);
  auto tail = slice_items(signal_, part.bytes, half, part.items);
  if (half == 0 || !head || !tail) return false;
  Part first{.bytes = std::move(head).value(), .items = half};
  Part second{.bytes = std::move(tail).value(), .items = part.items - half};
  parts_.pop_front();
  parts_.push_front(std::move(second));
  parts_.push_front(std::move(first));
  return true;
}

void Delivery::reject(const std::string& reason) {
  const auto& part = parts_.front();
  if (refusal_.meet(clock_.steady(), reason)) {
    log_.error("delivery",
               "{}: {} items of {}, the first is {}, are refused for good: {}",
               name(),
               part.items,
               to_string(signal_),
               first_name(signal_, part.bytes),
               reason);
  }
  status_.last_error = reason;
  fate_.rejected += part.items;
  parts_.pop_front();
}

// One item over the hard limit, or a request that cannot be read: it is never sent.
void Delivery::drop_oversize() {
  const auto& part = parts_.front();
  log_.error("delivery",
             "{}: {} is dropped, for its {} bytes are over the limit of 64 MiB",
             name(),
             first_name(signal_, part.bytes),
             part.bytes.size());
  fate_.dropped += part.items;
  parts_.pop_front();
}

std::uint64_t Delivery::queued() const {
  std::uint64_t items = 0;
  for (std::size_t i = 0; i < kSignals; ++i) items += ledger(static_cast<Signal>(i)).queued();
  return items;
}

void Delivery::note_answer() {
  const bool first = !std::exchange(met_, true);
  if (outage_.settle()) {
    log_.info("delivery", "{} answers; {} items waited for it", name(), queued());
  } else if (first) {
    log_.info("delivery", "{} answers", name());
  }
  if (!status_.up) status_.last_error.clear();
  status_.up = true;
}

// What a durable queue keeps is left as it is, an unanswered request included: its fate is not
// known, and the next run sends it again.
void Delivery::give_up() {
  const bool kept = queue_.is_durable() && leaving_ == Leaving::kForNow;
  const auto left = kept ? queued() : drop_rest();
  if (left == 0) return;
  const auto why = status_.last_error.empty() ? "" : ": " + status_.last_error;
  if (kept) {
    log_.info(
        "delivery", "{}: {} items wait in the journal for the next start{}", name(), left, why);
  } else {
    log_.warning("delivery",
                 "{}: {} items were not delivered before {}{}",
                 name(),
                 left,
                 leaving_ == Leaving::kForNow ? "the agent stopped"
                                              : "it was taken out of the configuration",
                 why);
  }
}

std::uint64_t Delivery::drop_rest() {
  std::uint64_t lost = 0;
  for (const auto& part : parts_) lost += part.items;
  if (!parts_.empty()) {
    parts_.clear();
    fate_.dropped += lost;
    queue_.finish(cursor_, std::exchange(fate_, {}));
  }
  return lost + queue_.abandon(cursor_);
}

void Delivery::stop(Clock::Steady deadline, Leaving leaving) {
  leaving_ = leaving;
  deadline_ = deadline;
  // Our own wait is over; the one the destination asked for is not.
  if (status_.next_try != Clock::Steady{}) {
    status_.next_try = std::max(clock_.steady(), asked_until_);
  }
  wake();
}

void Delivery::wake() {
  timer_.cancel();
  stop_timer_.cancel();
}

bool Delivery::is_over() const {
  return deadline_ && (gave_up_ || clock_.steady() >= *deadline_);
}

milliseconds Delivery::timeout() const {
  if (!deadline_) return options_.timeout;
  const auto left = std::chrono::duration_cast<milliseconds>(*deadline_ - clock_.steady());
  return std::min(std::max(left, kTimeoutMin), options_.timeout);
}

asio::awaitable<void> Delivery::wait(Clock::Steady until) {
  timer_.expires_at(expiry(clock_, until));
  co_await timer_.async_wait(kAsTuple);
}

// Ends when the deadline of stop() has come; never without stop().
asio::awaitable<void> Delivery::stop_deadline() {
  while (!deadline_ || clock_.steady() < *deadline_) {
    stop_timer_.expires_at(expiry(clock_, deadline_.value_or(Clock::Steady::max())));
    co_await stop_timer_.async_wait(kAsTuple);
  }
}

}  // namespace plumbline
