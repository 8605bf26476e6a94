// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/core/hardware_metrics.h"
#include "collectors/collector.h"
#include "collectors/node/spec.h"

namespace plumbline::node {

inline constexpr auto kCpuPhysicalCount =
    amount("system.cpu.physical.count",
           Unit::kCpu,
           "Cores that are online, hyper-threads counted once.",
           "/sys/devices/system/cpu/cpuN/topology");
inline constexpr auto kCpuFrequency = gauge("system.cpu.frequency",
                                            Unit::kHertz,
                                            "Frequency of each logical CPU.",
                                            "/sys/devices/system/cpu/cpuN/cpufreq/scaling_cur_freq",
                                            {"cpu.logical_number"});
inline constexpr auto kCpuFrequencyLimit =
    gauge("plumbline.node.cpu.frequency.limit",
          Unit::kHertz,
          "Between what frequencies each logical CPU may run.",
          "/sys/devices/system/cpu/cpuN/cpufreq/scaling_{min,max}_freq",
          {"cpu.logical_number", "plumbline.bound"});
inline constexpr auto kCpuThrottles =
    counter("plumbline.node.cpu.thermal_throttles",
            Unit::kEvent,
            "Times a logical CPU was slowed down because its core was too hot.",
            "/sys/devices/system/cpu/cpuN/thermal_throttle/core_throttle_count",
            {"cpu.logical_number"});
inline constexpr auto kDiskLimit = amount("system.disk.limit",
                                          Unit::kBytes,
                                          "Size of each disk.",
                                          "/sys/block/*/size, 512 bytes each",
                                          {"system.device"});
inline constexpr auto kLinkUp = amount("plumbline.node.network.link.up",
                                       Unit::kOne,
                                       "1 when an interface can carry traffic, 0 when it cannot; "
                                       "absent where the driver does not say.",
                                       "/sys/class/net/*/operstate",
                                       {"network.interface.name"});
inline constexpr auto kLinkSpeed = gauge("plumbline.node.network.link.speed",
                                         Unit::kByteRate,
                                         "Speed of an interface's link; absent on virtual ones.",
                                         "/sys/class/net/*/speed (Mbit/s)",
                                         {"network.interface.name"});
inline constexpr auto kLinkMtu = gauge("plumbline.node.network.link.mtu",
                                       Unit::kBytes,
                                       "Largest packet an interface sends.",
                                       "/sys/class/net/*/mtu",
                                       {"network.interface.name"});
inline constexpr auto kLinkChanges = counter("plumbline.node.network.link.changes",
                                             Unit::kEvent,
                                             "Times an interface's link came up or went down.",
                                             "/sys/class/net/*/carrier_changes",
                                             {"network.interface.name"});
inline constexpr auto kLinkQueue = gauge("plumbline.node.network.link.queue_limit",
                                         Unit::kPacket,
                                         "Packets that can wait to be sent on an interface.",
                                         "/sys/class/net/*/tx_queue_len",
                                         {"network.interface.name"});

inline constexpr const auto& kTemperature = hardware::kTemperature;
inline constexpr auto kTemperatureLimit =
    gauge("hw.temperature.limit",
          Unit::kCelsius,
          "Temperature above which a sensor's part is in danger.",
          "/sys/class/hwmon/*/temp*_crit",
          {"hw.id", "hw.name", "hw.sensor_location"});
inline constexpr const auto& kEnergy = hardware::kEnergy;
inline constexpr const auto& kHardwareErrors = hardware::kErrors;

inline constexpr std::array kHardwareMetrics{kCpuPhysicalCount,
                                             kCpuFrequency,
                                             kCpuFrequencyLimit,
                                             kCpuThrottles,
                                             kDiskLimit,
                                             kLinkUp,
                                             kLinkSpeed,
                                             kLinkMtu,
                                             kLinkChanges,
                                             kLinkQueue,
                                             kTemperature,
                                             kTemperatureLimit,
                                             kEnergy,
                                             kHardwareErrors};

inline constexpr CollectorInfo kHardwareInfo{
    .name = "hardware",
    .description =
        "CPU frequency, link and disk properties, sensors, memory errors; apart, because drivers "
        "may take their time",
    .period = std::chrono::seconds(10),
    .lane = Lane::kBlocking,
    .metrics = kHardwareMetrics};

}  // namespace plumbline::node
