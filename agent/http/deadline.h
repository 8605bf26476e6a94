// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <utility>
#include <variant>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace plumbline {

// Completes with its error code as a value instead of throwing it.
inline constexpr auto kAsTuple = boost::asio::as_tuple(boost::asio::use_awaitable);

using Deadline = std::chrono::steady_clock::time_point;  // the real clock: sockets know no other

// Runs `operation` until `deadline`, then cancels it and returns nothing. A cancelled operation
// unwinds by exception, so what it owned (a connection in the middle of a request) is closed.
template <class T>
boost::asio::awaitable<std::optional<T>> run_until(Deadline deadline,
                                                   boost::asio::awaitable<T> operation) {
  using boost::asio::experimental::awaitable_operators::operator||;
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, deadline);
  auto first = co_await (std::move(operation) || timer.async_wait(boost::asio::use_awaitable));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return std::nullopt;
}

}  // namespace plumbline
