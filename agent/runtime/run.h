// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/config/load.h"

namespace plumbline {

// Runs the agent until SIGTERM or SIGINT. The exit code: 0 after an orderly end, 1 when it could
// not start, 2 for a configuration that cannot be used.
int run_agent(const LoadOptions& options);

}  // namespace plumbline
