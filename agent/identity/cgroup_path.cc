// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/cgroup_path.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace plumbline {
namespace {

constexpr std::size_t kIdLength = 64;
constexpr std::size_t kMaxUid = 64;  // real ones have 32 or 36 characters; a static pod may set any
constexpr std::string_view kKubepods = "kubepods";
constexpr std::string_view kConmon = "conmon-";

struct Prefix {
  std::string_view text;
  ContainerRuntime runtime;
};
constexpr std::array kPrefixes{Prefix{"cri-containerd", ContainerRuntime::kContainerd},
                               Prefix{"nerdctl", ContainerRuntime::kContainerd},
                               Prefix{"crio", ContainerRuntime::kCriO},
                               Prefix{"docker", ContainerRuntime::kDocker},
                               Prefix{"libpod", ContainerRuntime::kPodman}};

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool is_container_id(std::string_view text) {
  return text.size() == kIdLength && std::all_of(text.begin(), text.end(), is_hex);
}

bool take_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

ContainerRuntime runtime_of(std::string_view prefix) {
  const auto* const found = std::find_if(
      kPrefixes.begin(), kPrefixes.end(), [&](const auto& known) { return known.text == prefix; });
  return found == kPrefixes.end() ? ContainerRuntime::kUnknown : found->runtime;
}

struct ContainerName {
  std::string_view id;
  ContainerRuntime runtime;
};

// "<id>", "docker-<id>.scope", "crio-<id>", or containerd's "…:cri-containerd:<id>" for a slice
// path given to the cgroupfs driver. Not "crio-conmon-<id>.scope", which watches over a container.
std::optional<ContainerName> container_in(std::string_view name, std::string_view parent) {
  if (const auto colon = name.rfind(':'); colon != std::string_view::npos) {
    const auto id = name.substr(colon + 1);
    if (!is_container_id(id)) return {};
    auto prefix = name.substr(0, colon);
    prefix.remove_prefix(prefix.rfind(':') + 1);  // npos + 1 is 0
    return ContainerName{.id = id, .runtime = runtime_of(prefix)};
  }
  take_suffix(name, ".scope");
  if (name.size() < kIdLength) return {};
  const auto id = name.substr(name.size() - kIdLength);
  if (!is_container_id(id)) return {};
  auto prefix = name.substr(0, name.size() - kIdLength);
  if (prefix.empty()) return ContainerName{.id = id, .runtime = runtime_of(parent)};
  if (!take_suffix(prefix, "-") || prefix.ends_with(kConmon.substr(0, kConmon.size() - 1))) {
    return {};
  }
  return ContainerName{.id = id, .runtime = runtime_of(prefix)};
}

bool is_uid(std::string_view text) {
  return !text.empty() && text.size() <= kMaxUid &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_hex(c) || (c >= 'g' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                  c == '_' || c == '.';
         });
}

std::string uid_of(std::string_view text) {
  std::string uid(text);
  std::replace(uid.begin(), uid.end(), '_', '-');  // systemd's '-' separates slices
  return uid;
}

// Goes through the components from the root.
class Reader {
 public:
  explicit Reader(std::string_view path) : path_(path) {}

  GroupPath read() {
    auto rest = path_;
    while (!rest.empty()) {
      const auto end = std::min(rest.find('/'), rest.size());
      const auto name = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (name.empty() || name == "." || name == "..") continue;
      take(name);
      parent_ = name;
    }
    finish();
    return std::move(out_);
  }

 private:
  void take(std::string_view name) {
    if (take_pod_parent(name) || take_pod(name) || take_container(name)) return;
    if (!out_.container_id.empty()) return;  // a container's own affairs
    if (name.ends_with(".slice")) {
      out_.slice = name;
      out_.unit = {};
    } else if (name.ends_with(".service") || name.ends_with(".scope")) {
      out_.unit = name;
    }
  }

  // "kubepods", "kubepods.slice", "kubelet-kubepods-burstable.slice" and, with the pod,
  // "kubepods-burstable-pod<uid>.slice"; the same before ":cri-containerd:<id>".
  bool take_pod_parent(std::string_view name) {
    if (name == kKubepods) {
      enter_pods(name);
      return true;
    }
    auto slice = name.substr(0, name.find(':'));
    const bool with_container = slice.size() < name.size();
    const auto whole = slice;
    const auto at = slice.find(kKubepods);
    if (at == std::string_view::npos || !take_suffix(slice, ".slice")) return false;
    if (at > 0 && slice[at - 1] != '-') return false;
    auto tail = slice.substr(std::min(at + kKubepods.size(), slice.size()));
    enter_pods(whole);
    if (tail.starts_with("-besteffort")) {
      out_.qos = QosClass::kBestEffort;
      tail.remove_prefix(std::string_view("-besteffort").size());
    } else if (tail.starts_with("-burstable")) {
      out_.qos = QosClass::kBurstable;
      tail.remove_prefix(std::string_view("-burstable").size());
    }
    if (tail.starts_with("-pod") && is_uid(tail.substr(4))) enter_pod(tail.substr(4));
    if (with_container) take_container(name);
    return true;
  }

  // The two levels below "kubepods" as the cgroupfs driver names them.
  bool take_pod(std::string_view name) {
    if (!below_pods_ || !out_.pod_uid.empty()) return false;
    if (name == "besteffort" || name == "burstable") {
      out_.qos = name == "burstable" ? QosClass::kBurstable : QosClass::kBestEffort;
      return true;
    }
    if (!name.starts_with("pod") || !is_uid(name.substr(3)) || name.ends_with(".slice")) {
      return false;
    }
    enter_pod(name.substr(3));
    return true;
  }

  bool take_container(std::string_view name) {
    const auto found = container_in(name, parent_);
    if (!found) return false;
    if (!out_.pod_uid.empty() && !out_.container_id.empty()) return true;  // started inside
    out_.container_id = found->id;
    out_.runtime = found->runtime;
    const auto end = static_cast<std::size_t>(name.data() - path_.data()) + name.size();
    out_.inside = path_.substr(end);
    return true;
  }

  // Another node inside a container of this one: what was outside no longer counts.
  void enter_pods(std::string_view slice) {
    out_ = {};
    if (slice.ends_with(".slice")) out_.slice = slice;
    below_pods_ = true;
  }

  void enter_pod(std::string_view uid) {
    out_.pod_uid = uid_of(uid);
    if (out_.qos == QosClass::kNone) out_.qos = QosClass::kGuaranteed;
  }

  void finish() {
    if (out_.pod_uid.empty()) out_.qos = QosClass::kNone;
    if (!out_.container_id.empty()) {
      out_.kind = GroupKind::kContainer;
    } else if (!out_.pod_uid.empty()) {
      out_.kind = GroupKind::kPod;
    } else if (!out_.unit.empty()) {
      out_.kind = GroupKind::kUnit;
    } else if (!out_.slice.empty() || below_pods_) {
      out_.kind = GroupKind::kSlice;
    }
  }

  std::string_view path_;
  std::string_view parent_;
  GroupPath out_;
  bool below_pods_ = false;
};

}  // namespace

std::string_view to_string(GroupKind kind) {
  switch (kind) {
    case GroupKind::kPlain:
      return "plain";
    case GroupKind::kSlice:
      return "slice";
    case GroupKind::kUnit:
      return "unit";
    case GroupKind::kPod:
      return "pod";
    case GroupKind::kContainer:
      return "container";
  }
  return "unknown";
}

std::string_view to_string(ContainerRuntime runtime) {
  switch (runtime) {
    case ContainerRuntime::kUnknown:
      return {};
    case ContainerRuntime::kContainerd:
      return "containerd";
    case ContainerRuntime::kCriO:
      return "cri-o";
    case ContainerRuntime::kDocker:
      return "docker";
    case ContainerRuntime::kPodman:
      return "podman";
  }
  return {};
}

GroupPath parse_group_path(std::string_view path) {
  return Reader(path).read();
}

}  // namespace plumbline
