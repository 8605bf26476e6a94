// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/owner.h"

#include <algorithm>
#include <array>

#include "agent/identity/workload.h"

namespace plumbline {
namespace {

constexpr std::string_view kOtelAnnotation = "resource.opentelemetry.io/";

constexpr std::array<std::string_view, 13> kPageLabels{"k8s.namespace.name",
                                                       "k8s.pod.name",
                                                       "k8s.container.name",
                                                       "k8s.deployment.name",
                                                       "k8s.replicaset.name",
                                                       "k8s.statefulset.name",
                                                       "k8s.daemonset.name",
                                                       "k8s.cronjob.name",
                                                       "k8s.job.name",
                                                       "container.runtime.name",
                                                       "service.name",
                                                       "plumbline.workload.name",
                                                       "plumbline.team"};

// The attribute that names a workload of this kind.
std::string_view workload_key(std::string_view kind) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kKeys{
      {{"Deployment", "k8s.deployment.name"},
       {"ReplicaSet", "k8s.replicaset.name"},
       {"StatefulSet", "k8s.statefulset.name"},
       {"DaemonSet", "k8s.daemonset.name"},
       {"CronJob", "k8s.cronjob.name"},
       {"Job", "k8s.job.name"}}};
  const auto* const found =
      std::find_if(kKeys.begin(), kKeys.end(), [&](const auto& key) { return key.first == kind; });
  return found == kKeys.end() ? std::string_view("plumbline.workload.name") : found->second;
}

struct ImageName {
  std::string_view name;
  std::string_view tag;
};

// "registry:5000/team/app:1.2@sha256:…" → name with registry, tag without the digest.
ImageName split_image(std::string_view image) {
  image = image.substr(0, image.find('@'));
  const auto slash = image.rfind('/');
  const auto colon = image.find(':', slash == std::string_view::npos ? 0 : slash);
  if (colon == std::string_view::npos) return {.name = image, .tag = {}};
  return {.name = image.substr(0, colon), .tag = image.substr(colon + 1)};
}

// Gathers attributes; the first value of a key stays, as the precedence lists of the conventions
// want it, and empty values are none.
class Attributes {
 public:
  explicit Attributes(Owner& owner) : out_(owner.attributes) {}

  void add(std::string_view key, std::string_view value) {
    if (!value.empty() && !out_.contains(key)) out_.add(key, value);
  }

 private:
  AttributeList& out_;
};

std::string_view label(const Labels& labels, std::string_view key) {
  const auto* value = find_label(labels, key);
  return value == nullptr ? std::string_view() : std::string_view(*value);
}

void add_chosen(const Pod& pod, const LabelChoice& exported, Attributes& out) {
  const auto add = [&](const Labels& from, const std::vector<std::string>& wishes, auto prefix) {
    for (const auto& [key, value] : from) {
      if (matches_any(wishes, key)) out.add(std::string(prefix) + key, value);
    }
  };
  add(pod.labels, exported.labels, "k8s.pod.label.");
  add(pod.annotations, exported.annotations, "k8s.pod.annotation.");
}

void add_team(const TeamMatch& match, Attributes& out) {
  out.add("plumbline.team", match.team);
  out.add("plumbline.team.rule", match.rule);
}

// semantic-conventions, "Specify resource attributes using Kubernetes annotations": what
// annotations say goes first.
void add_annotated(const Pod& pod, Attributes& out) {
  for (const auto& [key, value] : pod.annotations) {
    if (key.starts_with(kOtelAnnotation)) out.add(key.substr(kOtelAnnotation.size()), value);
  }
}

void add_pod(const Pod& pod, const Workload& workload, Attributes& out) {
  out.add("k8s.namespace.name", pod.name_space);
  out.add("k8s.pod.name", pod.name);
  out.add("k8s.pod.uid", pod.uid);
  out.add("k8s.node.name", pod.node);
  out.add(workload_key(workload.kind), workload.name);
  out.add("k8s.replicaset.name", workload.replica_set);
  out.add("k8s.job.name", workload.job);
  // Kubernetes 1.35 gives a pod the topology of its node; nobody else tells it without being asked.
  out.add("cloud.region", label(pod.labels, "topology.kubernetes.io/region"));
  out.add("cloud.availability_zone", label(pod.labels, "topology.kubernetes.io/zone"));
}

void add_service(const Pod& pod,
                 const ContainerStatus* container,
                 const Workload& workload,
                 Attributes& out) {
  out.add("service.namespace", pod.name_space);
  out.add("service.name", label(pod.labels, "app.kubernetes.io/instance"));
  out.add("service.name", label(pod.labels, "app.kubernetes.io/name"));
  out.add("service.name", workload.name);
  out.add("service.name", pod.name);
  out.add("service.version", label(pod.labels, "app.kubernetes.io/version"));
  if (container == nullptr) {
    out.add("service.instance.id", pod.name_space + "." + pod.name);
    return;
  }
  out.add("service.version", split_image(container->image).tag);
  out.add("service.instance.id", pod.name_space + "." + pod.name + "." + container->name);
}

void add_container(const ContainerStatus& container, Attributes& out) {
  out.add("k8s.container.name", container.name);
  out.add("container.id", container.id);
  out.add("container.runtime.name", to_string(container.runtime));
  const auto image = split_image(container.image);
  out.add("container.image.name", image.name);
  out.add("container.image.tags", image.tag);
  out.add("container.image.id", container.image_id);
}

}  // namespace

bool is_page_label(std::string_view key) {
  return std::find(kPageLabels.begin(), kPageLabels.end(), key) != kPageLabels.end();
}

bool is_list_attribute(std::string_view key) {
  return key == "container.image.tags";
}

Owner make_pod_owner(const Pod& pod, const LabelChoice& exported, const TeamRules& teams) {
  Owner owner{.kind = GroupKind::kPod, .attributes = {}};
  Attributes out(owner);
  const auto workload = workload_of(pod);
  add_annotated(pod, out);
  add_pod(pod, workload, out);
  add_service(pod, nullptr, workload, out);
  add_team(teams.match(&pod, workload), out);
  add_chosen(pod, exported, out);
  owner.attributes.shrink_to_fit();
  return owner;
}

Owner make_container_owner(const Pod& pod,
                           const ContainerStatus& container,
                           const LabelChoice& exported,
                           const TeamRules& teams) {
  Owner owner{.kind = GroupKind::kContainer, .attributes = {}};
  Attributes out(owner);
  const auto workload = workload_of(pod);
  add_annotated(pod, out);
  add_pod(pod, workload, out);
  add_container(container, out);
  add_service(pod, &container, workload, out);
  add_team(teams.match(&pod, workload), out);
  add_chosen(pod, exported, out);
  owner.attributes.shrink_to_fit();
  return owner;
}

Owner make_path_owner(const GroupPath& path, const TeamRules& teams) {
  Owner owner{.kind = path.kind, .attributes = {}};
  Attributes out(owner);
  out.add("k8s.pod.uid", path.pod_uid);
  out.add("container.id", path.container_id);
  out.add("container.runtime.name", to_string(path.runtime));
  add_team(teams.match(nullptr, {}), out);
  return owner;
}

}  // namespace plumbline
