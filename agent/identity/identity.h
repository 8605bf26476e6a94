// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "agent/core/clock.h"
#include "agent/identity/owner.h"
#include "agent/identity/pod.h"
#include "agent/identity/team.h"

namespace plumbline {

// Whose each group is: path → container → pod → workload → team. Fed by whichever source of pods
// answers; without one the path alone names pod and container by their ids. A container id is never
// used twice, so a group whose number the kernel gives to another one later still has its own name.
//
// Pods and containers that are gone keep their names for kKeep, so that the last that was measured
// of them has an owner, and fewer when many come and go. Agent thread only.
class Identity {
 public:
  static constexpr std::chrono::seconds kKeep{120};
  static constexpr std::size_t kMaxGone = 1'000;    // containers
  static constexpr std::size_t kMaxPaths = 20'000;  // remembered; the rest is read each time
  // Paths nobody asks for any more are kept for kKeep as long as they are no more than these.
  static constexpr std::size_t kMaxIdlePaths = 1'000;
  // How often a container that no source names makes wants_refresh() say yes: a new one is known
  // to the kubelet within a second; the sandbox of a pod never is.
  static constexpr int kAsks = 3;

  explicit Identity(const Clock& clock) : clock_(clock) {}

  // What owners look like from now on. Known pods keep their form until the next update().
  void configure(LabelChoice exported, TeamRules teams);

  // All pods of this node, as a source told them just now.
  void update(PodList list);

  // nullptr for a group that is neither a container's nor a pod's: the node's own. The reference
  // is good until the next non-const call.
  const OwnerRef& owner(std::string_view path);

  // Forgets what is gone long enough, and paths nobody asked for lately. Once a second.
  void sweep();

  // Whether a container was asked for that no source has named yet; says yes once for each ask.
  bool wants_refresh();

  // Nobody's: nullptr.
  OwnerRef pod_owner(std::string_view uid) const;
  OwnerRef container_owner(std::string_view id) const;
  // The pods of the last update().
  void each_pod(const std::function<void(const Pod&, const OwnerRef&)>& visit) const;
  std::size_t pods() const { return pods_.size(); }
  std::size_t containers() const { return containers_.size(); }
  // Groups of pods that no source named, at the last sweep.
  std::size_t nameless() const { return nameless_; }

 private:
  struct KnownPod {
    Pod pod;
    OwnerRef owner;
    bool stale = false;                 // to be formed anew: configure() was called
    std::uint64_t update = 0;           // the last one that had it
    std::optional<Clock::Steady> gone;  // since when none has
  };
  struct KnownContainer {
    OwnerRef owner;
    std::uint64_t update = 0;
    std::optional<Clock::Steady> gone;
  };
  struct KnownPath {
    OwnerRef owner;
    std::uint64_t version = 0;  // of what is known, when it was looked up
    Clock::Steady used{};
    int asks = 0;
    bool asking = false;    // look again without waiting for news
    bool nameless = false;  // of a pod that no source names
  };
  // Paths of one node differ at their ends: the rest need not be hashed.
  struct HashEnd {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      constexpr std::size_t kEnd = 48;
      const auto end = text.size() > kEnd ? text.substr(text.size() - kEnd) : text;
      return std::hash<std::string_view>{}(end) + text.size();
    }
  };

  void take_pod(Pod& pod);
  void keep_containers(const Pod& pod);
  void take_container(std::string id, Owner owner);
  bool replace(OwnerRef& known, Owner owner) const;
  void look_up(std::string_view path, KnownPath& entry);
  void drop_gone(std::chrono::nanoseconds keep);

  const Clock& clock_;
  LabelChoice exported_;
  TeamRules teams_;
  std::map<std::string, KnownPod, std::less<>> pods_;              // by uid
  std::map<std::string, KnownContainer, std::less<>> containers_;  // by id
  std::unordered_map<std::string, KnownPath, HashEnd, std::equal_to<>> paths_;
  KnownPath uncached_;
  Clock::Steady now_{};  // of the last sweep: a look-up does not ask the clock
  std::uint64_t update_ = 0;
  std::uint64_t version_ = 1;
  std::size_t gone_ = 0;
  std::size_t nameless_ = 0;
  bool wants_refresh_ = false;
};

}  // namespace plumbline
