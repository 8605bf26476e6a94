// SPDX-License-Identifier: Apache-2.0
#include "dashboards/files.h"

#include <fmt/format.h>

#include "dashboards/board.h"
#include "dashboards/classic.h"
#include "dashboards/schema_v2.h"

namespace plumbline {
namespace {

constexpr std::string_view kHeader = "# Written by `plumbline generate`; change nothing here.\n";

// A folder of Grafana, filled from files. Boards that are gone from the files go from Grafana too.
std::string provider_text() {
  return fmt::format(
      "{}apiVersion: 1\n"
      "providers:\n"
      "  - name: plumbline\n"
      "    orgId: 1\n"
      "    folder: Plumbline\n"
      "    folderUid: plumbline\n"
      "    type: file\n"
      "    disableDeletion: false\n"
      "    allowUiUpdates: false\n"
      "    updateIntervalSeconds: 30\n"
      "    options:\n"
      "      path: /etc/grafana/plumbline\n",
      kHeader);
}

// timeInterval must be the scrape interval: a rate over less than four of them has gaps.
std::string datasource_text() {
  return fmt::format(
      "{}# Set url to your Prometheus, timeInterval to its scrape interval.\n"
      "apiVersion: 1\n"
      "prune: true\n"
      "datasources:\n"
      "  - name: Prometheus\n"
      "    uid: plumbline-prometheus\n"
      "    type: prometheus\n"
      "    access: proxy\n"
      "    url: http://localhost:9090\n"
      "    jsonData:\n"
      "      httpMethod: POST\n"
      "      timeInterval: 10s\n",
      kHeader);
}

bool has_variable(const dashboards::Board& board, std::string_view name) {
  for (const auto& variable : board.variables) {
    if (variable.name == name) return true;
  }
  return false;
}

// What dashboard-linter asks of every board, and why these are not about a job and its instances.
std::string lint_text(const std::vector<dashboards::Board>& boards) {
  auto out = std::string(kHeader) + "exclusions:\n";
  for (const auto* rule :
       {"template-job-rule", "template-instance-rule", "target-job-rule", "target-instance-rule"}) {
    out += fmt::format(
        "  {}:\n"
        "    reason: these boards are about what agents look at, not about agents\n"
        "    entries:\n",
        rule);
    for (const auto& board : boards) {
      if (!has_variable(board, "job")) out += fmt::format("      - dashboard: {}\n", board.title);
    }
  }
  return out;
}

}  // namespace

std::vector<DashboardFile> dashboard_files(BoardSchema schema) {
  std::vector<DashboardFile> files;
  const auto boards = dashboards::all_boards();
  files.reserve(boards.size() + 2);
  for (const auto& board : boards) {
    files.push_back({fmt::format("{}/{}.json", kBoardsFolder, board_uid(board.id)),
                     schema == BoardSchema::kV2 ? dashboards::schema_v2_text(board)
                                                : dashboards::classic_text(board)});
  }
  files.push_back({fmt::format("{}/.lint", kBoardsFolder), lint_text(boards)});
  files.push_back({"grafana/provisioning/dashboards/plumbline.yaml", provider_text()});
  files.push_back({"grafana/provisioning/datasources/plumbline.yaml", datasource_text()});
  return files;
}

}  // namespace plumbline
