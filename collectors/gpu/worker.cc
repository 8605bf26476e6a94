// SPDX-License-Identifier: Apache-2.0
#include "collectors/gpu/worker.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>

namespace plumbline::gpu {
namespace {

constexpr std::uint64_t kRun = 1;
constexpr std::uint64_t kEnd = 1ULL << 32U;

void raise(const Fd& fd, std::uint64_t value) {
  while (::write(fd.get(), &value, sizeof value) < 0 && errno == EINTR) {
  }
}

std::uint64_t take(const Fd& fd) {
  std::uint64_t value = 0;
  while (::read(fd.get(), &value, sizeof value) < 0 && errno == EINTR) {
  }
  return value;
}

bool wait(const Fd& fd, std::chrono::nanoseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd entry{.fd = fd.get(), .events = POLLIN, .revents = 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready >= 0) return ready > 0;
  }
}

}  // namespace

Worker::Worker(std::function<void()> job)
    : desk_(std::make_shared<Desk>(Desk{.job = std::move(job),
                                        .wanted = Fd(::eventfd(0, EFD_CLOEXEC)),
                                        .done = Fd(::eventfd(0, EFD_CLOEXEC))})),
      thread_([desk = desk_] { serve(desk); }) {}

Worker::~Worker() {
  raise(desk_->wanted, kEnd);
  if (running_ && !wait(desk_->done, {})) {
    thread_.detach();
  } else {
    thread_.join();
  }
}

bool Worker::run(std::chrono::nanoseconds patience) {
  if (!running_) raise(desk_->wanted, kRun);
  running_ = !wait(desk_->done, patience);
  if (!running_) take(desk_->done);
  return !running_;
}

void Worker::serve(const std::shared_ptr<Desk>& desk) {
  while (take(desk->wanted) < kEnd) {
    desk->job();
    raise(desk->done, kRun);
  }
}

}  // namespace plumbline::gpu
