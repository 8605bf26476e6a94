// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/generate/indicator.h"
#include "agent/generate/rule_file.h"

namespace plumbline {

// "SloUserEventsIngestionFreshnessBurn": no other objective has alerts of these names.
std::string alert_name(const Indicator& indicator, std::string_view what);

// The labels of every alert of a manifest.
RuleLabels alert_labels(const ManifestCommon& common, std::string severity);

// What pages for tiers 1 and 2 warns for the others.
std::string page_severity(const ManifestCommon& common);

// The counts, burn rates, budget and alerts of one objective.
std::vector<RuleGroup> slo_rules(const ManifestCommon& common, const Indicator& indicator);

}  // namespace plumbline
