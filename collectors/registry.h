// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

#include "collectors/collector.h"

namespace plumbline {

struct CollectorEntry {
  const CollectorInfo* info;
  std::unique_ptr<Collector> (*make)(const CollectorContext& context);
};

// Every collector this program has, in the order in which they start and are shown.
std::span<const CollectorEntry> collector_registry();

}  // namespace plumbline
