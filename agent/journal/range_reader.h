// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/core/result.h"
#include "agent/journal/reader.h"
#include "agent/journal/select.h"

namespace plumbline {

// A batch is stamped when it is made, and what it holds may be older: by the longest period of a
// collector, or by a disk that hung. Batches up to so much later are looked through for points of a
// range.
inline constexpr UnixNanos kPointAgeMax = 5ULL * 60 * 1'000'000'000;

// Requests that are read ahead of what a slow taker has taken.
inline constexpr std::uint64_t kPartBytes = 8U << 20U;

struct RangeQuery {
  Stream stream = Stream::kExport;
  Signal signal = Signal::kMetrics;
  Selection selection;
};

// What a batch holds of a range.
struct RangeBatch {
  BatchHead head;
  std::string request;  // with the selected items alone; empty: damaged, or it has none
  SelectedItems selected;
  Damage damage = Damage::kNone;
};

// Reads what a journal holds of a range, part after part. Nothing of the file is held between two
// parts, however long they take: a reader that waits (for a terminal, for a destination) neither
// stops the agent from writing nor lets its log grow.
class RangeReader {
 public:
  RangeReader(JournalReader& reader, RangeQuery query)
      : reader_(reader), query_(std::move(query)) {}

  // The batches that next() goes through, as far as they are there now.
  Result<JournalReader::Extent> extent();
  // About how many items of the range there are, for progress.
  Result<std::uint64_t> estimate();

  // The next batches, those without selected items too, in the order of writing. Empty: that was
  // all. Errors: the file could not be read on.
  Result<std::vector<RangeBatch>> next();

 private:
  JournalReader::Query rows() const;
  RangeBatch select(const BatchView& row) const;

  JournalReader& reader_;
  RangeQuery query_;
  std::uint64_t next_sequence_ = 0;
  bool at_end_ = false;
};

}  // namespace plumbline
