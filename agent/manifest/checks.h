// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/config/findings.h"
#include "agent/config/problem.h"
#include "agent/manifest/kinds.h"
#include "agent/slo/burn.h"

namespace plumbline {

struct NamedObjective {
  std::string name;  // "freshness"
  std::string key;   // of its target
  Objective objective;
  std::string_view blind = {};    // why nothing measures it; empty: something does
  const SloSpec* spec = nullptr;  // the queries that tell it; nullptr: the kind knows how
};

// What is promised of the thing, in the order of its alerts. Points into the manifest.
std::vector<NamedObjective> objectives_of(const PlatformManifest& manifest);

// "#data-alerts" of "slack://#data-alerts"; empty: it is no such address.
std::string slack_channel(std::string_view address);

// What the table of keys cannot tell of one item of spec.slos.
void check_slo(const SloSpec& slo, const std::string& place, Findings& findings);

// What the table of keys cannot tell of one manifest, and of several.
void check_manifest(const PlatformManifest& manifest, std::vector<Problem>& problems);
void check_together(const std::vector<PlatformManifest>& manifests, std::vector<Problem>& problems);

}  // namespace plumbline
