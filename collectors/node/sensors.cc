// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "collectors/node/hardware.h"
#include "collectors/node/hardware_signals.h"
#include "collectors/node/sysfs.h"
#include "collectors/node/text.h"

namespace plumbline::node {
namespace {

constexpr double kMilli = 1e-3;
constexpr double kMicro = 1e-6;

AttributeValue or_absent(std::string_view text) {
  return text.empty() ? AttributeValue{} : AttributeValue{text};
}

std::size_t read_hwmon(const std::filesystem::path& sys, SeriesTable& series, Batch& out) {
  std::size_t found = 0;
  for (const auto& chip : list_names(sys / "class/hwmon")) {
    const auto directory = sys / "class/hwmon" / chip;
    const auto name = read_text(directory / "name");
    for (const auto& file : list_names(directory, "temp")) {
      if (!file.ends_with("_input")) continue;
      const auto sensor = file.substr(0, file.size() - std::string_view("_input").size());
      auto id = chip;
      id.append("/").append(sensor);
      const auto label = read_text(directory / (sensor + "_label"));
      ++found;
      out.add(series.get(kTemperature, {std::string_view(id), or_absent(name), or_absent(label)}),
              read_number(directory / file) * kMilli);
      out.add(
          series.get(kTemperatureLimit, {std::string_view(id), or_absent(name), or_absent(label)}),
          read_number(directory / (sensor + "_crit")) * kMilli);
    }
  }
  return found;
}

std::size_t read_thermal_zones(const std::filesystem::path& sys, SeriesTable& series, Batch& out) {
  const auto zones = list_names(sys / "class/thermal", "thermal_zone");
  for (const auto& zone : zones) {
    const auto directory = sys / "class/thermal" / zone;
    out.add(series.get(kTemperature, {zone, or_absent(read_text(directory / "type"))}),
            read_number(directory / "temp") * kMilli);
  }
  return zones.size();
}

std::size_t read_energy(const std::filesystem::path& sys, SeriesTable& series, Batch& out) {
  std::size_t found = 0;
  for (const auto& zone : list_names(sys / "class/powercap")) {
    const auto directory = sys / "class/powercap" / zone;
    const auto joules = read_number(directory / "energy_uj") * kMicro;
    out.add(series.get(kEnergy, {zone, or_absent(read_text(directory / "name"))}), joules);
    found += joules >= 0 ? 1 : 0;
  }
  return found;
}

}  // namespace

std::size_t read_sensors(const std::filesystem::path& sys, SeriesTable& series, Batch& out) {
  return read_hwmon(sys, series, out) + read_thermal_zones(sys, series, out) +
         read_energy(sys, series, out);
}

std::size_t read_memory_errors(const std::filesystem::path& sys, SeriesTable& series, Batch& out) {
  const auto root = sys / "devices/system/edac/mc";
  std::size_t found = 0;
  for (const auto& name : list_names(root, "mc")) {
    if (!to_int(std::string_view(name).substr(2))) continue;
    ++found;
    out.add(series.get(kHardwareErrors, {name, "memory", "corrected"}),
            read_number(root / name / "ce_count"));
    out.add(series.get(kHardwareErrors, {name, "memory", "uncorrected"}),
            read_number(root / name / "ue_count"));
  }
  return found;
}

}  // namespace plumbline::node
