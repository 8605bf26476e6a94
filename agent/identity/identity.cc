// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/identity.h"

#include <utility>

namespace plumbline {

void Identity::configure(LabelChoice exported, TeamRules teams) {
  exported_ = std::move(exported);
  teams_ = std::move(teams);
  for (auto& [uid, known] : pods_) known.stale = true;
  ++version_;
}

void Identity::update(PodList list) {
  ++update_;
  for (auto& pod : list.pods) take_pod(pod);
  const auto now = clock_.steady();
  for (auto& [uid, known] : pods_) {
    if (known.update != update_ && !known.gone) known.gone = now;
  }
  for (auto& [id, known] : containers_) {
    if (known.update == update_ || known.gone) continue;
    known.gone = now;
    ++gone_;
  }
  if (gone_ > kMaxGone) drop_gone(kKeep);
}

void Identity::take_pod(Pod& pod) {
  auto found = pods_.find(pod.uid);
  if (found == pods_.end()) {
    found = pods_.emplace(pod.uid, KnownPod{}).first;
    ++version_;
  }
  auto& known = found->second;
  const bool same = known.owner && !known.stale && !known.gone && known.pod == pod;
  known.update = update_;
  known.gone.reset();
  known.stale = false;
  if (same) {
    keep_containers(known.pod);
    return;
  }
  if (replace(known.owner, make_pod_owner(pod, exported_, teams_))) ++version_;
  for (const auto& container : pod.containers) {
    if (!container.id.empty()) {
      take_container(container.id, make_container_owner(pod, container, exported_, teams_));
    }
    // The run before is named too: its last data may still come.
    if (!container.ended_before || container.ended_before->container_id.empty()) continue;
    auto before = container;
    before.id = container.ended_before->container_id;
    take_container(before.id, make_container_owner(pod, before, exported_, teams_));
  }
  known.pod = std::move(pod);
}

// Of a pod that says what it said before.
void Identity::keep_containers(const Pod& pod) {
  const auto keep = [&](std::string_view id) {
    if (const auto found = containers_.find(id); found != containers_.end()) {
      found->second.update = update_;
    }
  };
  for (const auto& container : pod.containers) {
    keep(container.id);
    if (container.ended_before) keep(container.ended_before->container_id);
  }
}

void Identity::take_container(std::string id, Owner owner) {
  const auto [found, added] = containers_.try_emplace(std::move(id));
  auto& known = found->second;
  if (known.gone) --gone_;
  known.gone.reset();
  known.update = update_;
  if (replace(known.owner, std::move(owner)) || added) ++version_;
}

// Keeps the object as long as it says the same, so that it can be compared by its address.
bool Identity::replace(OwnerRef& known, Owner owner) const {
  if (known && known->kind == owner.kind && known->attributes == owner.attributes) return false;
  known = std::make_shared<const Owner>(std::move(owner));
  return true;
}

const OwnerRef& Identity::owner(std::string_view path) {
  auto found = paths_.find(path);
  if (found == paths_.end()) {
    if (paths_.size() >= kMaxPaths) {
      uncached_ = {};
      look_up(path, uncached_);
      return uncached_.owner;
    }
    found = paths_.emplace(path, KnownPath{}).first;
  }
  auto& entry = found->second;
  entry.used = now_;
  if (entry.version != version_ || entry.asking) look_up(path, entry);
  return entry.owner;
}

void Identity::look_up(std::string_view path, KnownPath& entry) {
  const auto group = parse_group_path(path);
  const bool same = entry.version == version_;
  entry.version = version_;
  entry.asking = false;
  entry.nameless = false;
  if (group.kind != GroupKind::kContainer && group.kind != GroupKind::kPod) {
    entry.owner = nullptr;
    return;
  }
  if (const auto container = containers_.find(group.container_id); container != containers_.end()) {
    entry.owner = container->second.owner;
    return;
  }
  const auto pod = group.pod_uid.empty() ? pods_.end() : pods_.find(group.pod_uid);
  // A group of the pod alone needs no container; one that may be the sandbox is the pod's too.
  if (pod != pods_.end()) entry.owner = pod->second.owner;
  if (pod != pods_.end() && group.kind == GroupKind::kPod) return;
  if (!group.pod_uid.empty()) {
    entry.asking = entry.asks < kAsks;
    entry.nameless = pod == pods_.end();
    if (!wants_refresh_ && entry.asks < kAsks) {
      ++entry.asks;
      wants_refresh_ = true;
    }
  }
  if (pod == pods_.end() && (!entry.owner || !same)) {
    replace(entry.owner, make_path_owner(group, teams_));
  }
}

void Identity::sweep() {
  now_ = clock_.steady();
  drop_gone(kKeep);
  for (std::chrono::nanoseconds keep = kKeep; keep > std::chrono::seconds(1); keep /= 2) {
    nameless_ = 0;
    std::size_t idle = 0;
    std::erase_if(paths_, [&](const auto& pair) {
      const auto age = now_ - pair.second.used;
      if (age > keep) return true;
      nameless_ += pair.second.nameless ? 1 : 0;
      idle += age > std::chrono::seconds(1) ? 1 : 0;
      return false;
    });
    if (idle <= kMaxIdlePaths) return;
  }
}

// Sooner when there are too many.
void Identity::drop_gone(std::chrono::nanoseconds keep) {
  const auto now = clock_.steady();
  do {
    const auto is_old = [&](const auto& pair) {
      return pair.second.gone && now - *pair.second.gone >= keep;
    };
    gone_ -= std::erase_if(containers_, is_old);
    std::erase_if(pods_, is_old);
    keep /= 2;
  } while (gone_ > kMaxGone && keep > std::chrono::seconds(1));
}

bool Identity::wants_refresh() {
  return std::exchange(wants_refresh_, false);
}

OwnerRef Identity::pod_owner(std::string_view uid) const {
  const auto found = pods_.find(uid);
  return found == pods_.end() ? nullptr : found->second.owner;
}

OwnerRef Identity::container_owner(std::string_view id) const {
  const auto found = containers_.find(id);
  return found == containers_.end() ? nullptr : found->second.owner;
}

void Identity::each_pod(const std::function<void(const Pod&, const OwnerRef&)>& visit) const {
  for (const auto& [uid, known] : pods_) {
    if (!known.gone) visit(known.pod, known.owner);
  }
}

}  // namespace plumbline
