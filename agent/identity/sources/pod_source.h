// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "agent/core/result.h"
#include "agent/http/deadline.h"
#include "agent/identity/pod.h"

namespace plumbline {

// Of one answer: 10,000 pods of 8 kB each, and some room.
inline constexpr std::size_t kMaxPodAnswer = 128U << 20U;

// Something that knows the pods of this node. Lives on the thread of the PodWatch; parsing a long
// answer may keep that busy for a second.
class PodSource {
 public:
  PodSource() = default;
  PodSource(const PodSource&) = delete;
  PodSource& operator=(const PodSource&) = delete;
  PodSource(PodSource&&) = delete;
  PodSource& operator=(PodSource&&) = delete;
  virtual ~PodSource() = default;

  // "pods API", "kubelet", "file".
  virtual std::string_view name() const = 0;

  // All pods of the node. Errors: kUnsupported when this machine has no such source, which is no
  // reason to warn anybody; everything else with how to mend it.
  virtual boost::asio::awaitable<Result<PodList>> list(Deadline deadline) = 0;
};

}  // namespace plumbline
