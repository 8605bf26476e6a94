// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "agent/core/metric_table.h"

namespace plumbline::manifests {

inline constexpr auto kAgreement = metric_table::gauge(
    "plumbline.manifest.field.agreement",
    Unit::kState,
    "1 when what a field of a manifest says is what the agent sees, 0 when it is not; absent while "
    "it sees too little to know. The log says what is there instead.",
    "the manifests, and what collectors found",
    {"plumbline.manifest.name", "plumbline.manifest.kind", "plumbline.manifest.field"});
inline constexpr auto kLoaded = metric_table::gauge(
    "plumbline.manifest.loaded",
    Unit::kState,
    "1 for each manifest that the agent has read, with its revision: differs "
    "between agents on drift.",
    "the manifests",
    {"plumbline.manifest.name", "plumbline.manifest.kind", "plumbline.manifest.revision"});

inline constexpr std::array kMetrics{kAgreement, kLoaded};

}  // namespace plumbline::manifests
