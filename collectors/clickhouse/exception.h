// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/core/result.h"

namespace plumbline::clickhouse {

// The codes of ClickHouse's exceptions that change what we do next (ErrorCodes.cpp).
enum class Code : int {
  kNone = 0,
  kUnknownIdentifier = 47,
  kUnknownTable = 60,
  kUnknownSetting = 115,
  kUnknownDatabase = 81,
  kTimeoutExceeded = 159,
  kReadonly = 164,
  kUnknownUser = 192,
  kWrongPassword = 193,
  kTooManySimultaneousQueries = 202,
  kMemoryLimitExceeded = 241,
  kAccessDenied = 497,
  kAuthenticationFailed = 516,
};

// The number after "Code: " at the beginning of `text`, kNone when there is none.
Code code_of(std::string_view text);

// The exception that `text` is, or that stands in it as a server writes it behind the rows it has
// already sent. Its kind says what to do: kTimeout and kExhausted mean that the server is busy,
// kDenied that a right is missing, kUnsupported that a table or a column is not there. nullopt:
// there is none.
std::optional<Error> exception_of(std::string_view text);

// The text of an exception as people and metrics should see it: one line without version, stack
// and the addresses of this occurrence, and with every literal replaced by '?', since queries carry
// personal data. The same failure gives the same text. At most `max_bytes`.
std::string normalized(std::string_view text, std::size_t max_bytes = 400);

}  // namespace plumbline::clickhouse
