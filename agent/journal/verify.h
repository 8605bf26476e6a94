// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "agent/core/result.h"
#include "agent/journal/chain_reader.h"

namespace plumbline {

// A batch that cannot be read, as far as its row can be believed.
struct DamagedBatch {
  BatchHead head;
  Damage damage = Damage::kNone;
};

// What is wrong with a journal.
struct Verdict {
  std::vector<std::string> structure;  // of the database: pages, indexes; at most kFindingsMax
  std::uint64_t batches = 0;           // that were seen
  std::uint64_t damaged = 0;           // of them
  std::uint64_t damaged_items = 0;     // ... with so many items, as the rows say
  std::vector<DamagedBatch> named;     // the first kFindingsMax of the damaged
  bool is_good() const { return structure.empty() && damaged == 0; }
};

// More would not be read.
inline constexpr std::size_t kFindingsMax = 20;

// Goes through the whole of a journal: its pages and indexes, and every row's checksum and place in
// its chain, down to the request in it. `progress` is called after each batch with how many there
// were so far. Errors: it cannot be opened, it is of a newer version or of another program; damage
// is no error.
Result<Verdict> verify_journal(const std::string& path,
                               const std::function<void(std::uint64_t)>& progress);

}  // namespace plumbline
