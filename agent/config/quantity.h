// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/core/result.h"

namespace plumbline {

// "500ms", "10s", "1.5s", "1m30s", "2h", "1d" → milliseconds. A unit is demanded, as is a whole
// number of milliseconds. Errors: kMalformed with a sentence about `text`.
Result<std::uint64_t> parse_duration(std::string_view text);

// "64MiB", "512KiB", "1.5GiB", "4MB", "100B" → bytes. A unit is demanded.
Result<std::uint64_t> parse_size(std::string_view text);

// "2000" → 2000; digits only.
Result<std::uint64_t> parse_count(std::string_view text);

// "99.9" → 999'000 parts per million; at most four decimals, no sign, no '%'.
Result<std::uint64_t> parse_percent(std::string_view text);

// The shortest exact form, which the functions above read back: 90'000 → "90s", 16'777'216 →
// "16MiB".
std::string format_duration(std::uint64_t milliseconds);
std::string format_size(std::uint64_t bytes);
std::string format_percent(std::uint64_t parts_per_million);

}  // namespace plumbline
