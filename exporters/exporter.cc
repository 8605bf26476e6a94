// SPDX-License-Identifier: Apache-2.0
#include "exporters/exporter.h"

namespace plumbline {

std::string_view to_string(Signal signal) {
  switch (signal) {
    case Signal::kMetrics:
      return "metrics";
    case Signal::kTraces:
      return "traces";
    case Signal::kLogs:
      return "logs";
  }
  return "unknown";
}

}  // namespace plumbline
