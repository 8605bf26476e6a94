// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace plumbline {

// A device as the kubelet's podresources name it. Views point into the text.
struct DeviceId {
  std::string_view gpu;  // "GPU-<uuid>", or the name of a card: "nvidia0", "gpu-0"
  std::string_view mig;  // "MIG-<uuid>", or of an instance by name: "gpu-0-mig-1g.5gb-0"
  std::optional<std::uint32_t> gpu_instance;      // "gi" of old MIG names and of GKE's
  std::optional<std::uint32_t> compute_instance;  // "ci" of old MIG names
  std::optional<std::uint32_t> replica;           // share number: of time slicing or a virtual GPU
};

// "GPU-<uuid>", "MIG-<uuid>", "MIG-GPU-<uuid>/gi/ci", "<id>::<n>", "<id>/vgpu<k>", "nvidia<N>",
// "nvidia<N>/gi<M>", "nvidia<N>/gi<M>/vgpu<K>", "gpu-0", "gpu-0-mig-…", and any of them behind
// "<vendor>/<class>=" (CDI). Nothing for what is none of them.
std::optional<DeviceId> parse_device_id(std::string_view text);

}  // namespace plumbline
