// SPDX-License-Identifier: Apache-2.0
//
// Metrics of the semantic conventions for hardware that more than one collector fills. They stand
// in the catalogue of the collector "hardware".
#pragma once

#include "agent/core/metric_table.h"

namespace plumbline::hardware {

inline constexpr auto kTemperature = metric_table::gauge(
    "hw.temperature",
    Unit::kCelsius,
    "Temperature of a sensor.",
    "/sys/class/hwmon/*/temp*_input, /sys/class/thermal/thermal_zone*/temp; of GPUs the driver",
    {"hw.id", "hw.name", "hw.sensor_location"});
inline constexpr auto kEnergy =
    metric_table::counter("hw.energy",
                          Unit::kJoules,
                          "Energy a processor package, its memory or a GPU has used.",
                          "/sys/class/powercap/*-rapl:*/energy_uj; of GPUs the driver",
                          {"hw.id", "hw.name"});
inline constexpr auto kErrors = metric_table::counter(
    "hw.errors",
    Unit::kError,
    "Memory errors a memory controller or a GPU has seen.",
    "/sys/devices/system/edac/mc/mc*/ce_count, ue_count; of GPUs the driver, since its load",
    {"hw.id", "hw.type", "error.type"});

}  // namespace plumbline::hardware
