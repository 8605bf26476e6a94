// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config/config.h"

namespace plumbline {

// A variable that could not be used.
struct EnvironmentProblem {
  std::string variable;
  std::string what;  // never the value: it may hold a secret
};

// The destination that OTEL_EXPORTER_OTLP_* names for a signal ("METRICS", "TRACES", "LOGS");
// nothing when no endpoint is set. OTEL_EXPORTER_OTLP_METRICS_X goes before OTEL_EXPORTER_OTLP_X,
// an empty variable is one that is not set, and what cannot be used is told in `problems` and left
// out. OpenTelemetry specification, "OpenTelemetry Protocol Exporter", Configuration Options.
std::optional<OtlpConfig> otlp_from_environment(
    std::string_view signal,
    const std::function<std::optional<std::string>(const std::string& name)>& environment,
    std::vector<EnvironmentProblem>& problems);

}  // namespace plumbline
