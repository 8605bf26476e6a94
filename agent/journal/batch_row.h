// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/journal/record.h"
#include "agent/journal/sqlite.h"

namespace plumbline {

// The columns of `batches` in the order of batch_head(); then the checksum, then the bytes.
inline constexpr auto kBatchColumns =
    "sequence, stream, signal, first_ns, last_ns, items, chain, link, codec, raw_bytes, checksum,"
    " bytes";
inline constexpr int kChecksumColumn = 10;
inline constexpr int kBytesColumn = 11;

// The head of the row that a SELECT of kBatchColumns stands on. Nothing of it is checked.
inline BatchHead batch_head(const sqlite::Statement& row) {
  return {.sequence = row.whole(0),
          .stream = static_cast<Stream>(row.integer(1)),
          .signal = static_cast<Signal>(row.integer(2)),
          .first = row.whole(3),
          .last = row.whole(4),
          .items = row.whole(5),
          .chain = row.whole(6),
          .link = row.whole(7),
          .codec = static_cast<Codec>(row.integer(8)),
          .raw_bytes = row.whole(9)};
}

// Whether the row is what was written.
inline bool is_intact(const sqlite::Statement& row, const BatchHead& head) {
  return checksum(head, row.blob(kBytesColumn)) == row.whole(kChecksumColumn);
}

}  // namespace plumbline
