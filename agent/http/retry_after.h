// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "agent/core/clock.h"

namespace plumbline {

// How long a Retry-After header asks to wait from `now` (wall time): seconds, or an HTTP date in
// its one current form, "Sun, 06 Nov 1994 08:49:37 GMT". Zero for a date in the past. Nothing when
// the text is neither. More than a year is a year.
std::optional<std::chrono::nanoseconds> parse_retry_after(std::string_view text, UnixNanos now);

}  // namespace plumbline
