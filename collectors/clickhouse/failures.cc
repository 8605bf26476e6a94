// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/failures.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace plumbline::clickhouse {
// FNV-1a.
std::uint64_t fingerprint(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

bool Failures::add(const std::string& kind, Event event, std::uint64_t count) {
  const auto now = clock_.steady();
  const auto known = known_.find(kind);
  if (known != known_.end()) {
    const auto told = std::min(count, known->second.ahead);
    known->second.ahead -= told;
    known->second.count += count - told;
    if (count > told) known->second.event = std::move(event);
    return false;
  }
  if (known_.size() >= kMax) {
    const auto oldest =
        std::min_element(known_.begin(), known_.end(), [](const auto& a, const auto& b) {
          return a.second.told < b.second.told;
        });
    if (oldest->second.count > 0) tell(oldest->first, oldest->second);
    known_.erase(oldest);
  }
  Known entry{.told = now,
              .count = std::max<std::uint64_t>(count, 1),
              .ahead = count == 0 ? 1U : 0U,
              .event = std::move(event)};
  tell(kind, entry);
  entry.count = 0;
  known_.emplace(kind, std::move(entry));
  return true;
}

void Failures::tell(const std::string& kind, const Known& known) {
  auto event = known.event;
  event.attributes.emplace_back("plumbline.event.count", static_cast<std::int64_t>(known.count));
  event.attributes.emplace_back("plumbline.event.fingerprint",
                                fmt::format("{:016x}", fingerprint(kind)));
  due_.push_back(std::move(event));
}

std::vector<Event> Failures::take() {
  const auto now = clock_.steady();
  for (auto next = known_.begin(); next != known_.end();) {
    const auto current = next++;
    auto& known = current->second;
    if (now - known.told < kWindow) continue;
    if (known.count == 0) {  // it has ended
      known_.erase(current);
      continue;
    }
    tell(current->first, known);
    known.told = now;
    known.count = 0;
  }
  return std::exchange(due_, {});
}

}  // namespace plumbline::clickhouse
