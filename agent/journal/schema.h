// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "agent/core/result.h"
#include "agent/journal/sqlite.h"

namespace plumbline {

// What `PRAGMA user_version` says in a file of this program. A higher one is another program's.
inline constexpr std::int64_t kSchemaVersion = 1;

// `PRAGMA application_id`: "PLBL", so that file(1) and `verify` know whose it is.
inline constexpr std::int64_t kApplicationId = 0x504c424c;

// Refuses, without writing a byte: a file of a newer version or a database of another program with
// kUnsupported, a damaged one with kMalformed.
Result<> check_schema(sqlite::Database& database);

// Makes an empty file a journal, or brings an older one up to kSchemaVersion, in one transaction.
Result<> migrate(sqlite::Database& database);

}  // namespace plumbline
