// SPDX-License-Identifier: Apache-2.0
//
// Grafana's names of units, from those of metrics.
#pragma once

#include <string_view>

#include "agent/core/metric.h"

namespace plumbline::dashboards {

std::string_view grafana_unit(const MetricSpec& spec);

// Of its rate: seconds in a second are a share, whatever is counted is counted in a second.
std::string_view grafana_rate_unit(const MetricSpec& spec);

inline constexpr std::string_view kShareUnit = "percentunit";
inline constexpr std::string_view kSecondsUnit = "s";
inline constexpr std::string_view kCountUnit = "short";
inline constexpr std::string_view kPerSecondUnit = "cps";
inline constexpr std::string_view kBytesUnit = "bytes";
inline constexpr std::string_view kByteRateUnit = "Bps";

}  // namespace plumbline::dashboards
