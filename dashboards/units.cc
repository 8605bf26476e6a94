// SPDX-License-Identifier: Apache-2.0
#include "dashboards/units.h"

namespace plumbline::dashboards {

std::string_view grafana_unit(const MetricSpec& spec) {
  switch (spec.unit) {
    case Unit::kOne:
      return kShareUnit;
    case Unit::kSeconds:
      return kSecondsUnit;
    case Unit::kBytes:
      return kBytesUnit;
    case Unit::kByteRate:
      return kByteRateUnit;
    case Unit::kHertz:
      return "hertz";
    case Unit::kCelsius:
      return "celsius";
    case Unit::kJoules:
      return "joule";
    case Unit::kWatts:
      return "watt";
    case Unit::kOffsetRate:
      return kPerSecondUnit;
    default:
      return kCountUnit;
  }
}

std::string_view grafana_rate_unit(const MetricSpec& spec) {
  switch (spec.unit) {
    case Unit::kSeconds:
      return kShareUnit;
    case Unit::kBytes:
      return kByteRateUnit;
    case Unit::kJoules:
      return "watt";
    case Unit::kPacket:
      return "pps";
    case Unit::kOperation:
      return "ops";
    case Unit::kRequest:
    case Unit::kQuery:
      return "reqps";
    default:
      return kPerSecondUnit;
  }
}

}  // namespace plumbline::dashboards
