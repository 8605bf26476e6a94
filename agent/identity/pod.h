// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "agent/core/clock.h"
#include "agent/identity/cgroup_path.h"

namespace plumbline {

// Sorted by key, keys unique.
using Labels = std::vector<std::pair<std::string, std::string>>;

// The value of a label; nullptr when it is not there.
const std::string* find_label(const Labels& labels, std::string_view key);

// How one run of a container ended.
struct Termination {
  std::string container_id;
  std::int32_t exit_code = 0;
  std::int32_t signal = 0;
  std::string reason;  // "OOMKilled", "Error", "Completed"
  UnixNanos finished = 0;
  bool operator==(const Termination&) const = default;
};

enum class ContainerState : std::uint8_t { kUnknown, kWaiting, kRunning, kTerminated };

// One container of a pod as the kubelet's status tells. Text is clean: see clean_text().
struct ContainerStatus {
  std::string name;
  std::string id;  // without "containerd://"; empty before its first start
  ContainerRuntime runtime = ContainerRuntime::kUnknown;
  std::string image;     // as the pod names it: "nginx:1.27"
  std::string image_id;  // its digest, as the runtime names it
  ContainerState state = ContainerState::kUnknown;
  std::string waiting_reason;  // "CrashLoopBackOff", "ImagePullBackOff"
  UnixNanos started = 0;
  std::optional<Termination> ended;         // of the present run: state is kTerminated
  std::optional<Termination> ended_before;  // of the run before
  std::uint32_t restarts = 0;
  bool ready = false;
  bool is_init = false;
  bool operator==(const ContainerStatus&) const = default;
};

struct PodOwner {
  std::string kind;  // "ReplicaSet"
  std::string name;
  bool operator==(const PodOwner&) const = default;
};

struct Pod {
  std::string uid;
  std::string name;
  std::string name_space;
  std::string node;
  std::string phase;  // "Running"
  Labels labels;      // chosen ones only
  Labels annotations;
  std::optional<PodOwner> owner;  // the controlling one
  UnixNanos created = 0;
  UnixNanos scheduled = 0;  // since when each condition holds; 0: it does not
  UnixNanos sandbox = 0;    // PodReadyToStartContainers: sandbox and network are there
  UnixNanos initialized = 0;
  UnixNanos containers_ready = 0;
  UnixNanos ready = 0;
  std::vector<ContainerStatus> containers;
  bool operator==(const Pod&) const = default;
};

// What a source answered: the pods of this node, all of them.
struct PodList {
  std::vector<Pod> pods;
  std::uint64_t mended = 0;    // texts that were not clean or were cut
  std::uint64_t left_out = 0;  // pods that made no sense, and whatever was beyond a limit
};

// Limits of what is taken over from a source. Kubernetes supports 110 pods a node and people run
// up to 500; names have at most 253 characters, label values 63.
inline constexpr std::size_t kMaxPods = 10'000;
inline constexpr std::size_t kMaxContainers = 128;  // of one pod
inline constexpr std::size_t kMaxLabels = 64;       // chosen ones of one pod
inline constexpr std::size_t kMaxPodText = 256;     // bytes

// `text` fit for a label: valid UTF-8, control characters replaced by U+FFFD, cut to kMaxPodText
// bytes. `mended` grows by one when that changed anything.
std::string clean_text(std::string_view text, std::uint64_t& mended);

// Whether one of the patterns is `key`; one that ends in '*' stands for all that begin so.
bool matches_any(std::span<const std::string> patterns, std::string_view key);

// Which labels and annotations are kept: those the conventions need, and what these patterns
// match.
struct LabelChoice {
  std::vector<std::string> labels;
  std::vector<std::string> annotations;

  bool wants_label(std::string_view key) const;
  bool wants_annotation(std::string_view key) const;
};

// Takes a label over, cleaned; counts it in `list` when there are too many.
void add_label(Labels& labels, std::string_view key, std::string_view value, PodList& list);

// Notes since when the condition of this type holds, if it is one of those above.
void set_condition(Pod& pod, std::string_view type, UnixNanos since);

// "containerd://<id>" → id and runtime; "docker", "cri-o" likewise.
void set_container_id(ContainerStatus& container, std::string_view uri);

// Puts a whole pod into the list: sorts labels; a pod without uid or name is counted in left_out.
void add_pod(Pod pod, PodList& list);

}  // namespace plumbline
