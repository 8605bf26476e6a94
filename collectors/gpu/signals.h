// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>

#include "agent/core/hardware_metrics.h"
#include "agent/core/metric_table.h"
#include "collectors/collector.h"

namespace plumbline::gpu {

using metric_table::amount;
using metric_table::counter;
using metric_table::gauge;

inline constexpr auto kUtilization =
    gauge("hw.gpu.utilization",
          Unit::kOne,
          "Share of time in which at least one kernel ran on a GPU, or its encoder or decoder "
          "worked; not how much of the GPU that took.",
          "nvmlDeviceGetUtilizationRates, GetEncoderUtilization, GetDecoderUtilization",
          {"hw.id", "hw.gpu.task"});
inline constexpr auto kMemoryUsage = amount("hw.gpu.memory.usage",
                                            Unit::kBytes,
                                            "Memory of a GPU that is allocated.",
                                            "nvmlDeviceGetMemoryInfo_v2 used",
                                            {"hw.id"});
inline constexpr auto kMemoryLimit = amount("hw.gpu.memory.limit",
                                            Unit::kBytes,
                                            "Memory of a GPU, what the driver keeps included.",
                                            "nvmlDeviceGetMemoryInfo_v2 total",
                                            {"hw.id"});
inline constexpr auto kMemoryUtilization = gauge("hw.gpu.memory.utilization",
                                                 Unit::kOne,
                                                 "Share of a GPU's memory that is allocated.",
                                                 "nvmlDeviceGetMemoryInfo_v2 used, total",
                                                 {"hw.id"});
inline constexpr auto kIo = counter("hw.gpu.io",
                                    Unit::kBytes,
                                    "Bytes between a GPU and the host over PCIe.",
                                    "nvmlDeviceGetFieldValues 197, 198",
                                    {"hw.id", "network.io.direction"});
inline constexpr auto kPower = gauge("hw.power",
                                     Unit::kWatts,
                                     "Power that a GPU draws.",
                                     "nvmlDeviceGetFieldValues 186, nvmlDeviceGetPowerUsage",
                                     {"hw.id", "hw.type"});
inline constexpr auto kStatus =
    amount("hw.status",
           Unit::kOne,
           "1 for the state a GPU is in, 0 for the others: ok, degraded (it wants a reset or the "
           "remapping of memory), failed (the driver has lost it).",
           "what NVML's calls return, nvmlDeviceGetFieldValues 144, 145, 230",
           {"hw.id", "hw.type", "hw.state"});

inline constexpr auto kGpuInfo = amount("plumbline.gpu.info",
                                        Unit::kOne,
                                        "1 for each GPU, with what it is.",
                                        "nvmlDeviceGetName, GetSerial, GetPciInfo_v3",
                                        {"hw.id",
                                         "hw.model",
                                         "hw.vendor",
                                         "hw.serial_number",
                                         "hw.driver_version",
                                         "plumbline.gpu.pci.address"});
inline constexpr auto kMemoryActivity =
    gauge("plumbline.gpu.memory.activity",
          Unit::kOne,
          "Share of time in which a GPU's memory was read or written; not how much of its "
          "bandwidth that took.",
          "nvmlDeviceGetUtilizationRates memory",
          {"hw.id"});
inline constexpr auto kMemoryReserved = amount("plumbline.gpu.memory.reserved",
                                               Unit::kBytes,
                                               "Memory of a GPU that the driver keeps for itself.",
                                               "nvmlDeviceGetMemoryInfo_v2 reserved",
                                               {"hw.id"});
inline constexpr auto kPowerLimit = gauge("plumbline.gpu.power.limit",
                                          Unit::kWatts,
                                          "Power that a GPU may draw.",
                                          "nvmlDeviceGetFieldValues 190",
                                          {"hw.id"});
inline constexpr auto kClock = gauge("plumbline.gpu.clock.frequency",
                                     Unit::kHertz,
                                     "Frequency of a GPU's processors (sm) or memory.",
                                     "nvmlDeviceGetClockInfo",
                                     {"hw.id", "plumbline.gpu.clock"});
inline constexpr auto kThrottleTime = counter("plumbline.gpu.throttle.time",
                                              Unit::kSeconds,
                                              "Time for which a GPU was slowed down, by reason.",
                                              "nvmlDeviceGetFieldValues 74, 76, 269, 270, 271",
                                              {"hw.id", "plumbline.gpu.throttle.reason"});
inline constexpr auto kThrottled = amount("plumbline.gpu.throttled",
                                          Unit::kOne,
                                          "1 while a GPU is slowed down, by reason.",
                                          "nvmlDeviceGetCurrentClocksEventReasons",
                                          {"hw.id", "plumbline.gpu.throttle.reason"});
inline constexpr auto kPcieReplays = counter("plumbline.gpu.pcie.replays",
                                             Unit::kEvent,
                                             "PCIe packets that had to be sent again.",
                                             "nvmlDeviceGetFieldValues 94",
                                             {"hw.id"});
inline constexpr auto kNvlinkIo = counter("plumbline.gpu.nvlink.io",
                                          Unit::kBytes,
                                          "Data over all NVLinks of a GPU.",
                                          "nvmlDeviceGetFieldValues 138, 139 of all links",
                                          {"hw.id", "network.io.direction"});
inline constexpr auto kRemappedRows = amount("plumbline.gpu.remapped_rows",
                                             Unit::kEntry,
                                             "Rows of a GPU's memory that spare ones replace.",
                                             "nvmlDeviceGetFieldValues 142, 143",
                                             {"hw.id", "error.type"});
inline constexpr auto kRecoveryAction =
    gauge("plumbline.gpu.recovery_action",
          Unit::kState,
          "What the driver asks for: 0 nothing, 1 a reset of the GPU, 2 a restart of the machine, "
          "3 to drain the GPUs it talks to, 4 to drain and reset.",
          "nvmlDeviceGetFieldValues 230",
          {"hw.id"});

inline constexpr AttributeKeys kShareKeys{"linux.cgroup.path", "hw.id", "plumbline.gpu.holder"};
inline constexpr auto kShareMemory =
    amount("plumbline.gpu.share.memory.usage",
           Unit::kBytes,
           "Memory of a GPU by who holds it: the processes of a group, processes whose group is "
           "not known, or nobody that is to be seen; adds up to what is used of the GPU.",
           "nvmlDeviceGetComputeRunningProcesses_v3, /proc/PID/cgroup",
           kShareKeys);
inline constexpr auto kShareUtilization =
    gauge("plumbline.gpu.share.utilization",
          Unit::kOne,
          "Share of a GPU's time by who took it; adds up to its utilization.",
          "nvmlDeviceGetProcessUtilization, /proc/PID/cgroup",
          kShareKeys);
inline constexpr auto kShareProcesses = amount("plumbline.gpu.share.processes",
                                               Unit::kProcess,
                                               "Processes that hold a GPU, by group.",
                                               "nvmlDeviceGetComputeRunningProcesses_v3",
                                               kShareKeys);

inline constexpr auto kDevices =
    amount("plumbline.gpu.devices",
           Unit::kEntry,
           "GPUs by what the driver says of them: ok, degraded, lost, nameless (it does not even "
           "tell who they are).",
           "NVML",
           {"plumbline.gpu.condition"});
inline constexpr auto kCollection = amount(
    "plumbline.gpu.collection.success",
    Unit::kOne,
    "1 when the driver has answered in time, 0 when it hangs, or fails; absent without any GPU.",
    "the last look",
    {});
inline constexpr auto kCallCount =
    counter("plumbline.gpu.driver.calls",
            Unit::kRequest,
            "Calls of the driver's library, each of which takes a lock that workloads want too.",
            "counted here",
            {"plumbline.gpu.call"});
inline constexpr auto kCallFailures = counter(
    "plumbline.gpu.driver.call_failures",
    Unit::kRequest,
    "Calls of the driver's library that gave no value, but for what a GPU does not support.",
    "counted here",
    {"plumbline.gpu.call"});
inline constexpr auto kCallTime = counter("plumbline.gpu.driver.call_time",
                                          Unit::kSeconds,
                                          "Time that calls of the driver's library took.",
                                          "measured here",
                                          {"plumbline.gpu.call"});

inline constexpr std::array kMetrics{
    kUtilization,    kMemoryUsage,  kMemoryLimit,    kMemoryUtilization, kIo,
    kPower,          kStatus,       kGpuInfo,        kMemoryActivity,    kMemoryReserved,
    kPowerLimit,     kClock,        kThrottleTime,   kThrottled,         kPcieReplays,
    kNvlinkIo,       kRemappedRows, kRecoveryAction, kShareMemory,       kShareUtilization,
    kShareProcesses, kDevices,      kCollection,     kCallCount,         kCallFailures,
    kCallTime};

inline constexpr CollectorInfo kInfo{
    .name = "gpu",
    .description = "GPUs and who uses them, by the driver's own library; without DCGM",
    .period = std::chrono::seconds(5),
    .lane = Lane::kBlocking,
    .metrics = kMetrics};

}  // namespace plumbline::gpu
