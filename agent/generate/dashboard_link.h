// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/generate/rule_file.h"
#include "agent/manifest/kinds.h"

namespace plumbline {

// Where one sees what the alert is about: a board with its variables set, below Grafana's address.
std::string dashboard_path(const PlatformManifest& manifest, const AlertRule& alert);

// The same for an alert on nodes or on their agents.
std::string node_dashboard_path(const AlertRule& alert);

}  // namespace plumbline
