// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/wire/own_thread.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "agent/core/fd.h"

namespace plumbline::kafka {

namespace asio = boost::asio;

namespace {

// Between the two threads; whoever is last frees it.
struct Work {
  Fd done;
  std::mutex mutex;
  std::optional<Result<std::string>> result;
};

}  // namespace

asio::awaitable<Result<std::string>> on_own_thread(const std::function<Result<std::string>()>& step,
                                                   Deadline deadline) {
  using asio::experimental::awaitable_operators::operator||;
  const auto work = std::make_shared<Work>();
  work->done = Fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  const int copy = work->done ? ::dup(work->done.get()) : -1;
  if (copy < 0) co_return errno_error(errno, "no eventfd");
  const auto executor = co_await asio::this_coro::executor;
  asio::posix::stream_descriptor wake(executor, copy);
  try {
    std::thread([work, step] {
      auto result = step();
      const std::lock_guard lock(work->mutex);
      work->result = std::move(result);
      const std::uint64_t one = 1;
      [[maybe_unused]] const auto written = ::write(work->done.get(), &one, sizeof(one));
    }).detach();
  } catch (const std::system_error& problem) {
    co_return Error{.code = Errc::kExhausted, .what = problem.what()};
  }
  asio::steady_timer timer(executor, deadline);
  co_await (wake.async_wait(asio::posix::descriptor_base::wait_read, kAsTuple) ||
            timer.async_wait(kAsTuple));
  const std::lock_guard lock(work->mutex);
  if (work->result) co_return *std::move(work->result);
  co_return Error{.code = Errc::kTimeout, .what = "no answer in time"};
}

}  // namespace plumbline::kafka
