// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "agent/core/result.h"
#include "agent/journal/record.h"
#include "agent/journal/sqlite.h"

namespace plumbline {

// The budgets of the last agent that wrote it; nullopt when it was none, as for a bundle.
Result<std::optional<JournalBudget>> budget_of(sqlite::Database& database);
// Works inside the caller's transaction.
Result<> save_budget(sqlite::Database& database, const JournalBudget& budget);

}  // namespace plumbline
