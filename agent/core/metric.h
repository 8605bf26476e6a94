// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "agent/core/units.h"

namespace plumbline {

enum class Instrument : std::uint8_t {
  kCounter,        // only grows: OTLP monotonic cumulative sum
  kUpDownCounter,  // adds up over series: OTLP non-monotonic cumulative sum
  kGauge,          // the last value, meaningless when summed
  kHistogram,      // base-2 exponential histogram, cumulative
};

std::string_view to_string(Instrument instrument);

// The attribute keys of a metric, in the order in which series name their values.
class AttributeKeys {
 public:
  static constexpr std::size_t kMax = 6;

  constexpr AttributeKeys() = default;
  constexpr AttributeKeys(std::initializer_list<std::string_view> keys) : size_(keys.size()) {
    std::size_t i = 0;
    for (const auto key : keys) keys_.at(i++) = key;  // more than kMax does not compile
  }

  constexpr std::size_t size() const { return size_; }
  constexpr std::string_view operator[](std::size_t i) const { return keys_[i]; }
  constexpr auto begin() const { return keys_.begin(); }
  constexpr auto end() const { return keys_.begin() + static_cast<std::ptrdiff_t>(size_); }

 private:
  std::array<std::string_view, kMax> keys_{};
  std::size_t size_ = 0;
};

// What is measured, told once: constexpr, in <collector>/signals.h. OTLP metadata, Prometheus HELP
// and TYPE, the catalogue, dashboards and alert rules all come from it.
struct MetricSpec {
  std::string_view name;  // OpenTelemetry semantic conventions first; ours under "plumbline."
  Instrument instrument;
  Unit unit;
  std::string_view description;
  std::string_view source;  // where the number comes from: "/proc/stat cpuN field 4", a tracepoint
  AttributeKeys attributes = {};

  constexpr bool monotonic() const {
    return instrument == Instrument::kCounter || instrument == Instrument::kHistogram;
  }
};

// The Prometheus name by OpenTelemetry's translation: dots and other characters become '_', then
// the unit's suffix, then "_total" on counters ("system.cpu.time" →
// "system_cpu_time_seconds_total"). One exception: Prometheus keeps "_count" for histograms, so
// what is a gauge there ends in "_number" instead ("system.process.count" →
// "system_process_number").
std::string prometheus_name(const MetricSpec& spec);

// One Prometheus label name from an attribute key: "cpu.mode" → "cpu_mode".
std::string prometheus_label(std::string_view key);

}  // namespace plumbline
