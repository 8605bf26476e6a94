// SPDX-License-Identifier: Apache-2.0
//
// What the alerts of all kinds of manifests are put together from.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "agent/generate/limit_rules.h"
#include "agent/generate/promql.h"
#include "agent/generate/rule_file.h"
#include "agent/manifest/kinds.h"

namespace plumbline {

struct Said {
  std::string_view name;  // "Disk"
  std::string severity;
  std::chrono::minutes wait;
  std::string summary;
  std::string description;
};

AlertRule limit_alert(const ManifestCommon& common, Said said, std::string expr);

// A field that does not say what is there.
LimitAlert drift_alert(const ManifestCommon& common);

// Has a value where the counter grew within the last ten minutes, or was born in them although its
// source was looked at before: `seen` has a series for each source then, told by `source`. A
// counter that is born with its first event has no increase.
std::string grew(const std::string& counter,
                 const std::string& seen,
                 const std::vector<std::string_view>& source);

// The labels of one of its servers, so that a series of a test fits the matchers of the cluster.
std::vector<Matcher> a_server(const ClickHouseCluster& cluster);

// What is wrong inside a server that answers: parts, replicas, mutations, views, consumers.
std::vector<LimitAlert> trouble_of(const ClickHouseCluster& cluster);

std::vector<LimitAlert> alerts_of(const DataPipeline& pipeline);
std::vector<LimitAlert> alerts_of(const KafkaCluster& cluster);

}  // namespace plumbline
