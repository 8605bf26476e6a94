// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/clock.h"
#include "agent/pipeline/latest.h"
#include "agent/runtime/self_metrics.h"

namespace plumbline {

// The bodies of /api/v1: JSON objects with a "version" of their form, 1 until a field changes its
// meaning.

// Who runs, since when, how each collector, destination and signal fares, which metrics have the
// most series.
std::string status_json(const SelfView& view,
                        std::string_view agent_version,
                        const Clock& clock,
                        Clock::Steady started);

// Every signal with its state, mechanism and reason.
std::string coverage_json(const SelfView& view);

// Every metric that can be collected, from its specification.
struct CatalogueEntry {
  std::string_view collector;
  std::span<const MetricSpec> metrics;
};
std::string catalog_json(std::span<const CatalogueEntry> catalogue);

// The newest value of the series whose metric name starts with `prefix`; at most `limit` of them,
// with "truncated" telling of more. Histograms as count, sum, p50, p90 and p99.
std::string series_json(const Latest& latest, std::string_view prefix, std::size_t limit);

// The page at "/": what this is and where things are, until there is a real one.
std::string index_html(std::string_view agent_version);

}  // namespace plumbline
