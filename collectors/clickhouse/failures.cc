// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/failures.h"

#include <algorithm>

#include <fmt/format.h>

namespace plumbline::clickhouse {

bool Failures::is_news(std::string_view check, std::string_view subject, std::string_view text) {
  const auto now = clock_.steady();
  auto key = fmt::format("{}\n{}\n{}", check, subject, text);
  const auto known = told_.find(key);
  if (known != told_.end()) {
    if (now - known->second < kRepeat) return false;
    known->second = now;
    return true;
  }
  if (told_.size() >= kMax) {
    told_.erase(std::min_element(told_.begin(), told_.end(), [](const auto& a, const auto& b) {
      return a.second < b.second;
    }));
  }
  told_.emplace(std::move(key), now);
  return true;
}

}  // namespace plumbline::clickhouse
