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

}  // namespace plumbline
