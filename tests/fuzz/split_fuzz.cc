// SPDX-License-Identifier: Apache-2.0
//
// Cutting a request in two: the halves hold as many items as the whole, wherever the cut is.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/pipeline/split.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plumbline;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are what is given
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (const auto signal : {Signal::kMetrics, Signal::kTraces, Signal::kLogs}) {
    const auto items = count_items(signal, input);
    first_name(signal, input);
    if (!items) continue;
    const auto head = slice_items(signal, input, 0, *items / 2);
    const auto tail = slice_items(signal, input, *items / 2, *items);
    if (!head || !tail) std::abort();
    if (count_items(signal, *head).value() != *items / 2) std::abort();
    if (count_items(signal, *tail).value() != *items - *items / 2) std::abort();
  }
  return 0;
}
