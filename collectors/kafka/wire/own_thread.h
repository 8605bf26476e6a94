// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "agent/core/result.h"
#include "agent/http/deadline.h"

namespace plumbline::kafka {

// What `step` gives, which runs on a thread of its own: libraries that wait for the network must
// not keep others waiting. Past `deadline` it fails with kTimeout; the thread ends when it ends, so
// `step`, of which it keeps a copy, owns what it uses.
boost::asio::awaitable<Result<std::string>> on_own_thread(
    const std::function<Result<std::string>()>& step, Deadline deadline);

}  // namespace plumbline::kafka
