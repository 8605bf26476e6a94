// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace plumbline {

// Nanoseconds since 1970-01-01 UTC, as OTLP carries it. 0 means "not known".
using UnixNanos = std::uint64_t;

// Time as the agent sees it, passed in so that tests set it and never sleep.
// Thread-safe: lanes and the agent thread share one.
class Clock {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  Clock(Clock&&) = delete;
  Clock& operator=(Clock&&) = delete;
  virtual ~Clock() = default;

  // Never goes back; for intervals and deadlines. CLOCK_MONOTONIC.
  virtual Steady steady() const = 0;
  // Can step; for timestamps only. CLOCK_REALTIME.
  virtual UnixNanos wall() const = 0;
};

class SystemClock final : public Clock {
 public:
  Steady steady() const override;
  UnixNanos wall() const override;
};

// When the kernel started, in wall time: CLOCK_REALTIME minus CLOCK_BOOTTIME. The start time of
// every counter the kernel keeps since boot.
UnixNanos boot_time(const Clock& clock);

}  // namespace plumbline
