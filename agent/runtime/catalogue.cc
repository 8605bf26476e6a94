// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/catalogue.h"

#include "agent/manifest/signals.h"
#include "agent/runtime/attribution_signals.h"
#include "agent/runtime/self_metrics.h"
#include "collectors/registry.h"

namespace plumbline {

std::vector<CatalogueEntry> whole_catalogue() {
  std::vector<CatalogueEntry> entries;
  for (const auto& entry : collector_registry()) {
    entries.push_back({.collector = entry.info->name, .metrics = entry.info->metrics});
  }
  const auto& self = SelfMetrics::info();
  entries.push_back({.collector = self.name, .metrics = self.metrics});
  entries.push_back({.collector = "identity", .metrics = attribution::kMetrics});
  entries.push_back({.collector = "manifests", .metrics = manifests::kMetrics});
  return entries;
}

}  // namespace plumbline
