// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/identity/sources/kubelet_socket.h"
#include "agent/identity/sources/pod_source.h"

namespace plumbline {

// The kubelet's Pods API (KEP-4188): gRPC over a Unix socket, no token, no load on anything but
// the kubelet's memory. Alpha in Kubernetes 1.35 and 1.36, on by default from 1.37.
class PodsApiSource final : public PodSource {
 public:
  // `socket`: empty for the kubelet's own places.
  PodsApiSource(std::string socket, LabelChoice choice);

  std::string_view name() const override { return "pods API"; }
  boost::asio::awaitable<Result<PodList>> list(Deadline deadline) override;

 private:
  bool is_default_;
  LabelChoice choice_;
  KubeletSocket socket_;
};

}  // namespace plumbline
