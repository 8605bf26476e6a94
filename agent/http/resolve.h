// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "agent/core/result.h"
#include "agent/http/url.h"

namespace plumbline {

// The addresses of a URL's host, in the order the system prefers. An address in numbers is taken
// as it is. A name is looked up by a thread of its own which nobody waits for once the caller has
// given up: getaddrinfo cannot be cancelled, and a dead name server must not hold up the agent,
// least of all its end.
boost::asio::awaitable<Result<std::vector<boost::asio::ip::tcp::endpoint>>> resolve(const Url& url);

}  // namespace plumbline
