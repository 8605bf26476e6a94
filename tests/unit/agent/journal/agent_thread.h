// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>

#include <boost/asio/io_context.hpp>

namespace plumbline {

// The agent thread of a test: runs what the journal's lanes post until something has come true.
class AgentThread {
 public:
  boost::asio::any_io_executor executor() { return context_.get_executor(); }

  // False when it did not come true within 20 s.
  bool run_until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done()) {
      if (std::chrono::steady_clock::now() > end) return false;
      context_.restart();
      context_.run_one_for(std::chrono::milliseconds(100));
    }
    return true;
  }

 private:
  boost::asio::io_context context_{1};
};

}  // namespace plumbline
