// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <chrono>

#include "collectors/collector.h"
#include "collectors/kafka/alias_signals.h"
#include "collectors/kafka/canary/signals.h"
#include "collectors/kafka/division/signals.h"
#include "collectors/kafka/signals.h"

namespace plumbline::kafka {

// Our own names, then those of others.
inline constexpr auto kMetrics = [] {
  constexpr auto kDivided = kOwnMetrics.size() + division::kMetrics.size();
  constexpr auto kFlown = kDivided + canary::kMetrics.size();
  std::array<MetricSpec, kFlown + alias::kMetrics.size()> all{kUp};
  std::copy(kOwnMetrics.begin(), kOwnMetrics.end(), all.begin());
  std::copy(division::kMetrics.begin(), division::kMetrics.end(), all.begin() + kOwnMetrics.size());
  std::copy(canary::kMetrics.begin(), canary::kMetrics.end(), all.begin() + kDivided);
  std::copy(alias::kMetrics.begin(), alias::kMetrics.end(), all.begin() + kFlown);
  return all;
}();

inline constexpr CollectorInfo kInfo{
    .name = "kafka",
    .description = "Kafka clusters: lag of groups in offsets and seconds, loss, health",
    .period = std::chrono::seconds(5),
    .lane = Lane::kBlocking,
    .metrics = kMetrics};

}  // namespace plumbline::kafka
