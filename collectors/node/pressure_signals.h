// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collectors/node/spec.h"

namespace plumbline::node {

inline constexpr auto kPressureTime =
    counter("plumbline.node.pressure.time",
            Unit::kSeconds,
            "Seconds in which some, or all, tasks that were not idle waited for a resource (PSI).",
            "/proc/pressure/* total",
            {"plumbline.pressure.resource", "plumbline.pressure.stall"});

inline constexpr std::array kPressureMetrics{kPressureTime};

}  // namespace plumbline::node
