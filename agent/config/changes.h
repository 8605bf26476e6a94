// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/config/config.h"
#include "agent/config/fields.h"

namespace plumbline {

// One value that differs between two configurations. Secrets are redacted.
struct Change {
  std::string key;  // "otlp[0].timeout"
  std::string before;
  std::string after;
  Effect effect{};
};

// In the order of the fields. What a reload has to do is the union of the effects.
std::vector<Change> describe_changes(const Config& before, const Config& after);

// "export.interval: 10s → 5s", with "(needs a restart)" when it does.
std::string to_text(const Change& change);

// Every value of a configuration as text, by whole key; secrets redacted, empty ones left out.
std::vector<std::pair<std::string, std::string>> describe_config(const Config& config);

}  // namespace plumbline
