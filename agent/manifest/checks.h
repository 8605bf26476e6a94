// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/config/problem.h"
#include "agent/manifest/kinds.h"
#include "agent/slo/burn.h"

namespace plumbline {

struct NamedObjective {
  std::string_view name;  // "freshness"
  std::string_view key;   // of its target
  Objective objective;
};

// What is promised of the thing, in the order of its alerts.
std::vector<NamedObjective> objectives_of(const PlatformManifest& manifest);

// "#data-alerts" of "slack://#data-alerts"; empty: it is no such address.
std::string slack_channel(std::string_view address);

// What the table of keys cannot tell of one manifest, and of several.
void check_manifest(const PlatformManifest& manifest, std::vector<Problem>& problems);
void check_together(const std::vector<PlatformManifest>& manifests, std::vector<Problem>& problems);

}  // namespace plumbline
