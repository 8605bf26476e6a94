// SPDX-License-Identifier: Apache-2.0
#include "exporters/stdout/quantity.h"

#include <array>
#include <cmath>
#include <span>

#include <fmt/format.h>

namespace plumbline {
namespace {

struct Step {
  double size;
  std::string_view name;
};

constexpr std::array kSeconds{Step{1, "s"}, Step{1e-3, "ms"}, Step{1e-6, "µs"}, Step{1e-9, "ns"}};
constexpr std::array kBytes{Step{0x1p50, "PiB"},
                            Step{0x1p40, "TiB"},
                            Step{0x1p30, "GiB"},
                            Step{0x1p20, "MiB"},
                            Step{0x1p10, "KiB"},
                            Step{1, "B"}};
constexpr std::array kHertz{Step{1e9, "GHz"}, Step{1e6, "MHz"}, Step{1e3, "kHz"}, Step{1, "Hz"}};

// Three significant digits, all digits of the whole part, no zeros at the end.
std::string digits(double value) {
  if (value == 0 || !std::isfinite(value)) return fmt::format("{}", value == 0 ? 0.0 : value);
  const double size = std::abs(value);
  if (size >= 1e15 || size < 1e-4) return fmt::format("{:.3g}", value);
  auto text = fmt::format("{:.{}f}", value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 5);
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

// In the largest step that the value reaches, or the smallest there is.
std::string stepped(double value, std::span<const Step> steps, std::string_view suffix) {
  const auto* step = &steps.back();
  for (const auto& candidate : steps) {
    if (std::abs(value) < candidate.size) continue;
    step = &candidate;
    break;
  }
  return fmt::format("{} {}{}", digits(value / step->size), step->name, suffix);
}

}  // namespace

std::string quantity(double value, std::string_view unit) {
  if (value != 0 && std::isfinite(value)) {
    if (unit == "s") return stepped(value, kSeconds, "");
    if (unit == "By") return stepped(value, kBytes, "");
    if (unit == "By/s") return stepped(value, kBytes, "/s");
    if (unit == "Hz") return stepped(value, kHertz, "");
  }
  if (unit == "1") return digits(value * 100) + " %";
  if (unit == "By") unit = "B";
  if (unit == "Cel") unit = "°C";
  if (unit.starts_with('{') && unit.ends_with('}')) unit = unit.substr(1, unit.size() - 2);
  return unit.empty() ? digits(value) : fmt::format("{} {}", digits(value), unit);
}

std::string quantity(std::int64_t value, std::string_view unit) {
  if (!unit.starts_with('{') || !unit.ends_with('}')) {
    return quantity(static_cast<double>(value), unit);
  }
  return fmt::format("{} {}", value, unit.substr(1, unit.size() - 2));
}

}  // namespace plumbline
