// SPDX-License-Identifier: Apache-2.0
#include "agent/core/clock.h"

#include <ctime>

namespace plumbline {
namespace {

UnixNanos read_clock(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return static_cast<UnixNanos>(now.tv_sec) * 1'000'000'000U + static_cast<UnixNanos>(now.tv_nsec);
}

}  // namespace

Clock::Steady SystemClock::steady() const {
  return std::chrono::steady_clock::now();
}

UnixNanos SystemClock::wall() const {
  return read_clock(CLOCK_REALTIME);
}

UnixNanos boot_time(const Clock& clock) {
  return clock.wall() - read_clock(CLOCK_BOOTTIME);
}

}  // namespace plumbline
