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

  // Where a collector of this lane is opened and where it collects. Loading BPF programs takes tens
  // of milliseconds each, nearly all of it in the kernel, so collectors of Lane::kKernel are opened
  // side by side. Every call for Lane::kBlocking starts a thread.
  struct Executors {
    boost::asio::any_io_executor open;
    boost::asio::any_io_executor collect;
  };
  Executors executors(Lane lane);

  // Joins every thread. Blocks as long as a collector does: call only when none is in flight.
  void join();

 private:
  boost::asio::thread_pool kernel_{1};
  boost::asio::thread_pool openers_;
  std::vector<std::unique_ptr<boost::asio::thread_pool>> blocking_;
};

}  // namespace plumbline
