// SPDX-License-Identifier: Apache-2.0
#include "agent/config/budgets.h"

#include <fnmatch.h>

#include <string>

#include <fmt/format.h>

#include "agent/config/findings.h"
#include "agent/config/quantity.h"
#include "agent/config/value.h"

namespace plumbline {
namespace {

constexpr std::uint64_t kMaxBudget = 1'000'000;

}  // namespace

std::optional<std::uint64_t> parse_budget(std::string_view text) {
  const auto budget = parse_count(text);
  if (!budget || *budget == 0 || *budget > kMaxBudget) return std::nullopt;
  return *budget;
}

std::uint64_t series_budget(const LimitsConfig& limits, std::string_view metric) {
  const std::string name(metric);
  if (const auto exact = limits.budgets.find(name); exact != limits.budgets.end()) {
    return parse_budget(exact->second).value_or(limits.series_per_metric);
  }
  std::size_t longest = 0;
  auto budget = limits.series_per_metric;
  for (const auto& [pattern, text] : limits.budgets) {
    if (pattern.size() <= longest || ::fnmatch(pattern.c_str(), name.c_str(), FNM_NOESCAPE) != 0) {
      continue;
    }
    longest = pattern.size();
    budget = parse_budget(text).value_or(limits.series_per_metric);
  }
  return budget;
}

void check_budgets(const Config& config, const Places& places, std::vector<Problem>& problems) {
  Findings findings("limits.budgets", "budget", places, problems);
  for (const auto& [pattern, text] : config.limits.budgets) {
    if (parse_budget(text)) continue;
    findings.add(pattern,
                 fmt::format("{} is not a number of series", in_quotes(text)),
                 fmt::format("a whole number from 1 to {}", kMaxBudget));
  }
}

}  // namespace plumbline
