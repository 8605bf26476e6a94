// SPDX-License-Identifier: Apache-2.0
#include "dashboards/board.h"

#include <algorithm>

namespace plumbline::dashboards {
namespace {

constexpr int kGridWidth = 24;

int height_of(PanelKind kind) {
  switch (kind) {
    case PanelKind::kStat:
      return 4;
    case PanelKind::kTable:
    case PanelKind::kLines:
    case PanelKind::kBands:
    case PanelKind::kHeatmap:
    case PanelKind::kStates:
      return 8;
  }
  return 8;
}

}  // namespace

std::vector<Placed> placed(const Board& board) {
  std::vector<Placed> out;
  int id = 0;
  int y = 0;
  for (const auto& row : board.rows) {
    out.push_back({.row = &row, .id = ++id, .y = y++});
    int x = 0;
    int line = 0;  // height of what stands in this line so far
    for (const auto& panel : row.panels) {
      if (x + panel.width > kGridWidth) {
        x = 0;
        y += line;
        line = 0;
      }
      const int height = height_of(panel.kind);
      out.push_back({.panel = &panel,
                     .row = &row,
                     .id = ++id,
                     .x = x,
                     .y = y,
                     .width = panel.width,
                     .height = height});
      x += panel.width;
      line = std::max(line, height);
    }
    y += line;
  }
  return out;
}

std::vector<Board> all_boards() {
  std::vector<Board> boards;
  boards.push_back(slo_board());
  boards.push_back(pipeline_board());
  boards.push_back(clickhouse_board());
  boards.push_back(kafka_board());
  boards.push_back(node_board());
  boards.push_back(workloads_board());
  boards.push_back(agent_board());
  return boards;
}

}  // namespace plumbline::dashboards
