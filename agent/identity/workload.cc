// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/workload.h"

#include <algorithm>

namespace plumbline {
namespace {

// The alphabet and the lengths of a template hash (k8s.io/apimachinery/pkg/util/rand).
bool looks_like_hash(std::string_view text) {
  constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
  return text.size() >= 6 && text.size() <= 10 &&
         text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

// Minutes since 1970, which CronJobs put behind the names of their Jobs: from 2014 to 2100.
bool looks_like_minute(std::string_view text) {
  return text.size() == 8 && text >= "23000000" && text <= "69000000" &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

Workload of_replica_set(const Pod& pod, const std::string& name) {
  const auto dash = name.rfind('-');
  if (dash == std::string::npos || dash == 0) return {.kind = "ReplicaSet", .name = name};
  const auto suffix = std::string_view(name).substr(dash + 1);
  const auto* hash = find_label(pod.labels, "pod-template-hash");
  const bool of_deployment = hash != nullptr ? *hash == suffix : looks_like_hash(suffix);
  if (!of_deployment) return {.kind = "ReplicaSet", .name = name};
  return {.kind = "Deployment", .name = name.substr(0, dash), .replica_set = name};
}

Workload of_job(const std::string& name) {
  const auto dash = name.rfind('-');
  if (dash == std::string::npos || dash == 0) return {.kind = "Job", .name = name};
  if (!looks_like_minute(std::string_view(name).substr(dash + 1))) {
    return {.kind = "Job", .name = name};
  }
  return {.kind = "CronJob", .name = name.substr(0, dash), .job = name};
}

bool is_static(const Pod& pod) {
  const auto* source = find_label(pod.annotations, "kubernetes.io/config.source");
  return (source != nullptr && *source != "api") || (pod.owner && pod.owner->kind == "Node");
}

// A static pod's name ends in the name of its node.
Workload of_static(const Pod& pod) {
  auto name = pod.name;
  if (pod.node.size() + 1 < name.size() && name.ends_with("-" + pod.node)) {
    name.resize(name.size() - pod.node.size() - 1);
  }
  return {.kind = "Static", .name = std::move(name)};
}

}  // namespace

Workload workload_of(const Pod& pod) {
  if (is_static(pod)) return of_static(pod);
  if (!pod.owner) return {};
  const auto& [kind, name] = *pod.owner;
  if (kind == "ReplicaSet") return of_replica_set(pod, name);
  if (kind == "Job") return of_job(name);
  return {.kind = kind, .name = name};
}

std::string_view template_hash_of(const Pod& pod) {
  for (const auto* key :
       {"pod-template-hash", "controller-revision-hash", "pod-template-generation"}) {
    if (const auto* hash = find_label(pod.labels, key)) return *hash;
  }
  const auto* hash = find_label(pod.annotations, "kubernetes.io/config.hash");
  return hash != nullptr ? std::string_view(*hash) : std::string_view();
}

}  // namespace plumbline
