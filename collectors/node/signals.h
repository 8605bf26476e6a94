// SPDX-License-Identifier: Apache-2.0
//
// All metrics of the node collector.
#pragma once

#include "collectors/collector.h"
#include "collectors/node/cgroup_signals.h"
#include "collectors/node/cpu_signals.h"
#include "collectors/node/disk_signals.h"
#include "collectors/node/ip_signals.h"
#include "collectors/node/kernel_signals.h"
#include "collectors/node/memory_signals.h"
#include "collectors/node/network_signals.h"
#include "collectors/node/pressure_signals.h"
#include "collectors/node/socket_signals.h"
#include "collectors/node/tcp_signals.h"
#include "collectors/node/vmstat_signals.h"

namespace plumbline::node {

inline constexpr auto kNodeMetrics = join(kCpuMetrics,
                                          kKernelMetrics,
                                          kMemoryMetrics,
                                          kVmstatMetrics,
                                          kPressureMetrics,
                                          kDiskMetrics,
                                          kNetworkMetrics,
                                          kSocketMetrics,
                                          kIpMetrics,
                                          kTcpMetrics,
                                          kCgroupMetrics);

inline constexpr CollectorInfo kNodeInfo{
    .name = "node",
    .description =
        "CPU, memory, disks, network, pressure and control groups, as /proc and the cgroup file "
        "system show them",
    .period = std::chrono::seconds(1),
    .lane = Lane::kKernel,
    .metrics = kNodeMetrics,
};

}  // namespace plumbline::node
