// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "agent/config/config.h"
#include "agent/core/log.h"
#include "agent/identity/pod_proto.h"
#include "agent/identity/sources/kubelet_socket.h"

namespace plumbline {

// Where they are: the configured socket, else the kubelet's own.
std::string pod_resources_socket(const IdentityConfig& config);

// The kubelet's podresources (v1, since Kubernetes 1.28): which devices it gave to which container.
// It names pods, but has neither uid nor labels, so that it stands beside the sources of pods.
class PodResources {
 public:
  PodResources(const IdentityConfig& config, Log& log);

  // Errors: kUnsupported when this machine has no such socket, and nobody said that it had; of the
  // others each reason is told once in a warning, also when reasons alternate, and their end.
  boost::asio::awaitable<Result<std::vector<DeviceGrant>>> list(Deadline deadline);

 private:
  boost::asio::awaitable<Result<std::vector<DeviceGrant>>> ask(Deadline deadline);

  bool is_default_;
  Log& log_;
  KubeletSocket socket_;
  std::set<std::string> told_;  // why there was no answer, since there was one
};

}  // namespace plumbline
