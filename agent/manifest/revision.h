// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/manifest/kinds.h"

namespace plumbline {

// What a manifest asks for, defaults included, in sixteen digits: the same for the same, whatever
// file, order of keys or comments it has.
std::string revision_of(const PlatformManifest& manifest);

}  // namespace plumbline
