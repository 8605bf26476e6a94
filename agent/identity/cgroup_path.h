// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace plumbline {

// What a cgroup is for, as far as its path tells.
enum class GroupKind : std::uint8_t {
  kPlain,      // the root, or a group that somebody made by hand
  kSlice,      // a systemd slice, or the group above all pods
  kUnit,       // a systemd service or scope that is no container
  kPod,        // a pod's own group, or what a runtime runs in it beside its containers (conmon)
  kContainer,  // a container, or a group that a container made inside itself
};

std::string_view to_string(GroupKind kind);

enum class ContainerRuntime : std::uint8_t { kUnknown, kContainerd, kCriO, kDocker, kPodman };

// "containerd", "cri-o", "docker", "podman"; empty when it is not known.
std::string_view to_string(ContainerRuntime runtime);

enum class QosClass : std::uint8_t { kNone, kGuaranteed, kBurstable, kBestEffort };

// What a path says about its owner. Views point into the path.
struct GroupPath {
  GroupKind kind = GroupKind::kPlain;
  ContainerRuntime runtime = ContainerRuntime::kUnknown;
  QosClass qos = QosClass::kNone;  // of a pod
  std::string_view container_id;   // 64 hexadecimal digits
  std::string pod_uid;             // with dashes, as the API writes it
  std::string_view unit;           // innermost systemd service or scope outside of containers
  std::string_view slice;          // innermost systemd slice outside of containers
  std::string_view inside;         // of kContainer: the rest of the path below its own group
};

// Reads a path below the root of any hierarchy, v1 or v2, as the systemd and the cgroupfs drivers
// of containerd, CRI-O, Docker and podman make them. In a node that is itself a container (kind,
// minikube) the last pod counts; of containers started inside a pod's container the pod's own one
// counts, for it is the one that the kubelet knows. Leading ".." of a path read from a private
// cgroup namespace is passed over. Never fails: what makes no sense is kPlain.
GroupPath parse_group_path(std::string_view path);

}  // namespace plumbline
