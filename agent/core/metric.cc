// SPDX-License-Identifier: Apache-2.0
#include "agent/core/metric.h"

namespace plumbline {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Every character outside [a-zA-Z0-9_] becomes '_', runs of '_' become one, and a leading digit
// gets a '_' before it.
std::string sanitize(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 1);
  if (!text.empty() && text.front() >= '0' && text.front() <= '9') out.push_back('_');
  for (const char c : text) {
    const char next = is_name_character(c) ? c : '_';
    if (next == '_' && !out.empty() && out.back() == '_') continue;
    out.push_back(next);
  }
  return out;
}

}  // namespace

std::string_view to_string(Instrument instrument) {
  switch (instrument) {
    case Instrument::kCounter:
      return "counter";
    case Instrument::kUpDownCounter:
      return "updowncounter";
    case Instrument::kGauge:
      return "gauge";
    case Instrument::kHistogram:
      return "histogram";
  }
  return "unknown";
}

std::string prometheus_name(const MetricSpec& spec) {
  constexpr std::string_view kReserved = "_count";
  auto name = sanitize(spec.name);
  if (spec.instrument == Instrument::kGauge || spec.instrument == Instrument::kUpDownCounter) {
    if (name.ends_with(kReserved)) {
      name.replace(name.size() - kReserved.size(), kReserved.size(), "_number");
    }
  }
  const auto suffix = prometheus_suffix(spec.unit, spec.instrument == Instrument::kGauge);
  if (!name.ends_with(suffix)) name.append(suffix);
  if (spec.instrument == Instrument::kCounter && !name.ends_with("_total")) name.append("_total");
  return name;
}

std::string prometheus_label(std::string_view key) {
  return sanitize(key);
}

}  // namespace plumbline
