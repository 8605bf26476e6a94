// SPDX-License-Identifier: Apache-2.0
//
// Whatever a Retry-After says, the wait is between nothing and a year.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/http/retry_after.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are what is given
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (const plumbline::UnixNanos now : {plumbline::UnixNanos{0},
                                         plumbline::UnixNanos{1'700'000'000'000'000'000U},
                                         ~plumbline::UnixNanos{0}}) {
    const auto wait = plumbline::parse_retry_after(input, now);
    if (!wait) continue;
    if (wait->count() < 0 || *wait > std::chrono::hours(24 * 365)) std::abort();
  }
  return 0;
}
