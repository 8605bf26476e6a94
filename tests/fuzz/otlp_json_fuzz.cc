// SPDX-License-Identifier: Apache-2.0
//
// The first byte chooses the signal, the rest is taken for a request. Writing it as JSON and as a
// table ends, and what is written is one line of JSON that parses and text without control
// characters.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/core/series.h"
#include "agent/pipeline/otlp_json.h"
#include "exporters/stdout/readable.h"
#include "exporters/stdout/readable_records.h"

#include <nlohmann/json.hpp>

using namespace plumbline;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are what is given
  const std::string_view request(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto json = otlp_to_json(static_cast<Signal>(data[0] % kSignals), request);
  if (json) {
    require(nlohmann::json::accept(json.value()));
    require(json.value().find('\n') == std::string::npos);
  }
  for (const auto& text : {readable_metrics(request, {.width = std::size_t{data[0]}}),
                           readable_spans(request, {}),
                           readable_logs(request, {})}) {
    if (!text) continue;
    require(valid_utf8(text.value()) == text.value());
    for (const char c : text.value()) require(static_cast<unsigned char>(c) >= 0x20 || c == '\n');
  }
  return 0;
}
