// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/core/clock.h"
#include "agent/identity/pod.h"

namespace plumbline {

enum class PodEventKind : std::uint8_t {
  kStart,      // a container runs
  kExit,       // a run ended: code, signal, reason
  kOomKill,    // likewise, killed for memory
  kRestart,    // the kubelet started it again
  kCrashLoop,  // it waits before it starts again, for it ended too often
  kImagePull,  // its image does not come
  kNoStart,    // it cannot be made or begun
  kDeploy,     // the workload's template or image is another one than before on this node
};

// "container.start", "container.oom_kill", "deploy".
std::string_view to_string(PodEventKind kind);

// Something that happened to a pod of this node.
struct PodEvent {
  PodEventKind kind{};
  UnixNanos time = 0;  // when it happened, as far as the kubelet tells
  // The same for one happening however often it is seen: by this agent after a restart, and for a
  // deploy by each node.
  std::string id;
  std::string pod_uid;
  std::string container_id;  // empty for a deploy
  std::string body;          // a sentence
  // Of a start: see start_duration().
  std::optional<std::chrono::nanoseconds> took;
  std::vector<std::pair<std::string, std::string>> attributes;
};

// How long a container that runs for the first time took to start since nothing but itself was in
// the way: since sandbox and network of its pod were there, its init containers done, and the
// container before it started, for the kubelet starts one after the other. That is the pull of its
// image, if there was one, and its creation; the status does not tell them apart. None when the
// status does not tell: of a run that is not the first, of init containers, of a kubelet without
// the condition PodReadyToStartContainers (before 1.29). Whole seconds.
std::optional<std::chrono::nanoseconds> start_duration(const Pod& pod,
                                                       const ContainerStatus& container);

// Finds what happened between two answers of a source. Of the first answer it only learns: what
// was there before the agent is no news. A run that came and went between two answers is found by
// what the status says of the run before. Memory is bounded by what one answer may hold.
class PodHistory {
 public:
  static constexpr std::size_t kMaxWorkloads = 2'000;  // the longest unseen goes

  // `now`: for what the kubelet gives no time of.
  std::vector<PodEvent> update(const PodList& list, UnixNanos now);

 private:
  struct Seen {
    std::string id;
    std::string ended_id;  // of the last run whose end was told
    std::uint32_t restarts = 0;
    bool waits = false;  // in a crash loop
    bool stuck = false;  // told that it cannot start
    std::uint64_t update = 0;
  };
  struct Version {
    std::string hash;
    std::string images;
    std::uint64_t update = 0;
    UnixNanos created = 0;  // of the pod that showed it
  };

  void compare(const Pod& pod, const ContainerStatus& now);
  void stuck_of(const Pod& pod, const ContainerStatus& now, Seen& seen);
  void exit_of(const Pod& pod,
               const ContainerStatus& container,
               const Termination& end,
               Seen& seen);
  void deploy_of(const Pod& pod);
  PodEvent& add(PodEventKind kind, const Pod& pod, UnixNanos time, std::string body);
  void forget();

  std::map<std::string, Seen> containers_;  // by uid and name
  std::map<std::string, Version> workloads_;
  std::uint64_t update_ = 0;
  UnixNanos now_ = 0;
  std::vector<PodEvent> events_;
};

}  // namespace plumbline
