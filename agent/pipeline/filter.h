// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "exporters/exporter.h"

namespace plumbline {

// What one destination gets. Patterns are shell globs (fnmatch(3): *, ?, [a-z]).
struct FilterRules {
  std::array<bool, kSignals> signals{true, true, true};
  std::vector<std::string> include;             // metric names; none: every metric
  std::vector<std::string> exclude;             // metric names, over `include`
  std::map<std::string, std::string> resource;  // attribute with pattern; all must match

  bool operator==(const FilterRules&) const = default;
  bool passes_all() const { return *this == FilterRules{}; }
};

// Copies what `rules` let through from one request behind `out`; envelopes without items are left
// out. Resource attributes are compared as text; one that is missing or is no text matches nothing.
// A request that cannot be read passes whole: its receiver will say so.
struct FilterOutcome {
  std::uint64_t passed = 0;
  std::uint64_t held_back = 0;
};
FilterOutcome filter_request(const FilterRules& rules,
                             Signal signal,
                             std::string_view request,
                             std::uint64_t items,
                             std::string& out);

}  // namespace plumbline
