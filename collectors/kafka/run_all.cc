// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/run_all.h"

#include <cstddef>
#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "agent/http/deadline.h"

namespace plumbline::kafka {

boost::asio::awaitable<void> run_all(std::vector<boost::asio::awaitable<void>> parts) {
  const auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer done(executor, Deadline::max());
  std::size_t left = parts.size();
  for (auto& part : parts) {
    boost::asio::co_spawn(executor, std::move(part), [&](const std::exception_ptr& /*none*/) {
      if (--left == 0) done.cancel();
    });
  }
  if (left > 0) co_await done.async_wait(kAsTuple);
}

}  // namespace plumbline::kafka
