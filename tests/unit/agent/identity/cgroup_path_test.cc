// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/cgroup_path.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace plumbline {
namespace {

constexpr std::string_view kId = "4e3b1f7a90c2d5e8f1a6b3c4d7e8f9a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6";
constexpr std::string_view kOuter =
    "00aa11bb22cc33dd44ee55ff66007788990011aa22bb33cc44dd55ee66ff7788";
constexpr std::string_view kUid = "6f1c2f6e-0a4b-4c57-9a3e-2b1d0c9f8e7d";
constexpr std::string_view kUidInSlice = "6f1c2f6e_0a4b_4c57_9a3e_2b1d0c9f8e7d";
constexpr std::string_view kStaticUid = "d8a3f1c2b4e5f60718293a4b5c6d7e8f";

using K = GroupKind;
using R = ContainerRuntime;
using Q = QosClass;

struct Case {
  std::string_view form;
  std::string path;
  GroupKind kind;
  ContainerRuntime runtime = R::kUnknown;
  QosClass qos = Q::kNone;
  std::string_view id = {};
  std::string_view uid = {};
  std::string_view unit = {};
  std::string_view slice = {};
  std::string_view inside = {};
};

std::string systemd_pod(std::string_view qos, std::string_view prefix = "") {
  const auto level =
      qos.empty() ? std::string() : fmt::format("{0}kubepods-{1}.slice/", prefix, qos);
  return fmt::format("/{0}kubepods.slice/{1}{0}kubepods{2}{3}-pod{4}.slice",
                     prefix,
                     level,
                     qos.empty() ? "" : "-",
                     qos,
                     kUidInSlice);
}

std::vector<Case> container_forms() {
  const std::string burstable_slice = fmt::format("kubepods-burstable-pod{}.slice", kUidInSlice);
  return {
      {.form = "containerd, systemd, burstable",
       .path = fmt::format("{}/cri-containerd-{}.scope", systemd_pod("burstable"), kId),
       .kind = K::kContainer,
       .runtime = R::kContainerd,
       .qos = Q::kBurstable,
       .id = kId,
       .uid = kUid,
       .slice = "burstable"},
      {.form = "containerd, systemd, guaranteed has no level of its own",
       .path = fmt::format("{}/cri-containerd-{}.scope", systemd_pod(""), kId),
       .kind = K::kContainer,
       .runtime = R::kContainerd,
       .qos = Q::kGuaranteed,
       .id = kId,
       .uid = kUid,
       .slice = "guaranteed"},
      {.form = "CRI-O, systemd, with its child group",
       .path = fmt::format("{}/crio-{}.scope/container", systemd_pod("besteffort"), kId),
       .kind = K::kContainer,
       .runtime = R::kCriO,
       .qos = Q::kBestEffort,
       .id = kId,
       .uid = kUid,
       .slice = "besteffort",
       .inside = "/container"},
      {.form = "CRI-O's watcher belongs to the pod and is no container",
       .path = fmt::format("{}/crio-conmon-{}.scope", systemd_pod("burstable"), kId),
       .kind = K::kPod,
       .qos = Q::kBurstable,
       .uid = kUid,
       .unit = "conmon",
       .slice = "burstable"},
      {.form = "Docker below the kubelet, systemd",
       .path = fmt::format("{}/docker-{}.scope", systemd_pod("burstable"), kId),
       .kind = K::kContainer,
       .runtime = R::kDocker,
       .qos = Q::kBurstable,
       .id = kId,
       .uid = kUid,
       .slice = "burstable"},
      {.form = "kind, systemd",
       .path = fmt::format(
           "/kubelet.slice{}/cri-containerd-{}.scope", systemd_pod("burstable", "kubelet-"), kId),
       .kind = K::kContainer,
       .runtime = R::kContainerd,
       .qos = Q::kBurstable,
       .id = kId,
       .uid = kUid,
       .slice = "kubelet"},
      {.form = "cgroupfs, besteffort",
       .path = fmt::format("/kubepods/besteffort/pod{}/{}", kUid, kId),
       .kind = K::kContainer,
       .qos = Q::kBestEffort,
       .id = kId,
       .uid = kUid},
      {.form = "cgroupfs, burstable",
       .path = fmt::format("/kubepods/burstable/pod{}/{}", kUid, kId),
       .kind = K::kContainer,
       .qos = Q::kBurstable,
       .id = kId,
       .uid = kUid},
      {.form = "cgroupfs, guaranteed",
       .path = fmt::format("/kubepods/pod{}/{}", kUid, kId),
       .kind = K::kContainer,
       .qos = Q::kGuaranteed,
       .id = kId,
       .uid = kUid},
      {.form = "cgroupfs, CRI-O",
       .path = fmt::format("/kubepods/burstable/pod{}/crio-{}", kUid, kId),
       .kind = K::kContainer,
       .runtime = R::kCriO,
       .qos = Q::kBurstable,
       .id = kId,
       .uid = kUid},
      {.form = "a static pod's uid has no dashes",
       .path = fmt::format("/kubepods/pod{}/{}", kStaticUid, kId),
       .kind = K::kContainer,
       .qos = Q::kGuaranteed,
       .id = kId,
       .uid = kStaticUid},
      {.form = "a static pod's uid in a slice",
       .path = fmt::format("/kubepods.slice/kubepods-pod{}.slice/crio-{}.scope", kStaticUid, kId),
       .kind = K::kContainer,
       .runtime = R::kCriO,
       .qos = Q::kGuaranteed,
       .id = kId,
       .uid = kStaticUid,
       .slice = "static"},
      {.form = "containerd given a slice path by the cgroupfs driver",
       .path = fmt::format(
           "/system.slice/containerd.service/{}:cri-containerd:{}", burstable_slice, kId),
       .kind = K::kContainer,
       .runtime = R::kContainerd,
       .qos = Q::kBurstable,
       .id = kId,
       .uid = kUid,
       .slice = "burstable"},
      {.form = "GKE: the runtime before a colon",
       .path = fmt::format("{}/cri-containerd:{}", systemd_pod(""), kId),
       .kind = K::kContainer,
       .runtime = R::kContainerd,
       .qos = Q::kGuaranteed,
       .id = kId,
       .uid = kUid,
       .slice = "guaranteed"},
      {.form = "a node that is a Docker container: the last pod counts",
       .path = fmt::format("/docker/{}/kubepods/burstable/pod{}/{}", kOuter, kUid, kId),
       .kind = K::kContainer,
       .qos = Q::kBurstable,
       .id = kId,
       .uid = kUid},
      {.form = "kind in cgroupfs style",
       .path = fmt::format("/docker/{}/kubelet/kubepods/besteffort/pod{}/{}", kOuter, kUid, kId),
       .kind = K::kContainer,
       .qos = Q::kBestEffort,
       .id = kId,
       .uid = kUid},
      {.form = "a path read in a private cgroup namespace",
       .path = fmt::format("/../../pod{}/../kubepods/pod{}/{}", kOuter, kUid, kId),
       .kind = K::kContainer,
       .qos = Q::kGuaranteed,
       .id = kId,
       .uid = kUid},
      {.form = "systemd in a pod",
       .path = fmt::format("/kubepods/pod{}/{}/system.slice/nginx.service", kUid, kId),
       .kind = K::kContainer,
       .qos = Q::kGuaranteed,
       .id = kId,
       .uid = kUid,
       .inside = "/system.slice/nginx.service"},
      {.form = "Docker in a pod: the kubelet knows the outer one",
       .path = fmt::format("/kubepods/pod{}/{}/docker/{}", kUid, kId, kOuter),
       .kind = K::kContainer,
       .qos = Q::kGuaranteed,
       .id = kId,
       .uid = kUid,
       .inside = "docker"},
      {.form = "Docker alone, cgroupfs",
       .path = fmt::format("/docker/{}", kId),
       .kind = K::kContainer,
       .runtime = R::kDocker,
       .id = kId},
      {.form = "Docker alone, systemd",
       .path = fmt::format("/system.slice/docker-{}.scope", kId),
       .kind = K::kContainer,
       .runtime = R::kDocker,
       .id = kId,
       .slice = "system.slice"},
      {.form = "Docker in Docker: the inner one",
       .path = fmt::format("/docker/{}/docker/{}", kOuter, kId),
       .kind = K::kContainer,
       .runtime = R::kDocker,
       .id = kId},
      {.form = "nerdctl",
       .path = fmt::format("/system.slice/nerdctl-{}.scope", kId),
       .kind = K::kContainer,
       .runtime = R::kContainerd,
       .id = kId,
       .slice = "system.slice"},
      {.form = "podman",
       .path = fmt::format("/machine.slice/libpod-{}.scope/container", kId),
       .kind = K::kContainer,
       .runtime = R::kPodman,
       .id = kId,
       .slice = "machine.slice",
       .inside = "/container"},
      {.form = "podman without root",
       .path = fmt::format(
           "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{}.scope", kId),
       .kind = K::kContainer,
       .runtime = R::kPodman,
       .id = kId,
       .slice = "user.slice"},
      {.form = "podman, cgroupfs",
       .path = fmt::format("/libpod_parent/libpod-{}", kId),
       .kind = K::kContainer,
       .runtime = R::kPodman,
       .id = kId},
  };
}

TEST(GroupPath, ReadsEveryFormOfAContainer) {
  for (const auto& form : container_forms()) {
    SCOPED_TRACE(fmt::format("{}: {}", form.form, form.path));
    const auto read = parse_group_path(form.path);
    EXPECT_EQ(read.kind, form.kind);
    EXPECT_EQ(read.runtime, form.runtime);
    EXPECT_EQ(read.qos, form.qos);
    EXPECT_EQ(read.container_id, form.id);
    EXPECT_EQ(read.pod_uid, form.uid);
    EXPECT_EQ(read.inside.substr(0, 1), form.inside.empty() ? "" : "/");
    if (form.inside.starts_with('/')) {
      EXPECT_EQ(read.inside, form.inside);
    }
    EXPECT_EQ(read.slice.empty(), form.slice.empty()) << read.slice;
    EXPECT_EQ(read.unit.empty(), form.unit.empty()) << read.unit;
  }
}

TEST(GroupPath, NamesThePodOfAGroupWithoutContainer) {
  const auto slice = systemd_pod("burstable");
  const auto read = parse_group_path(slice);
  EXPECT_EQ(read.kind, K::kPod);
  EXPECT_EQ(read.pod_uid, kUid);
  EXPECT_EQ(read.qos, Q::kBurstable);
  const auto plain = fmt::format("/kubepods/besteffort/pod{}", kUid);
  EXPECT_EQ(parse_group_path(plain).kind, K::kPod);
  EXPECT_EQ(parse_group_path(plain).qos, Q::kBestEffort);
}

TEST(GroupPath, NamesUnitsAndSlicesOfSystemd) {
  struct Form {
    std::string_view path;
    GroupKind kind;
    std::string_view unit;
    std::string_view slice;
  };
  for (const auto& [path, kind, unit, slice] : {
           Form{"/system.slice/ssh.service", K::kUnit, "ssh.service", "system.slice"},
           Form{"/system.slice", K::kSlice, "", "system.slice"},
           Form{"/init.scope", K::kUnit, "init.scope", ""},
           Form{"/user.slice/user-1000.slice/session-3.scope",
                K::kUnit,
                "session-3.scope",
                "user-1000.slice"},
           Form{"/user.slice/user-1000.slice/user@1000.service/app.slice/dbus.service",
                K::kUnit,
                "dbus.service",
                "app.slice"},
           Form{"/system.slice/containerd.service", K::kUnit, "containerd.service", "system.slice"},
           Form{"/kubepods.slice", K::kSlice, "", "kubepods.slice"},
           Form{"/kubepods.slice/kubepods-besteffort.slice",
                K::kSlice,
                "",
                "kubepods-besteffort.slice"},
           Form{"/kubepods/burstable", K::kSlice, "", ""},
           Form{"/", K::kPlain, "", ""},
           Form{"", K::kPlain, "", ""},
           Form{"/default/web", K::kPlain, "", ""},
       }) {
    SCOPED_TRACE(path);
    const auto read = parse_group_path(path);
    EXPECT_EQ(read.kind, kind);
    EXPECT_EQ(read.unit, unit);
    EXPECT_EQ(read.slice, slice);
    EXPECT_TRUE(read.container_id.empty());
    EXPECT_TRUE(read.pod_uid.empty());
  }
}

TEST(GroupPath, ReadsAContainerInATreeThirtyDeep) {
  std::string above;
  std::string below;
  for (int i = 0; i < 15; ++i) {
    above += fmt::format("/above{}", i);
    below += fmt::format("/below{}", i);
  }
  const auto path = fmt::format("{}/docker/{}{}", above, kId, below);
  const auto read = parse_group_path(path);
  EXPECT_EQ(read.kind, K::kContainer);
  EXPECT_EQ(read.container_id, kId);
  EXPECT_EQ(read.inside, below);
}

TEST(GroupPath, IsNotMisledByWhatLooksLikeAContainer) {
  for (const auto& path : {
           fmt::format("/{}", kId.substr(1)),                          // 63 digits
           fmt::format("/x{}", kId),                                   // no separator
           fmt::format("/docker/{}0", kId),                            // 65 digits
           fmt::format("/machine.slice/libpod-conmon-{}.scope", kId),  // podman's watcher
           std::string("/xkubepods.slice/xkubepods-podzz.slice"),
           std::string("/kubepods/pod"),
           fmt::format("/kubepods/pod{}", std::string(65, 'a')),
           std::string("/kubepods/podöä"),
       }) {
    SCOPED_TRACE(path);
    const auto read = parse_group_path(path);
    EXPECT_TRUE(read.container_id.empty());
    EXPECT_TRUE(read.pod_uid.empty());
  }
}

}  // namespace
}  // namespace plumbline
