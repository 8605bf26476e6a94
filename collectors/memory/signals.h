// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>

#include "agent/core/metric.h"
#include "collectors/collector.h"

namespace plumbline::memory {

inline constexpr std::string_view kCgroupPath = "linux.cgroup.path";
inline constexpr std::string_view kReclaimKind = "plumbline.memory.reclaim.kind";

inline constexpr MetricSpec kOomKills{
    .name = "plumbline.memory.oom_kills",
    .instrument = Instrument::kCounter,
    .unit = Unit::kProcess,
    .description =
        "Processes the OOM killer ended, by the victim's group; without a group where "
        "the kernel counts them for the node only.",
    .source = "tp_btf/mark_victim, tp_btf/signal_generate; else /proc/vmstat oom_kill",
    .attributes = {kCgroupPath}};

// "direct": the node is short of memory; "memcg": a group is at its limit.
inline constexpr MetricSpec kReclaimStall{
    .name = "plumbline.memory.reclaim.stall.duration",
    .instrument = Instrument::kHistogram,
    .unit = Unit::kSeconds,
    .description =
        "How long threads of the group stood still to free memory before they got some: "
        "direct when the node is short of it, memcg when a group is at its limit.",
    .source = "tp_btf/mm_vmscan_direct_reclaim_*, tp_btf/mm_vmscan_memcg_reclaim_*",
    .attributes = {kCgroupPath, kReclaimKind}};

inline constexpr MetricSpec kReclaimPages{
    .name = "plumbline.memory.reclaim.pages",
    .instrument = Instrument::kCounter,
    .unit = Unit::kPage,
    .description = "Pages freed by threads of the group in such stalls.",
    .source = "tp_btf/mm_vmscan_direct_reclaim_end, tp_btf/mm_vmscan_memcg_reclaim_end",
    .attributes = {kCgroupPath, kReclaimKind}};

inline constexpr MetricSpec kReclaimLost{
    .name = "plumbline.memory.reclaim.lost",
    .instrument = Instrument::kCounter,
    .unit = Unit::kEvent,
    .description = "Stalls not measured because too many threads stalled at once.",
    .source = "the stall_started map",
    .attributes = {kReclaimKind}};

inline constexpr std::array kMetrics{kOomKills, kReclaimStall, kReclaimPages, kReclaimLost};

inline constexpr CollectorInfo kInfo{
    .name = "memory",
    .description = "OOM kills and the time spent freeing memory, by group (eBPF)",
    .period = std::chrono::seconds(1),
    .lane = Lane::kKernel,
    .metrics = kMetrics};

}  // namespace plumbline::memory
