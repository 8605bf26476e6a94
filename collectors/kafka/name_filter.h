// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "agent/core/result.h"

namespace plumbline::kafka {

// Which topics or groups are looked at: those whose whole name matches `include` and does not match
// `exclude` (ECMAScript expressions; empty: all, none).
class NameFilter {
 public:
  static Result<NameFilter> make(const std::string& include, const std::string& exclude);

  // Remembers what it said: an expression costs microseconds, and there may be 10,000 groups.
  bool accepts(std::string_view name);

 private:
  bool matches(const std::string& name) const;
  static constexpr std::size_t kRemembered = 200'000;

  std::optional<std::regex> include_;
  std::optional<std::regex> exclude_;
  std::unordered_map<std::string, bool> known_;
};

}  // namespace plumbline::kafka
