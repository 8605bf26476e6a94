// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "agent/core/clock.h"
#include "agent/core/result.h"

namespace plumbline {

// A moment as people write it:
//   now, "3m ago", -3m, 1h30m        so long before now
//   14:05, 14:05:30, "yesterday 14:05"  local time
//   2026-11-21, 2026-11-21T14:05, "2026-11-21 14:05:30"  local time
//   2026-11-21T14:05:30.25Z, ...+01:00  RFC 3339
//   1795269907, 1795269907.5         since 1970; in milli-, micro- or nanoseconds by its length
// `now`: Unix nanoseconds. Error: kMalformed with a sentence that says what was expected.
Result<UnixNanos> parse_time(std::string_view text, UnixNanos now);

// "max" is 0, "10x" is 10: how many seconds of a record are to pass in one; "1x" is as it was.
// Error: kMalformed.
Result<double> parse_speed(std::string_view text);

// RFC 3339 in UTC with as many digits as the time has: parse_time() reads the same time back.
std::string format_exact_time(UnixNanos time);

}  // namespace plumbline
