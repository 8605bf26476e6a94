// SPDX-License-Identifier: Apache-2.0
//
// Which runbook an alert has. Alerts are named after their manifest, a runbook after the kind of
// manifest and what is wrong: UserEventsIngestionBacklog has PipelineBacklog.
#pragma once

#include <string>

#include "agent/generate/rule_file.h"
#include "agent/manifest/kinds.h"

namespace plumbline {

// The label of an alert that names its runbook.
inline constexpr const char* kRunbookLabel = "runbook";

// What the runbook needs to know of the alert: its name, and what the manifest names.
void describe_alert(const PlatformManifest& manifest, AlertRule& alert);

// Of an alert on nodes: it and its runbook have one name.
void describe_node_alert(AlertRule& alert);

// The annotations runbook_url, below the folder or URL `base`, and value.
void link_runbook(const std::string& base, AlertRule& alert);

}  // namespace plumbline
