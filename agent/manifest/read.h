// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/config/problem.h"
#include "agent/config/yaml.h"
#include "agent/manifest/kinds.h"

namespace plumbline {

struct LoadedManifests {
  std::vector<PlatformManifest> manifests;  // in the order of their names
  std::vector<Problem> problems;            // sorted
  // Where those of other programs are, by their names, until they are sorted.
  std::map<std::string, std::size_t> imported;
};

// The documents of one file, each by itself: what is wrong between two is not looked for.
void read_manifests(const std::shared_ptr<const Source>& source, LoadedManifests& loaded);

// Files, and the *.yaml and *.yml below folders. Never fails as a whole: what cannot be used is in
// `problems`, all of it at once.
LoadedManifests load_manifests(const std::vector<std::string>& paths);

}  // namespace plumbline
