// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/batch.h"
#include "agent/core/clock.h"
#include "agent/core/log.h"
#include "agent/core/series.h"
#include "agent/journal/journal_stats.h"
#include "agent/pipeline/limit.h"
#include "agent/pipeline/record_queue.h"
#include "agent/runtime/clock_watch.h"
#include "agent/runtime/identity_status.h"
#include "agent/runtime/runner.h"
#include "collectors/collector.h"

namespace plumbline {

// What the self metrics are read from; all of it lives on the agent thread.
struct SelfView {
  struct Destination {
    std::string_view name;
    bool up = false;
    bool tried = false;  // before the first answer, up is not known
    std::uint64_t requests = 0;
    std::uint64_t throttled = 0;   // of them, answered with "not now"
    std::uint64_t unanswered = 0;  // of them, without any answer
    std::array<Ledger, kSignals> ledgers;
    UnixNanos oldest_queued = 0;
    std::string last_error;
    std::uint64_t request_bytes = 0;  // before compression
    std::uint64_t sent_bytes = 0;     // after it
  };
  struct Overflow {
    const MetricSpec* metric = nullptr;
    std::uint64_t points = 0;
    std::uint64_t series = 0;     // that have no point of their own now
    std::uint64_t exchanged = 0;  // that lost their name to a louder one
    std::string description;      // which attribute has too many values; empty: nobody asked
  };

  std::vector<const Runner*> runners;
  std::vector<Destination> destinations;
  std::vector<Overflow> overflows;
  std::vector<Loudness> loudest;           // empty: nobody asked
  std::optional<IdentityStatus> identity;  // the same
  std::vector<Coverage> coverage;          // of what is no collector
  std::uint64_t series = 0;
  std::uint64_t reloads_succeeded = 0;
  std::uint64_t reloads_failed = 0;
  ClockWatch::Jumps clock_jumps;
  const JournalStats* journal = nullptr;  // null: the agent has none
};

// The agent's view of itself as one more source of points: what it costs, what it covers, what it
// lost. Not a Collector: it runs on the agent thread and reads the agent's own structures.
class SelfMetrics {
 public:
  static const CollectorInfo& info();

  SelfMetrics(const Clock& clock, const Log& log);

  void collect(const SelfView& view, Batch& out);

 private:
  void add_process(Batch& out);
  void add_collectors(const SelfView& view, Batch& out);
  void add_records(std::string_view collector,
                   Signal signal,
                   const RunnerStats::Records& records,
                   Batch& out);
  void add_destinations(const SelfView& view, Batch& out);
  void add_journal(const JournalStats& journal, Batch& out);

  const Clock& clock_;
  const Log& log_;
  Clock::Steady started_;
  SeriesTable series_;
};

}  // namespace plumbline
