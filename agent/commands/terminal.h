// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/config/load.h"
#include "agent/config/problem.h"

namespace plumbline {

// Colour only on a terminal that can show it, and not when NO_COLOR is set (no-color.org).
Colour colour_of_terminal(int fd, const Environment& environment);

}  // namespace plumbline
