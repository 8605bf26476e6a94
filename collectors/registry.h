// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

#include "collectors/collector.h"

namespace plumbline {

struct CollectorEntry {
  const CollectorInfo* info;
  std::unique_ptr<Collector> (*make)(const CollectorContext& context);
  // Whether the configuration names anything that it could look at; null: always.
  bool (*has_targets)(const Config& config) = nullptr;
  // Whether a change from one configuration to the other concerns it beyond its section.
  bool (*is_concerned)(const Config& before, const Config& after) = nullptr;
};

// Every collector this program has, in the order in which they start and are shown.
std::span<const CollectorEntry> collector_registry();

}  // namespace plumbline
