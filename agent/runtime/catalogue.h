// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "agent/runtime/api.h"

namespace plumbline {

// Every metric of every collector in the order of the registry, the agent's own last.
std::vector<CatalogueEntry> whole_catalogue();

}  // namespace plumbline
