// SPDX-License-Identifier: Apache-2.0
//
// Names of cgroups, devices and files are bytes; what leaves the agent must be UTF-8. Mending is
// done once: what was mended stays as it is, and ASCII is never touched.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/core/series.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are what is given
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string mended = plumbline::valid_utf8(input);
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (plumbline::valid_utf8(mended) != mended) std::abort();
  if (std::all_of(input.begin(), input.end(), is_ascii) && mended != input) std::abort();
  if (std::count_if(mended.begin(), mended.end(), is_ascii) !=
      std::count_if(input.begin(), input.end(), is_ascii)) {
    std::abort();
  }
  return 0;
}
