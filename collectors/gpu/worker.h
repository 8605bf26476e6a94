// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "agent/core/fd.h"

namespace plumbline::gpu {

// A thread for calls that may never return, as those of a driver that hangs: who asks waits as long
// as it wants, not longer. The thread of a job that never returns is left to itself; it keeps alive
// what the job refers to by value.
class Worker {
 public:
  // `job` is run on the thread of the worker, never twice at once.
  explicit Worker(std::function<void()> job);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  Worker(Worker&&) = delete;
  Worker& operator=(Worker&&) = delete;
  ~Worker();

  // Starts the job, or, when the one before has not ended, goes on waiting for that. Whether it has
  // ended within `patience`; then what it wrote may be read until the next run().
  bool run(std::chrono::nanoseconds patience);
  // It was asked for and has not ended: nobody may touch what it writes.
  bool is_late() const { return running_; }

 private:
  struct Desk {
    std::function<void()> job;
    Fd wanted;  // eventfds
    Fd done;
  };

  static void serve(const std::shared_ptr<Desk>& desk);

  std::shared_ptr<Desk> desk_;
  std::thread thread_;
  bool running_ = false;
};

}  // namespace plumbline::gpu
