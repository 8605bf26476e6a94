// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/manifest/kinds.h"

namespace plumbline {

// Routes, receivers and inhibitions for Alertmanager 0.22 and later.
std::string alertmanager_file(const std::vector<PlatformManifest>& manifests);

}  // namespace plumbline
