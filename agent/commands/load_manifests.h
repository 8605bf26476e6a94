// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/manifest/read.h"

namespace plumbline {

// load_manifests(), and what only the whole program can tell: queries that name metrics of ours
// which do not exist. Metrics of others may be anything.
LoadedManifests load_checked_manifests(const std::vector<std::string>& paths);

}  // namespace plumbline
