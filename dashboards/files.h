// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace plumbline {

enum class BoardSchema : std::uint8_t {
  kClassic,  // Grafana 9 and later
  kV2,       // Grafana 13 and later
};

struct DashboardFile {
  std::string path;  // below the folder that is asked for: "grafana/dashboards/plumbline-slo.json"
  std::string text;
};

// All boards, what makes Grafana read them, and what dashboard-linter need not tell.
std::vector<DashboardFile> dashboard_files(BoardSchema schema);

// Holds nothing but what is generated.
inline constexpr const char* kBoardsFolder = "grafana/dashboards";

}  // namespace plumbline
