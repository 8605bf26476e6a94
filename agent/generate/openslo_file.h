// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/generate/indicator.h"
#include "agent/manifest/kinds.h"

namespace plumbline {

// A Service of OpenSLO v1 and an SLO for each indicator; what is counted is told by queries over
// $window. `origin`: of which manifest, as generated_header() has it.
std::string openslo_file(const PlatformManifest& manifest,
                         const std::vector<Indicator>& indicators,
                         const std::string& origin);

}  // namespace plumbline
