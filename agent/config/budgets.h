// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "agent/config/config.h"
#include "agent/config/field_reader.h"
#include "agent/config/problem.h"

namespace plumbline {

// How many series a metric may have: limits.budgets names it, or a pattern does that fits it, the
// longest of several; limits.series_per_metric else.
std::uint64_t series_budget(const LimitsConfig& limits, std::string_view metric);

// A budget as it is written; none when it is not a whole number from 1 to 1,000,000.
std::optional<std::uint64_t> parse_budget(std::string_view text);

void check_budgets(const Config& config, const Places& places, std::vector<Problem>& problems);

}  // namespace plumbline
