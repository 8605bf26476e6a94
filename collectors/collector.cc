// SPDX-License-Identifier: Apache-2.0
#include "collectors/collector.h"

namespace plumbline {

std::string_view to_string(SignalState state) {
  switch (state) {
    case SignalState::kAvailable:
      return "available";
    case SignalState::kDegraded:
      return "degraded";
    case SignalState::kUnavailable:
      return "unavailable";
  }
  return "unknown";
}

double coverage_share(SignalState state) {
  switch (state) {
    case SignalState::kAvailable:
      return 1;
    case SignalState::kDegraded:
      return 0.5;
    case SignalState::kUnavailable:
      return 0;
  }
  return 0;
}

}  // namespace plumbline
