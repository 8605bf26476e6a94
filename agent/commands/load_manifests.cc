// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/load_manifests.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "agent/config/findings.h"
#include "agent/config/suggest.h"
#include "agent/config/value.h"
#include "agent/manifest/fields.h"
#include "agent/manifest/promql_text.h"
#include "agent/runtime/catalogue.h"

namespace plumbline {
namespace {

constexpr std::string_view kOurs = "plumbline_";

// As Prometheus has them, sorted.
std::vector<std::string> known_metrics() {
  std::vector<std::string> names;
  for (const auto& entry : whole_catalogue()) {
    for (const auto& spec : entry.metrics) {
      const auto name = prometheus_name(spec);
      names.push_back(name);
      if (spec.instrument != Instrument::kHistogram) continue;
      for (const auto* suffix : {"_bucket", "_count", "_sum"}) names.push_back(name + suffix);
    }
  }
  std::ranges::sort(names);
  return names;
}

void check_metrics(const PlatformManifest& manifest,
                   const std::vector<std::string>& known,
                   std::vector<Problem>& problems) {
  Findings findings("manifest", manifest.file, manifest.places, problems);
  const auto& slos = manifest.common().slos;
  for (std::size_t i = 0; i < slos.size(); ++i) {
    const std::array<std::pair<std::string_view, const std::string*>, 4> queries{
        {{"good", &slos[i].good},
         {"bad", &slos[i].bad},
         {"total", &slos[i].total},
         {"badWhen", &slos[i].bad_when}}};
    for (const auto& [key, query] : queries) {
      for (const auto& metric : promql_metrics(*query)) {
        if (!metric.starts_with(kOurs) || std::ranges::binary_search(known, metric)) continue;
        findings.add(fmt::format("{}[{}].{}", kSlosKey, i, key),
                     fmt::format("there is no metric {}", in_quotes(metric)),
                     "a metric that `plumbline catalog` lists",
                     closest(metric, known));
      }
    }
  }
}

}  // namespace

LoadedManifests load_checked_manifests(const std::vector<std::string>& paths) {
  auto loaded = load_manifests(paths);
  const auto known = known_metrics();
  for (const auto& manifest : loaded.manifests) check_metrics(manifest, known, loaded.problems);
  sort_problems(loaded.problems);
  return loaded;
}

}  // namespace plumbline
