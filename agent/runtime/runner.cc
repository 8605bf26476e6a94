// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/runner.h"

#include <utility>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace plumbline {

namespace asio = boost::asio;

Runner::Runner(std::unique_ptr<Collector> collector,
               std::chrono::milliseconds period,
               const Clock& clock,
               Log& log,
               Lanes::Executors lane,
               Sink sink)
    : collector_(std::move(collector)),
      period_(period.count() > 0 ? period : collector_->info().period),
      clock_(clock),
      log_(log),
      lane_(std::move(lane)),
      sink_(std::move(sink)) {}

asio::awaitable<void> Runner::run() {
  const auto home = co_await asio::this_coro::executor;
  asio::steady_timer timer(home);
  timer_ = &timer;
  idle_ = false;
  while (!stopping_) {
    const bool opened = co_await open(home);
    if (opened) break;
    co_await wait_until(timer, clock_.steady() + kReopen);
  }
  auto due = clock_.steady();
  while (!stopping_) {
    co_await tick(home);
    const auto now = clock_.steady();
    if (now > due + period_) {
      stats_.overruns += static_cast<std::uint64_t>((now - due) / period_);
    }
    due = next_due();
    co_await wait_until(timer, due);
  }
  timer_ = nullptr;
  idle_ = true;
}

void Runner::stop() {
  stopping_ = true;
  if (timer_ != nullptr) timer_->cancel();
}

asio::awaitable<void> Runner::wait_until(asio::steady_timer& timer, Clock::Steady due) {
  if (stopping_) co_return;
  boost::system::error_code cancelled_by_stop;
  timer.expires_at(due);
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled_by_stop));
}

// The next whole period of the wall clock, on the steady clock: a step of the wall moves the ticks
// at most once and never makes an interval negative.
Clock::Steady Runner::next_due() const {
  const auto period = static_cast<UnixNanos>(std::chrono::nanoseconds(period_).count());
  const auto wall = clock_.wall();
  return clock_.steady() + std::chrono::nanoseconds(period - wall % period);
}

asio::awaitable<bool> Runner::open(asio::any_io_executor home) {
  stats_.in_flight_since = clock_.steady();
  co_await asio::post(asio::bind_executor(lane_.open, asio::use_awaitable));
  const auto opened = collector_->open();
  const auto coverage = collector_->coverage();
  const std::vector<Coverage> copy(coverage.begin(), coverage.end());
  co_await asio::post(asio::bind_executor(home, asio::use_awaitable));
  stats_.in_flight_since = {};
  stats_.coverage = copy;
  stats_.opened = opened.has_value();
  if (opened) co_return true;
  if (stats_.last_error != opened.error().what) {
    log_.warning("collector", "{} is not collecting: {}", info().name, opened.error().what);
    stats_.last_error = opened.error().what;
  }
  co_return false;
}

asio::awaitable<void> Runner::tick(asio::any_io_executor home) {
  batch_.clear();
  const auto started = clock_.steady();
  stats_.in_flight_since = started;
  co_await asio::post(asio::bind_executor(lane_.collect, asio::use_awaitable));
  const auto begun = clock_.steady();
  batch_.time = clock_.wall();
  const auto result = collector_->collect(begun + period_, batch_);
  const auto took = clock_.steady() - begun;
  co_await asio::post(asio::bind_executor(home, asio::use_awaitable));
  stats_.in_flight_since = {};
  note(result, took);
  if (result) {
    sink_.deliver(info(), batch_);
  } else {
    sink_.fail(info());
  }
}

void Runner::note(const Result<>& result, std::chrono::nanoseconds took) {
  stats_.duration.record(std::chrono::duration<double>(took).count());
  const auto coverage = collector_->coverage();
  stats_.coverage.assign(coverage.begin(), coverage.end());
  if (result) {
    ++stats_.succeeded;
    stats_.points += batch_.size();
    stats_.spans.taken += batch_.spans().size();
    stats_.spans.dropped += batch_.dropped_spans();
    stats_.events.taken += batch_.events().size();
    stats_.events.dropped += batch_.dropped_events();
    if (!stats_.last_error.empty()) log_.info("collector", "{} collects again", info().name);
    stats_.last_error.clear();
    return;
  }
  ++stats_.failed;
  if (stats_.last_error == result.error().what) return;
  stats_.last_error = result.error().what;
  log_.warning("collector", "{} failed: {}", info().name, result.error().what);
}

}  // namespace plumbline
