// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "agent/identity/pod.h"

namespace plumbline {

// What keeps a pod alive, as far as the pod itself tells: no object but the pod is ever asked for.
struct Workload {
  std::string_view kind;  // "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "CronJob",
                          // "Job", "Static", or the owner's kind; empty for a bare pod
  std::string name;
  std::string replica_set;  // of a Deployment: its present ReplicaSet
  std::string job;          // of a CronJob: this run
};

// A ReplicaSet named after the pod's template hash belongs to a Deployment; a Job that ends in the
// minute it was due to a CronJob. A pod from a file of the node is Static. Views point into `pod`.
Workload workload_of(const Pod& pod);

// What the pod was made from, so that a change tells a new version: the template or revision hash,
// else empty.
std::string_view template_hash_of(const Pod& pod);

}  // namespace plumbline
