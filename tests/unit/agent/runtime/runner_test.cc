// SPDX-License-Identifier: Apache-2.0
// Timers of a runner wait for instants of the manual clock, which lie in the past of the real one:
// they fire at once, and the tests take no time.
#include "agent/runtime/runner.h"

#include <unistd.h>

#include <array>
#include <functional>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "agent/runtime/lanes.h"
#include "tests/support/manual_clock.h"

namespace plumbline {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr MetricSpec kTicks{.name = "test.ticks",
                            .instrument = Instrument::kCounter,
                            .unit = Unit::kTick,
                            .description = "",
                            .source = ""};
constexpr std::array kMetrics{kTicks};
constexpr CollectorInfo kInfo{.name = "scripted",
                              .description = "",
                              .period = seconds(1),
                              .lane = Lane::kBlocking,
                              .metrics = kMetrics};

// Does what the test says at its n-th open() and collect(), counted from 1.
class Scripted final : public Collector {
 public:
  std::function<Result<>(int)> on_open = [](int) { return Result<>(); };
  std::function<Result<>(int, Batch&)> on_collect = [](int, Batch&) { return Result<>(); };
  std::thread::id thread;

  const CollectorInfo& info() const noexcept override { return kInfo; }
  Result<> open() override { return on_open(++opens_); }
  std::span<const Coverage> coverage() const override { return coverage_; }
  Result<> collect(Clock::Steady /*deadline*/, Batch& out) override {
    thread = std::this_thread::get_id();
    return on_collect(++collects_, out);
  }

 private:
  std::array<Coverage, 1> coverage_{Coverage{.signal = "scripted.ticks", .mechanism = "test"}};
  int opens_ = 0;
  int collects_ = 0;
};

class RunnerTest : public testing::Test {
 protected:
  RunnerTest() {
    auto collector = std::make_unique<Scripted>();
    scripted_ = collector.get();
    runner_ = std::make_unique<Runner>(
        std::move(collector),
        milliseconds(0),
        clock_,
        log_,
        lanes_.executors(Lane::kBlocking),
        Runner::Sink{.deliver =
                         [this](const CollectorInfo&, Batch& batch) {
                           times_.push_back(batch.time);
                           if (times_.size() == stop_after_) runner_->stop();
                         },
                     .fail = [this](const CollectorInfo&) { ++failures_; }});
  }

  void run_until(std::size_t deliveries) {
    stop_after_ = deliveries;
    boost::asio::co_spawn(io_, runner_->run(), boost::asio::detached);
    io_.run();
    EXPECT_TRUE(runner_->idle());
  }

  boost::asio::io_context io_{1};
  ManualClock clock_;
  Log log_{clock_, -1, LogFormat::kText, LogLevel::kError};
  Lanes lanes_;
  Scripted* scripted_ = nullptr;
  std::unique_ptr<Runner> runner_;
  std::vector<UnixNanos> times_;
  int failures_ = 0;
  std::size_t stop_after_ = 0;
};

TEST_F(RunnerTest, CollectsOnItsLaneAndDeliversAtHome) {
  run_until(3);
  EXPECT_EQ(times_.size(), 3U);
  EXPECT_NE(scripted_->thread, std::this_thread::get_id());
  EXPECT_EQ(runner_->stats().succeeded, 3U);
  EXPECT_EQ(runner_->stats().coverage.size(), 1U);
}

TEST_F(RunnerTest, CountsTheTicksThatALongCollectionSkips) {
  scripted_->on_collect = [this](int call, Batch&) {
    if (call == 1) clock_.advance(milliseconds(3500));
    return Result<>();
  };
  run_until(2);
  EXPECT_EQ(runner_->stats().overruns, 3U);
}

TEST_F(RunnerTest, TellsWhenACollectionFailedAndGoesOn) {
  scripted_->on_collect = [](int call, Batch&) -> Result<> {
    if (call == 2) return Error{.code = Errc::kUnavailable, .what = "the disk is gone"};
    return {};
  };
  run_until(3);
  EXPECT_EQ(failures_, 1);
  EXPECT_EQ(runner_->stats().failed, 1U);
  EXPECT_EQ(runner_->stats().last_error, "");
}

TEST_F(RunnerTest, OpensAgainWhatCouldNotBeOpened) {
  int opens = 0;
  scripted_->on_open = [&](int call) -> Result<> {
    opens = call;
    if (call < 3) return Error{.code = Errc::kDenied, .what = "not allowed yet"};
    return {};
  };
  run_until(1);
  EXPECT_EQ(opens, 3);
  EXPECT_TRUE(runner_->stats().opened);
}

TEST_F(RunnerTest, StopsWhileItCannotBeOpened) {
  scripted_->on_open = [&](int) -> Result<> {
    runner_->stop();
    return Error{.code = Errc::kUnsupported, .what = "no such device"};
  };
  run_until(1);
  EXPECT_EQ(runner_->stats().last_error, "no such device");
  EXPECT_TRUE(times_.empty());
}

}  // namespace
}  // namespace plumbline
