// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "agent/core/metric.h"

namespace plumbline::self {

// What the agent says about itself. Source of the process.* numbers: proc(5).
inline constexpr MetricSpec kCpuTime{
    .name = "process.cpu.time",
    .instrument = Instrument::kCounter,
    .unit = Unit::kSeconds,
    .description =
        "CPU time the agent used; its BPF programs run in the processes they observe "
        "and are not in it",
    .source = "getrusage(2) RUSAGE_SELF",
    .attributes = {"cpu.mode"}};
inline constexpr MetricSpec kMemoryUsage{.name = "process.memory.usage",
                                         .instrument = Instrument::kUpDownCounter,
                                         .unit = Unit::kBytes,
                                         .description = "Resident memory of the agent",
                                         .source = "/proc/self/statm field 2"};
inline constexpr MetricSpec kMemoryVirtual{.name = "process.memory.virtual",
                                           .instrument = Instrument::kUpDownCounter,
                                           .unit = Unit::kBytes,
                                           .description = "Address space of the agent",
                                           .source = "/proc/self/statm field 1"};
inline constexpr MetricSpec kThreads{.name = "process.thread.count",
                                     .instrument = Instrument::kUpDownCounter,
                                     .unit = Unit::kThread,
                                     .description = "Threads of the agent",
                                     .source = "/proc/self/stat field 20"};
inline constexpr MetricSpec kUptime{.name = "process.uptime",
                                    .instrument = Instrument::kGauge,
                                    .unit = Unit::kSeconds,
                                    .description = "Time since the agent started",
                                    .source = "steady clock"};
inline constexpr MetricSpec kRuns{.name = "plumbline.collector.runs",
                                  .instrument = Instrument::kCounter,
                                  .unit = Unit::kRun,
                                  .description = "Collections ended, by outcome (success, failure)",
                                  .source = "the runner of the collector",
                                  .attributes = {"plumbline.collector.name", "outcome"}};
inline constexpr MetricSpec kOverruns{
    .name = "plumbline.collector.overruns",
    .instrument = Instrument::kCounter,
    .unit = Unit::kTick,
    .description = "Ticks skipped because the collection before them was still running",
    .source = "the runner of the collector",
    .attributes = {"plumbline.collector.name"}};
inline constexpr MetricSpec kPoints{.name = "plumbline.collector.points",
                                    .instrument = Instrument::kCounter,
                                    .unit = Unit::kPoint,
                                    .description = "Data points collected",
                                    .source = "the runner of the collector",
                                    .attributes = {"plumbline.collector.name"}};
inline constexpr MetricSpec kRecords{
    .name = "plumbline.collector.records",
    .instrument = Instrument::kCounter,
    .unit = Unit::kRecord,
    .description =
        "Spans and log events (traces, logs) that collectors brought, by outcome (taken, dropped: "
        "more than one batch may hold)",
    .source = "the runner of the collector",
    .attributes = {"plumbline.collector.name", "plumbline.signal.type", "outcome"}};
inline constexpr MetricSpec kDuration{.name = "plumbline.collector.duration",
                                      .instrument = Instrument::kHistogram,
                                      .unit = Unit::kSeconds,
                                      .description = "Time one collection takes on its lane",
                                      .source = "steady clock around collect()",
                                      .attributes = {"plumbline.collector.name"}};
inline constexpr MetricSpec kCoverage{
    .name = "plumbline.signal.coverage",
    .instrument = Instrument::kGauge,
    .unit = Unit::kOne,
    .description =
        "How far a signal is measured on this machine: 1 available, 0.5 degraded, "
        "0 unavailable; `plumbline doctor` tells why",
    .source = "the collector's own finding",
    .attributes = {"plumbline.signal.name", "plumbline.signal.mechanism"}};
inline constexpr MetricSpec kSeries{.name = "plumbline.series",
                                    .instrument = Instrument::kUpDownCounter,
                                    .unit = Unit::kSeries,
                                    .description = "Series that have a value now",
                                    .source = "the store of newest values"};
inline constexpr MetricSpec kOverflow{
    .name = "plumbline.limit.overflow",
    .instrument = Instrument::kCounter,
    .unit = Unit::kPoint,
    .description =
        "Points folded into the overflow series of their metric because it has too many "
        "series",
    .source = "the cardinality limit",
    .attributes = {"plumbline.metric.name"}};
inline constexpr MetricSpec kFolded{
    .name = "plumbline.limit.series",
    .instrument = Instrument::kUpDownCounter,
    .unit = Unit::kSeries,
    .description = "Series that are in the overflow series of their metric now",
    .source = "the cardinality limit",
    .attributes = {"plumbline.metric.name"}};
inline constexpr MetricSpec kExchanged{
    .name = "plumbline.limit.exchanges",
    .instrument = Instrument::kCounter,
    .unit = Unit::kSeries,
    .description =
        "Series that went into the overflow series because another of their metric had become "
        "louder",
    .source = "the cardinality limit",
    .attributes = {"plumbline.metric.name"}};
inline constexpr MetricSpec kItems{
    .name = "plumbline.destination.items",
    .instrument = Instrument::kCounter,
    .unit = Unit::kPoint,
    .description =
        "Data points, spans and log records by what became of them (collected, "
        "delivered, rejected, dropped, filtered); collected = the others + queued",
    .source = "the ledger of the destination",
    .attributes = {"plumbline.destination.name", "plumbline.signal.type", "outcome"}};
inline constexpr MetricSpec kQueued{
    .name = "plumbline.destination.queue.items",
    .instrument = Instrument::kUpDownCounter,
    .unit = Unit::kPoint,
    .description = "Data points, spans and log records waiting for a destination",
    .source = "the ledger of the destination",
    .attributes = {"plumbline.destination.name", "plumbline.signal.type"}};
inline constexpr MetricSpec kQueueAge{.name = "plumbline.destination.queue.age",
                                      .instrument = Instrument::kGauge,
                                      .unit = Unit::kSeconds,
                                      .description = "Age of the oldest batch that waits",
                                      .source = "the queue",
                                      .attributes = {"plumbline.destination.name"}};
inline constexpr MetricSpec kRequests{.name = "plumbline.destination.requests",
                                      .instrument = Instrument::kCounter,
                                      .unit = Unit::kRequest,
                                      .description = "Requests sent, repeats included",
                                      .source = "the delivery loop of the destination",
                                      .attributes = {"plumbline.destination.name"}};
inline constexpr MetricSpec kRetries{
    .name = "plumbline.destination.retries",
    .instrument = Instrument::kCounter,
    .unit = Unit::kRequest,
    .description =
        "Requests that were not taken and are sent again, by why (throttled: the destination said "
        "\"not now\", no_answer: the connection, the certificate or the time failed)",
    .source = "the delivery loop of the destination",
    .attributes = {"plumbline.destination.name", "error.type"}};
inline constexpr MetricSpec kRequestBytes{
    .name = "plumbline.destination.io",
    .instrument = Instrument::kCounter,
    .unit = Unit::kBytes,
    .description = "Bytes of the requests sent, before (raw) and after compression (sent)",
    .source = "the delivery loop of the destination",
    .attributes = {"plumbline.destination.name", "plumbline.io.stage"}};
inline constexpr MetricSpec kUp{
    .name = "plumbline.destination.up",
    .instrument = Instrument::kGauge,
    .unit = Unit::kOne,
    .description = "1 when the last request to the destination was answered, 0 when it was not",
    .source = "the delivery loop of the destination",
    .attributes = {"plumbline.destination.name"}};
inline constexpr MetricSpec kExportNumber{
    .name = "plumbline.export.number",
    .instrument = Instrument::kGauge,
    .unit = Unit::kOne,
    .description =
        "Number of this export; grows by one with each, over restarts when there is a journal, so "
        "that a gap shows what was lost",
    .source = "the export loop"};
inline constexpr MetricSpec kJournalSize{.name = "plumbline.journal.size",
                                         .instrument = Instrument::kUpDownCounter,
                                         .unit = Unit::kBytes,
                                         .description = "The journal on disk",
                                         .source = "SQLite: pages in use and write-ahead log"};
inline constexpr MetricSpec kJournalWaiting{
    .name = "plumbline.journal.waiting",
    .instrument = Instrument::kUpDownCounter,
    .unit = Unit::kBytes,
    .description = "Collected and not yet on the disk; grows while the disk takes nothing",
    .source = "the journal"};
inline constexpr MetricSpec kJournalHealthy{
    .name = "plumbline.journal.healthy",
    .instrument = Instrument::kGauge,
    .unit = Unit::kOne,
    .description =
        "1 while the disk takes what is collected, 0 while it does not and when the journal cannot "
        "be used at all",
    .source = "the last commit"};
inline constexpr MetricSpec kJournalCommits{
    .name = "plumbline.journal.commits",
    .instrument = Instrument::kCounter,
    .unit = Unit::kEvent,
    .description = "Commits to the journal by outcome (success, failure)",
    .source = "the journal",
    .attributes = {"outcome"}};
inline constexpr MetricSpec kJournalCommitDuration{
    .name = "plumbline.journal.commit.duration",
    .instrument = Instrument::kHistogram,
    .unit = Unit::kSeconds,
    .description = "Time one commit takes on the journal's lane",
    .source = "steady clock around the commit"};
inline constexpr MetricSpec kJournalLost{
    .name = "plumbline.journal.lost",
    .instrument = Instrument::kCounter,
    .unit = Unit::kPoint,
    .description =
        "Items gone before a destination had them, for each such destination, by reason (evicted: "
        "the budget took them, damaged: the disk did)",
    .source = "the journal",
    .attributes = {"reason"}};
inline constexpr MetricSpec kJournalDiskFull{
    .name = "plumbline.journal.disk.full",
    .instrument = Instrument::kCounter,
    .unit = Unit::kEvent,
    .description =
        "Commits for which the disk had no space, so that the oldest in the journal made room",
    .source = "the journal"};
inline constexpr MetricSpec kJournalSecondsDropped{
    .name = "plumbline.journal.seconds.dropped",
    .instrument = Instrument::kCounter,
    .unit = Unit::kEvent,
    .description = "Seconds of the flight recorder lost for want of disk and memory",
    .source = "the journal"};
inline constexpr MetricSpec kJournalBegun{
    .name = "plumbline.journal.begun_anew",
    .instrument = Instrument::kCounter,
    .unit = Unit::kEvent,
    .description = "Journals begun because the one before was damaged or removed",
    .source = "the journal"};
inline constexpr MetricSpec kClockJumps{
    .name = "plumbline.clock.jumps",
    .instrument = Instrument::kCounter,
    .unit = Unit::kEvent,
    .description =
        "Times the wall clock jumped by a second or more while the agent ran, by cause "
        "(set_forward, "
        "set_back, suspend)",
    .source = "CLOCK_REALTIME against CLOCK_BOOTTIME and CLOCK_MONOTONIC, once a second",
    .attributes = {"cause"}};
inline constexpr MetricSpec kLogMessages{
    .name = "plumbline.log.messages",
    .instrument = Instrument::kCounter,
    .unit = Unit::kEvent,
    .description = "Log lines the agent wrote, by level (error, warning)",
    .source = "the log",
    .attributes = {"level"}};
inline constexpr MetricSpec kReloads{
    .name = "plumbline.config.reloads",
    .instrument = Instrument::kCounter,
    .unit = Unit::kEvent,
    .description = "Reloads of the configuration by outcome (success, failure)",
    .source = "SIGHUP",
    .attributes = {"outcome"}};

inline constexpr std::array kMetrics{kCpuTime,
                                     kMemoryUsage,
                                     kMemoryVirtual,
                                     kThreads,
                                     kUptime,
                                     kRuns,
                                     kOverruns,
                                     kPoints,
                                     kRecords,
                                     kDuration,
                                     kCoverage,
                                     kSeries,
                                     kOverflow,
                                     kFolded,
                                     kExchanged,
                                     kItems,
                                     kQueued,
                                     kQueueAge,
                                     kRequests,
                                     kRetries,
                                     kRequestBytes,
                                     kUp,
                                     kClockJumps,
                                     kLogMessages,
                                     kReloads,
                                     kJournalSize,
                                     kJournalWaiting,
                                     kJournalHealthy,
                                     kJournalCommits,
                                     kJournalCommitDuration,
                                     kJournalLost,
                                     kJournalDiskFull,
                                     kJournalSecondsDropped,
                                     kJournalBegun,
                                     kExportNumber};

}  // namespace plumbline::self
