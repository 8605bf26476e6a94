// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "dashboards/board.h"

namespace plumbline::dashboards {

// The resource dashboard.grafana.app/v2 of Grafana 13 and later.
std::string schema_v2_text(const Board& board);

}  // namespace plumbline::dashboards
