// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <boost/asio/awaitable.hpp>

namespace plumbline::kafka {

// Runs all of them side by side and returns when the last one has. None may throw or be endless.
boost::asio::awaitable<void> run_all(std::vector<boost::asio::awaitable<void>> parts);

}  // namespace plumbline::kafka
