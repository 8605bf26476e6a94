// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>

#include "agent/identity/cgroups.h"
#include "collectors/node/disk.h"
#include "collectors/node/topic.h"

namespace plumbline::node {

// The share of a second that reading groups may take: 0.2 %.
inline constexpr std::chrono::milliseconds kCgroupBudget{2};
// When all groups do not fit into it, those whose CPU time has not moved are read this often.
inline constexpr std::chrono::seconds kCgroupIdleAge{10};

// What each control group uses and waits for. When there are more groups than can be read within
// kCgroupBudget, they are read in turn and idle ones are passed over; plumbline.node.cgroup.age
// tells. A group that was not read in this tick is reported with its last values.
//
// `cgroups` and `disks` outlive the topic. `boot`: since when groups count that are older than
// the agent.
std::unique_ptr<Topic> make_cgroups(CgroupIndex& cgroups, const DeviceNames& disks, UnixNanos boot);

}  // namespace plumbline::node
