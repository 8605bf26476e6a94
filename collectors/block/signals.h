// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>

#include "agent/core/metric.h"
#include "collectors/collector.h"

namespace plumbline::block {

inline constexpr AttributeKeys kRequestKeys{
    "system.device", "plumbline.block.operation", "linux.cgroup.path"};

inline constexpr MetricSpec kQueueDuration{
    .name = "plumbline.block.queue.duration",
    .instrument = Instrument::kHistogram,
    .unit = Unit::kSeconds,
    .description = "Time block requests waited in the I/O scheduler before the driver got them.",
    .source = "request.start_time_ns to io_start_time_ns, at tracepoint block_rq_complete",
    .attributes = kRequestKeys};

inline constexpr MetricSpec kDeviceDuration{
    .name = "plumbline.block.device.duration",
    .instrument = Instrument::kHistogram,
    .unit = Unit::kSeconds,
    .description = "Time block requests spent in the driver and the device.",
    .source = "request.io_start_time_ns to now, at tracepoint block_rq_complete",
    .attributes = kRequestKeys};

inline constexpr MetricSpec kIo{
    .name = "plumbline.block.io",
    .instrument = Instrument::kCounter,
    .unit = Unit::kBytes,
    .description = "Bytes read, written or discarded by block requests.",
    .source =
        "argument nr_bytes of tracepoint block_rq_complete; of reads and writes, where groups are "
        "not those of the bios, their length at block_io_start and block_bio_backmerge, "
        "block_bio_frontmerge",
    .attributes = kRequestKeys};

inline constexpr MetricSpec kErrors{
    .name = "plumbline.block.errors",
    .instrument = Instrument::kCounter,
    .unit = Unit::kError,
    .description = "Block requests, or parts of them, that the device failed.",
    .source = "argument error of tracepoint block_rq_complete",
    .attributes = {"system.device", "plumbline.block.operation", "error.type"}};

inline constexpr MetricSpec kLost{
    .name = "plumbline.block.lost",
    .instrument = Instrument::kCounter,
    .unit = Unit::kOperation,
    .description =
        "Requests missing from the other block metrics because a kernel table was full (series, "
        "error), or with no group (cgroup), or with an unknown one because nobody saw who made the "
        "file dirty that the kernel writes back: the agent did not run yet (earlier), or there "
        "were "
        "too many since (dirtier).",
    .source = "counted by the BPF program",
    .attributes = {"plumbline.loss.reason"}};

inline constexpr std::array kMetrics{kQueueDuration, kDeviceDuration, kIo, kErrors, kLost};

inline constexpr CollectorInfo kInfo{
    .name = "block",
    .description = "Latency, bytes and errors of block devices by operation and cgroup (eBPF)",
    .period = std::chrono::seconds(1),
    .lane = Lane::kKernel,
    .metrics = kMetrics};

}  // namespace plumbline::block
