// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/devices.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "agent/identity/identity.h"

namespace plumbline {
namespace {

struct PodState {
  const Pod* pod = nullptr;
  OwnerRef owner;
};

bool has_ended(const Pod& pod) {
  return pod.phase == "Succeeded" || pod.phase == "Failed";
}

// The container of this name, in the run that the kubelet told last.
const ContainerStatus* find_container(const Pod& pod, std::string_view name) {
  const auto found = std::ranges::find(pod.containers, name, &ContainerStatus::name);
  return found == pod.containers.end() ? nullptr : &*found;
}

}  // namespace

void DeviceTable::update(std::vector<DeviceGrant> grants, const Identity& identity) {
  std::map<std::pair<std::string_view, std::string_view>, PodState> pods;
  identity.each_pod([&](const Pod& pod, const OwnerRef& owner) {
    auto& known = pods[{pod.name_space, pod.name}];
    // A stateful pod that was made again has its old name: the one that lives counts.
    if (known.pod == nullptr || has_ended(*known.pod)) known = {.pod = &pod, .owner = owner};
  });
  holders_.clear();
  holders_.reserve(grants.size());
  for (auto& grant : grants) {
    DeviceHolder holder{.grant = std::move(grant)};
    const auto known = pods.find({holder.grant.name_space, holder.grant.pod});
    if (known != pods.end()) {
      const auto& [pod, owner] = known->second;
      const auto* const container = find_container(*pod, holder.grant.container);
      holder.owner = container == nullptr ? nullptr : identity.container_owner(container->id);
      if (!holder.owner) holder.owner = owner;
      holder.ended = has_ended(*pod);
    }
    holders_.push_back(std::move(holder));
  }
  std::ranges::stable_sort(holders_, {}, [](const DeviceHolder& holder) {
    return std::string_view(holder.grant.device);
  });
}

std::vector<const DeviceHolder*> DeviceTable::holders(std::string_view device) const {
  const auto found = std::ranges::equal_range(holders_, device, {}, [](const auto& holder) {
    return std::string_view(holder.grant.device);
  });
  std::vector<const DeviceHolder*> out;
  for (const auto& holder : found) {
    if (!holder.ended) out.push_back(&holder);
  }
  return out;
}

std::map<DeviceShare, std::size_t> DeviceTable::shares() const {
  std::map<DeviceShare, std::size_t> shares;
  for (const auto& [grant, owner, ended] : holders_) {
    if (ended) continue;
    ++shares[{.resource = grant.resource,
              .name_space = grant.name_space,
              .pod = grant.pod,
              .container = grant.container,
              .team = owner ? owner->attribute("plumbline.team") : std::string_view()}];
  }
  return shares;
}

}  // namespace plumbline
