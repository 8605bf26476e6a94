// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/snapshot.h"

#include <utility>

namespace plumbline::kafka {

std::string_view to_string(GroupKind kind) {
  switch (kind) {
    case GroupKind::kClassic:
      return "classic";
    case GroupKind::kConsumer:
      return "consumer";
    case GroupKind::kShare:
      return "share";
    case GroupKind::kStreams:
      return "streams";
  }
  return "unknown";
}

void Snapshot::refuse(std::string_view api, std::string_view error, std::string resource) {
  for (auto& known : refusals) {
    if (known.api != api || known.error != error) continue;
    ++known.times;
    return;
  }
  refusals.push_back({.api = api, .error = error, .resource = std::move(resource), .times = 1});
}

void Snapshot::refuse(ApiKey key, std::int16_t code, std::string resource) {
  refuse(api(key).name, error_name(code), std::move(resource));
}

void Snapshot::refuse(ApiKey key, const Error& error) {
  if (error.code == Errc::kUnsupported) return;
  refuse(api(key).name, to_string(error.code), error.what);
}

}  // namespace plumbline::kafka
