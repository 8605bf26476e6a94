// SPDX-License-Identifier: Apache-2.0
//
// A URL that is taken can be written down and read again, and nothing of it can break out of a
// request's first lines.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/http/url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are what is given
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto url = plumbline::parse_url(input);
  if (!url) return 0;
  const auto text = url->scheme + "://" + url->authority() + url->path;
  const auto again = plumbline::parse_url(text);
  if (!again || again->host != url->host || again->port != url->port || again->path != url->path) {
    std::abort();
  }
  const bool clean =
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
  if (!clean || url->host.empty() || url->port == 0) std::abort();
  if (!url->path.empty() && url->path.front() != '/') std::abort();
  return 0;
}
