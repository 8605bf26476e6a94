// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include "agent/core/log.h"
#include "agent/pipeline/by_owner.h"
#include "agent/pipeline/encode.h"
#include "agent/pipeline/latest.h"

namespace plumbline {

// The newest values as Prometheus metric families, sorted by name: names by OpenTelemetry's
// translation, HELP and TYPE from the specification of each metric, `target_info` with the
// resource. Exponential histograms become classic ones whose bounds are powers of two, which fall
// on bucket boundaries, so every count is exact. The bounds of a unit never change, so that rates
// over them hold.
//
// Two metrics that would have one name but different types are both left out, with one warning
// (OpenTelemetry specification, "Prometheus and OpenMetrics compatibility"). Scope labels are left
// out: there is one scope, and two labels more on every series would be a fifth of the page.
// Agent thread only; its references outlive it.
class SnapshotCollectable final : public prometheus::Collectable {
 public:
  // `owners`: whose labels series of groups get too; none without it.
  SnapshotCollectable(const Latest& latest,
                      const Resource& resource,
                      Log& log,
                      ByOwner* owners = nullptr)
      : latest_(latest), resource_(resource), log_(log), owners_(owners) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

  // The same one by one, so that a page needs the memory of one family.
  void for_each_family(const std::function<void(prometheus::MetricFamily)>& visit) const;

 private:
  // The entries of one name: more than one metric when two translate to it.
  struct Family {
    const MetricSpec* spec = nullptr;
    std::vector<const LatestEntry*> entries;
    bool conflicting = false;
  };

  prometheus::MetricFamily target_info() const;
  std::map<std::string, Family> families() const;

  prometheus::ClientMetric client_metric(const LatestEntry& entry) const;

  const Latest& latest_;
  const Resource& resource_;
  Log& log_;
  ByOwner* owners_;
  mutable std::set<std::string> warned_;  // names of conflicts
};

// The text exposition format 0.0.4. Values have 16 significant digits (prometheus-cpp), one less
// than some doubles need: they are off by at most 1 in the 16th. Bounds and whole numbers below
// 10^16 are exact.
std::string render_prometheus(const SnapshotCollectable& source);

}  // namespace plumbline
