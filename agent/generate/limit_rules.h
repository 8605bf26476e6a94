// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/generate/rule_file.h"
#include "agent/manifest/kinds.h"

namespace plumbline {

// An alert on a limit that the manifest declares.
struct LimitAlert {
  // A series that the generated test feeds to the rule; promtool's notation for one minute each.
  struct Input {
    std::string series;
    std::string good;  // appended once a minute, such as "70" or "+10"
    std::string bad;
  };

  AlertRule rule;
  std::vector<Input> inputs;
};

std::vector<LimitAlert> limit_alerts(const PlatformManifest& manifest);

}  // namespace plumbline
