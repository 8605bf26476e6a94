// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "collectors/collector.h"

namespace plumbline {

// The threads on which collectors run: one for everything that reads the kernel, and one for each
// collector that may block, so that a hung server stops only itself. They sleep nearly always.
class Lanes {
 public:
  Lanes();
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;
  Lanes(Lanes&&) = delete;
  Lanes& operator=(Lanes&&) = delete;
  ~Lanes();

  // Where a collector of this lane runs. Every call for Lane::kBlocking starts a thread.
  boost::asio::any_io_executor executor(Lane lane);

  // Joins every thread. Blocks as long as a collector does: call only when none is in flight.
  void join();

 private:
  boost::asio::thread_pool kernel_{1};
  std::vector<std::unique_ptr<boost::asio::thread_pool>> blocking_;
};

}  // namespace plumbline
