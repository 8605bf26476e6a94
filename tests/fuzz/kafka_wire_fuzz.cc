// SPDX-License-Identifier: Apache-2.0
//
// Answers of brokers: the first byte is the API, the second its version, the rest the answer.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "collectors/kafka/wire/api.h"
#include "tests/support/kafka_requests.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plumbline::kafka;
  if (size < 2) return 0;
  const std::string_view frame(reinterpret_cast<const char*>(data + 2), size - 2);
  AllRequests::each([&]<class Request>() {
    const auto& known = api(Request::kKey);
    if (static_cast<std::uint8_t>(Request::kKey) != data[0]) return;
    const auto used = std::clamp<std::int16_t>(data[1], known.min_version, known.max_version);
    Reader in(frame, known.encoding(used));
    if (Request::kKey != ApiKey::kApiVersions) in.tags();
    Request::read(in, used);
  });
  return 0;
}
