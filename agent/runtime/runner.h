// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "agent/core/batch.h"
#include "agent/core/histogram.h"
#include "agent/runtime/lanes.h"
#include "collectors/collector.h"

namespace plumbline {

// How one collector has fared. Written on the agent thread.
struct RunnerStats {
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::uint64_t overruns = 0;  // ticks skipped because collect() was still running
  std::uint64_t points = 0;
  struct Records {
    std::uint64_t taken = 0;
    std::uint64_t dropped = 0;  // a batch was full
  };
  Records spans;
  Records events;
  ExpHistogram duration;  // seconds of collect(), wall time on its lane
  std::string last_error;
  bool opened = false;
  std::vector<Coverage> coverage;   // as of the last tick
  Clock::Steady in_flight_since{};  // zero: nothing is running
};

// Drives one collector: open() once, then one collect() a period, never two at once. Ticks fall on
// whole periods of the wall clock, so that collectors of one period speak of the same second. A
// tick missed because collect() ran long is counted and skipped, not queued. The only place where
// work changes thread: to the collector's lane and back.
//
// A collector whose open() fails is tried again every kReopen. Lives on the agent thread; must
// outlive the coroutine of run().
class Runner {
 public:
  static constexpr std::chrono::seconds kReopen{30};

  // Both are called on the agent thread: `deliver` with what was collected, `fail` when nothing
  // could be and the last values no longer hold.
  struct Sink {
    std::function<void(const CollectorInfo&, Batch&)> deliver;
    std::function<void(const CollectorInfo&)> fail;
  };

  // `period`: 0 takes the collector's own.
  Runner(std::unique_ptr<Collector> collector,
         std::chrono::milliseconds period,
         const Clock& clock,
         Log& log,
         Lanes::Executors lane,
         Sink sink);

  // Until stop(). Start it once, on the agent thread.
  boost::asio::awaitable<void> run();
  // No new tick; what is in flight ends on its own. idle() tells when.
  void stop();
  bool idle() const { return idle_; }
  bool stopping() const { return stopping_; }

  const CollectorInfo& info() const { return collector_->info(); }
  std::chrono::milliseconds period() const { return period_; }
  const RunnerStats& stats() const { return stats_; }

 private:
  boost::asio::awaitable<bool> open(boost::asio::any_io_executor home);
  boost::asio::awaitable<void> tick(boost::asio::any_io_executor home);
  boost::asio::awaitable<void> wait_until(boost::asio::steady_timer& timer, Clock::Steady due);
  Clock::Steady next_due() const;
  void note(const Result<>& result, std::chrono::nanoseconds took);

  std::unique_ptr<Collector> collector_;
  std::chrono::milliseconds period_;
  const Clock& clock_;
  Log& log_;
  Lanes::Executors lane_;
  Sink sink_;
  RunnerStats stats_;
  Batch batch_;
  boost::asio::steady_timer* timer_ = nullptr;  // while run() waits
  bool stopping_ = false;
  bool idle_ = true;
};

}  // namespace plumbline
