// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include "agent/core/log.h"
#include "agent/pipeline/encode.h"
#include "agent/pipeline/latest.h"

namespace plumbline {

// The newest values as Prometheus metric families: names by OpenTelemetry's translation, HELP and
// TYPE from the specification of each metric, `target_info` with the resource. Exponential
// histograms become classic ones whose bounds are powers of two, which fall on bucket boundaries,
// so every count is exact. The bounds of a unit never change, so that rates over them hold.
//
// Two metrics that would have one name but different types are both left out, with one warning
// (OpenTelemetry specification, "Prometheus and OpenMetrics compatibility"). Scope labels are left
// out: there is one scope, and they would be the same on every series.
// Agent thread only; its references outlive it.
class SnapshotCollectable final : public prometheus::Collectable {
 public:
  SnapshotCollectable(const Latest& latest, const Resource& resource, Log& log)
      : latest_(latest), resource_(resource), log_(log) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  prometheus::MetricFamily target_info() const;
  void drop_conflicts(std::vector<prometheus::MetricFamily>& families) const;

  const Latest& latest_;
  const Resource& resource_;
  Log& log_;
  mutable std::set<std::string> conflicts_;  // told already
};

// The text exposition format 0.0.4.
std::string render_prometheus(const prometheus::Collectable& source);

}  // namespace plumbline
