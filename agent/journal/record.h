// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "agent/core/clock.h"
#include "agent/pipeline/record_queue.h"
#include "exporters/exporter.h"

namespace plumbline {

// What a batch in the journal is for. The numbers are in the file: they never change.
enum class Stream : std::uint8_t {
  kExport = 0,  // what destinations get: the queue between encoding and delivery
  kSecond = 1,  // the flight recorder: every point of every second
  kTenth = 2,   // the flight recorder at 10 s: least, greatest and last value, every histogram
};
inline constexpr std::size_t kStreams = 3;

std::string_view to_string(Stream stream);

// How `bytes` of a row were made from a request. The numbers are in the file.
enum class Codec : std::uint8_t {
  kZstdChain = 1,  // one zstd frame whose prefix is what the row before it in its chain holds
  kColumns = 2,    // the same of the request in the order of columns.h
};

// One row without its bytes. A chain is a run of rows of one stream and signal, each compressed
// with the one before as its prefix; it is named by the sequence of its first row.
struct BatchHead {
  std::uint64_t sequence = 0;
  Stream stream = Stream::kExport;
  Signal signal = Signal::kMetrics;
  UnixNanos first = 0;  // time range of the points; first <= last always
  UnixNanos last = 0;
  std::uint64_t items = 0;
  std::uint64_t chain = 0;
  std::uint64_t link = 0;  // place in the chain, from 0
  Codec codec = Codec::kZstdChain;
  std::uint64_t raw_bytes = 0;
};

// A chain ends after so many rows: what a damaged row can take with it, and what a reader decodes
// to reach the last one. 60 rows are a minute of the flight recorder.
inline constexpr std::uint64_t kChainLinks = 60;
// ... and when it spans so many sequences, so that a reader knows where chains that hold a given
// sequence can begin. An hour's worth: a second, an export every ten and upkeep use two a second.
inline constexpr std::uint64_t kChainSpan = 8192;

// CRC-32 over every field of the row and its bytes: a row whose checksum holds is what was written.
std::uint32_t checksum(const BatchHead& head, std::string_view bytes);

// Why items never reached a destination. The numbers are in the file.
enum class DropReason : std::uint8_t {
  kSize = 0,     // pushed out by newer data: the size budget
  kAge = 1,      // older than the time budget
  kDamaged = 2,  // lost with a corrupt record or file
  kMemory = 3,   // the disk took nothing and memory was full
  kRefused = 4,  // given up by the delivery loop: a single item too large to send
};
inline constexpr std::size_t kDropReasons = 5;

std::string_view to_string(DropReason reason);

// One destination as the journal keeps it.
struct CursorState {
  std::string name;        // of the exporter; stable over restarts
  std::uint64_t next = 1;  // first export sequence it has not finished with
  std::array<Ledger, kSignals> ledgers;
  // Ledger::dropped of each signal, by reason.
  std::array<std::array<std::uint64_t, kDropReasons>, kSignals> dropped{};

  std::uint64_t queued() const;  // items of all signals
  void drop(Signal signal, DropReason reason, std::uint64_t items);
  // Undoes drop() for at most `items` and returns for how many.
  std::uint64_t take_back(Signal signal, DropReason reason, std::uint64_t items);
};

// Something that happened, for timelines: a deploy, an OOM kill, an alert.
struct EventRow {
  UnixNanos time = 0;
  std::string kind;     // "oom_kill", "config_change"
  std::string subject;  // what it happened to: a pod, a topic, a disk
  std::string body;     // JSON object with what else is known
};

// The time budgets and the size budget of a journal.
struct JournalBudget {
  std::uint64_t max_bytes = 512ULL << 20U;  // database and write-ahead log together
  std::chrono::seconds second{std::chrono::hours(6)};
  std::chrono::seconds tenth{std::chrono::hours(7 * 24)};
  std::chrono::seconds undelivered{std::chrono::hours(7 * 24)};
  // What every destination has taken, for sending the very same points again.
  std::chrono::seconds delivered{std::chrono::hours(24)};

  bool operator==(const JournalBudget&) const = default;
};

// What survives a power cut. A crash of the agent alone never loses a committed batch.
enum class Durability : std::uint8_t {
  kFsync,     // every commit waits for the disk: nothing acknowledged is lost
  kInterval,  // the log is synced every kSyncInterval: at most so much is lost
};
inline constexpr std::chrono::seconds kSyncInterval{5};

}  // namespace plumbline
