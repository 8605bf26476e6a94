// SPDX-License-Identifier: Apache-2.0
//
// The one header to read before writing a collector.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/batch.h"
#include "agent/core/clock.h"
#include "agent/core/log.h"
#include "agent/core/metric.h"
#include "agent/core/result.h"

namespace plumbline {

struct Config;
class CgroupIndex;

// Where collect() runs. Collectors of one lane never run at the same time.
enum class Lane : std::uint8_t {
  kKernel,    // one thread for /proc, cgroups and BPF maps: short reads that do not block
  kBlocking,  // a small pool: statvfs on a dead NFS server, a broker, a database
};

enum class SignalState : std::uint8_t {
  kAvailable,    // by the best mechanism
  kDegraded,     // measured, but coarser or in part; the reason says how
  kUnavailable,  // not measured; its metrics have no points
};

std::string_view to_string(SignalState state);
// As metrics show it: 1 available, 0.5 degraded, 0 unavailable.
double coverage_share(SignalState state);

// What a collector can say about one of its signals on this machine. A missing kernel hook takes
// one signal away, never the collector, never the agent.
struct Coverage {
  std::string_view signal;  // "sched.run_queue": collector, dot, signal; stable
  SignalState state = SignalState::kAvailable;
  std::string
      mechanism;       // "tp_btf/sched_switch (sched_info)", "/proc/stat"; empty when unavailable
  std::string reason;  // why it is not kAvailable, and how to get it; empty when it is
};

struct CollectorInfo {
  std::string_view name;  // "sched"; also its key in the configuration file
  std::string_view description;
  std::chrono::milliseconds period;
  Lane lane;
  std::span<const MetricSpec> metrics;
};

// What a collector is given. All references outlive it.
struct CollectorContext {
  const Config& config;
  const Clock& clock;
  Log& log;
  CgroupIndex& cgroups;  // kernel lane only
  std::filesystem::path proc = "/proc";
  std::filesystem::path sys = "/sys";
  std::filesystem::path state =
      {};  // a directory for what outlives the agent; empty: there is none
};

// A source of signals. Synchronous and plain: no timers, no threads, no retry loops inside; the
// runner owns its time and calls it from one thread at a time. The destructor closes.
class Collector {
 public:
  Collector() = default;
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;
  Collector(Collector&&) = delete;
  Collector& operator=(Collector&&) = delete;
  virtual ~Collector() = default;

  virtual const CollectorInfo& info() const noexcept = 0;

  // Once, before the first collect(), on the collector's lane. Finds out what this machine offers.
  // Fails only when nothing at all can be collected.
  virtual Result<> open() = 0;

  // Every signal of this collector, in the same order each time. Valid after open(); may change
  // with time (a hook lost, a device gone).
  virtual std::span<const Coverage> coverage() const = 0;

  // Appends what is so now, and the spans and events that came to be known since the last call:
  // those of a call that fails are gone with its points. Something that vanished while it was read
  // (a process, a disk) is no error: it has no point. Fails when the source as a whole could not be
  // read.
  virtual Result<> collect(Clock::Steady deadline, Batch& out) = 0;
};

}  // namespace plumbline
