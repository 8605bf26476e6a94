// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/batch.h"

namespace plumbline {

// The value of the series of `metric` with exactly these attribute values, in the order of the
// metric's keys and absent ones left out. nullopt when there is no such point, or more than one.
std::optional<double> value_of(const Batch& batch,
                               std::string_view metric,
                               const std::vector<std::string>& attributes = {});

// The series of that point; null when there is none.
SeriesRef series_of(const Batch& batch,
                    std::string_view metric,
                    const std::vector<std::string>& attributes = {});

// The names of all metrics that have a point.
std::set<std::string> metric_names(const Batch& batch);

}  // namespace plumbline
