// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "dashboards/board.h"

namespace plumbline::dashboards {

// The JSON that Grafana 9 and later read from files: its classic schema.
std::string classic_text(const Board& board);

}  // namespace plumbline::dashboards
