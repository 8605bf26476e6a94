// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/core/histogram.h"

namespace plumbline {

// How the journal fares, for metrics, `status` and `doctor`.
struct JournalStats {
  std::string path;
  std::optional<std::uint64_t> bytes;  // on disk, as of the last upkeep
  std::uint64_t commits = 0;
  std::uint64_t failed_commits = 0;
  std::uint64_t disk_full = 0;       // commits for which the oldest had to make room
  std::uint64_t journals_begun = 0;  // because the one before was damaged or removed
  std::uint64_t damaged_items = 0;   // of the export stream
  std::uint64_t evicted_items = 0;  // not delivered to somebody when the size or age budget took it
  std::uint64_t dropped_seconds = 0;  // of the flight recorder, for want of disk and memory
  std::uint64_t waiting_bytes = 0;    // not yet committed
  ExpHistogram commit_duration;       // seconds
  std::string trouble;                // why the disk takes nothing; empty: it does
};

}  // namespace plumbline
