// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "agent/config/config.h"
#include "agent/core/clock.h"
#include "agent/core/log.h"
#include "agent/core/result.h"
#include "agent/journal/journal.h"
#include "agent/journal/journal_stats.h"
#include "agent/pipeline/record_queue.h"

namespace plumbline {

// Where encoded requests wait for the destinations.
struct Storage {
  std::unique_ptr<RecordQueue> queue;
  Journal* journal = nullptr;            // `queue`, when it is one; null: memory only
  std::optional<JournalStats> unusable;  // the one that was wanted, and why there is none
  std::string directory = {};            // where the journal is; empty when there is none
};

// The journal below the state directory; memory when the configuration wants none, or when the
// journal cannot be used, which is said: collection never stops for it. `home` runs the agent
// thread. Error: another agent holds the journal (kBusy); it says which.
Result<Storage> open_storage(const Config& config,
                             boost::asio::any_io_executor home,
                             const Clock& clock,
                             Log& log);

}  // namespace plumbline
