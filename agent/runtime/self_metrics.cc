// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/self_metrics.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>

#include "agent/core/fd.h"
#include "agent/runtime/self_signals.h"

namespace plumbline {
namespace {

using std::chrono::duration;

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

// The text of a small /proc file in `buffer`; empty when it cannot be read.
std::string_view read_small(const char* path, std::span<char> buffer) {
  const Fd file(::open(path, O_RDONLY | O_CLOEXEC));
  if (!file) return {};
  const auto length = ::read(file.get(), buffer.data(), buffer.size());
  return length <= 0 ? std::string_view{}
                     : std::string_view(buffer.data(), static_cast<std::size_t>(length));
}

// The n-th (from 0) space-separated number of `text`, -1 where there is none.
std::int64_t field(std::string_view text, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const auto space = text.find(' ');
    if (space == std::string_view::npos) return -1;
    text.remove_prefix(space + 1);
  }
  std::int64_t value = -1;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

const CollectorInfo& SelfMetrics::info() {
  static constexpr CollectorInfo kInfo{.name = "agent",
                                       .description = "the agent itself: cost, coverage, losses",
                                       .period = std::chrono::seconds{1},
                                       .lane = Lane::kKernel,
                                       .metrics = self::kMetrics};
  return kInfo;
}

SelfMetrics::SelfMetrics(const Clock& clock, const Log& log)
    : clock_(clock), log_(log), started_(clock.steady()), series_(clock.wall()) {}

void SelfMetrics::collect(const SelfView& view, Batch& out) {
  add_process(out);
  add_collectors(view, out);
  add_destinations(view, out);
  out.add(series_.get(self::kSeries), view.series);
  for (const auto& overflow : view.overflows) {
    const auto name = overflow.metric->name;
    out.add(series_.get(self::kOverflow, {name}), overflow.points);
    out.add(series_.get(self::kFolded, {name}), overflow.series);
    out.add(series_.get(self::kExchanged, {name}), overflow.exchanged);
  }
  out.add(series_.get(self::kClockJumps, {"set_forward"}), view.clock_jumps.forward);
  out.add(series_.get(self::kClockJumps, {"set_back"}), view.clock_jumps.back);
  out.add(series_.get(self::kClockJumps, {"suspend"}), view.clock_jumps.suspends);
  out.add(series_.get(self::kLogMessages, {"error"}), log_.errors());
  out.add(series_.get(self::kLogMessages, {"warning"}), log_.warnings());
  out.add(series_.get(self::kReloads, {"success"}), view.reloads_succeeded);
  out.add(series_.get(self::kReloads, {"failure"}), view.reloads_failed);
  if (view.journal != nullptr) add_journal(*view.journal, out);
  series_.sweep();
}

void SelfMetrics::add_journal(const JournalStats& journal, Batch& out) {
  if (journal.bytes) out.add(series_.get(self::kJournalSize), *journal.bytes);
  out.add(series_.get(self::kJournalWaiting), journal.waiting_bytes);
  out.add(series_.get(self::kJournalHealthy), journal.trouble.empty() ? 1.0 : 0.0);
  out.add(series_.get(self::kJournalCommits, {"success"}), journal.commits);
  out.add(series_.get(self::kJournalCommits, {"failure"}), journal.failed_commits);
  out.add(series_.get(self::kJournalCommitDuration), journal.commit_duration.view());
  out.add(series_.get(self::kJournalLost, {"evicted"}), journal.evicted_items);
  out.add(series_.get(self::kJournalLost, {"damaged"}), journal.damaged_items);
  out.add(series_.get(self::kJournalDiskFull), journal.disk_full);
  out.add(series_.get(self::kJournalSecondsDropped), journal.dropped_seconds);
  out.add(series_.get(self::kJournalBegun), journal.journals_begun);
}

void SelfMetrics::add_process(Batch& out) {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    out.add(series_.get(self::kCpuTime, {"user"}), seconds(usage.ru_utime));
    out.add(series_.get(self::kCpuTime, {"system"}), seconds(usage.ru_stime));
  }
  std::array<char, 1024> buffer{};
  const auto memory = read_small("/proc/self/statm", buffer);
  const auto page = ::sysconf(_SC_PAGESIZE);
  if (const auto pages = field(memory, 1); pages >= 0) {
    out.add(series_.get(self::kMemoryUsage), pages * page);
    out.add(series_.get(self::kMemoryVirtual), field(memory, 0) * page);
  }
  const auto stat = read_small("/proc/self/stat", buffer);
  // The second field is the program's name in parentheses and may hold spaces; the thread count is
  // field 20, the eighteenth after it.
  if (const auto name_end = stat.rfind(')'); name_end != std::string_view::npos) {
    const auto threads = field(stat.substr(name_end), 18);
    if (threads > 0) out.add(series_.get(self::kThreads), threads);
  }
  out.add(series_.get(self::kUptime), duration<double>(clock_.steady() - started_).count());
}

void SelfMetrics::add_collectors(const SelfView& view, Batch& out) {
  for (const auto* runner : view.runners) {
    const auto name = runner->info().name;
    const auto& stats = runner->stats();
    out.add(series_.get(self::kRuns, {name, "success"}), stats.succeeded);
    out.add(series_.get(self::kRuns, {name, "failure"}), stats.failed);
    out.add(series_.get(self::kOverruns, {name}), stats.overruns);
    out.add(series_.get(self::kPoints, {name}), stats.points);
    add_records(name, Signal::kTraces, stats.spans, out);
    add_records(name, Signal::kLogs, stats.events, out);
    out.add(series_.get(self::kDuration, {name}), stats.duration.view());
    for (const auto& coverage : stats.coverage) {
      out.add(series_.get(self::kCoverage, {coverage.signal, std::string_view(coverage.mechanism)}),
              coverage_share(coverage.state));
    }
  }
  for (const auto& coverage : view.coverage) {
    out.add(series_.get(self::kCoverage, {coverage.signal, std::string_view(coverage.mechanism)}),
            coverage_share(coverage.state));
  }
}

// A collector that never has any has no point.
void SelfMetrics::add_records(std::string_view collector,
                              Signal signal,
                              const RunnerStats::Records& records,
                              Batch& out) {
  if (records.taken == 0 && records.dropped == 0) return;
  const auto type = to_string(signal);
  out.add(series_.get(self::kRecords, {collector, type, "taken"}), records.taken);
  out.add(series_.get(self::kRecords, {collector, type, "dropped"}), records.dropped);
}

void SelfMetrics::add_destinations(const SelfView& view, Batch& out) {
  for (const auto& destination : view.destinations) {
    const auto name = destination.name;
    for (std::size_t i = 0; i < kSignals; ++i) {
      const auto& ledger = destination.ledgers[i];
      if (ledger.collected == 0) continue;
      const auto signal = to_string(static_cast<Signal>(i));
      out.add(series_.get(self::kItems, {name, signal, "collected"}), ledger.collected);
      out.add(series_.get(self::kItems, {name, signal, "delivered"}), ledger.delivered);
      out.add(series_.get(self::kItems, {name, signal, "rejected"}), ledger.rejected);
      out.add(series_.get(self::kItems, {name, signal, "dropped"}), ledger.dropped);
      out.add(series_.get(self::kItems, {name, signal, "filtered"}), ledger.filtered);
      out.add(series_.get(self::kQueued, {name, signal}), ledger.queued());
    }
    const auto now = clock_.wall();
    const double age = destination.oldest_queued == 0 || destination.oldest_queued > now
                           ? 0
                           : static_cast<double>(now - destination.oldest_queued) * 1e-9;
    out.add(series_.get(self::kQueueAge, {name}), age);
    out.add(series_.get(self::kRequests, {name}), destination.requests);
    out.add(series_.get(self::kRetries, {name, "throttled"}), destination.throttled);
    out.add(series_.get(self::kRetries, {name, "no_answer"}), destination.unanswered);
    out.add(series_.get(self::kRequestBytes, {name, "raw"}), destination.request_bytes);
    out.add(series_.get(self::kRequestBytes, {name, "sent"}), destination.sent_bytes);
    if (destination.tried) out.add(series_.get(self::kUp, {name}), destination.up ? 1.0 : 0.0);
  }
}

}  // namespace plumbline
