// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.h"
#include "agent/identity/pod.h"

namespace plumbline {

// The ListPodsResponse of the kubelet's Pods API, whose items are core/v1 Pods. What has the wrong
// wire type counts as not there. Fails with kMalformed for bytes that are no message.
Result<PodList> parse_pods_message(std::string_view bytes, const LabelChoice& choice);

// Devices that the kubelet gave to one container; podresources v1 names it without uid or id.
struct DeviceGrant {
  std::string name_space;
  std::string pod;
  std::string container;
  std::string resource;  // "nvidia.com/gpu"; of a dynamic claim, its driver: "gpu.nvidia.com"
  std::string device;    // see parse_device_id()
};

inline constexpr std::size_t kMaxGrants = 4'096;  // of one node; the rest is cut off

// The ListPodResourcesResponse of podresources v1, dynamic resource claims included.
Result<std::vector<DeviceGrant>> parse_pod_resources(std::string_view bytes);

}  // namespace plumbline
