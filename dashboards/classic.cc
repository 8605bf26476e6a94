// SPDX-License-Identifier: Apache-2.0
#include "dashboards/classic.h"

#include <utility>

#include <fmt/format.h>

#include "dashboards/panel_json.h"

namespace plumbline::dashboards {
namespace {

// Written by Grafana 10 and read by 9 (which ignores what it does not know) and all later ones.
constexpr int kSchemaVersion = 39;
constexpr int kOnTimeChange = 2;  // when variables are asked for anew
constexpr int kAlphabetical = 1;
constexpr int kSharedCrosshair = 1;

Json datasource_json() {
  return {{"type", "prometheus"}, {"uid", kDatasource}};
}

Json datasource_variable() {
  return {{"current", {{"selected", false}, {"text", "Prometheus"}, {"value", "prometheus"}}},
          {"hide", 0},
          {"includeAll", false},
          {"label", "Data source"},
          {"multi", false},
          {"name", "datasource"},
          {"options", Json::array()},
          {"query", "prometheus"},
          {"refresh", 1},
          {"regex", ""},
          {"skipUrlSync", false},
          {"type", "datasource"}};
}

Json variable_json(const Variable& variable) {
  return {
      {"allValue", variable.all},
      {"current",
       {{"selected", true}, {"text", Json::array({"All"})}, {"value", Json::array({"$__all"})}}},
      {"datasource", datasource_json()},
      {"hide", 0},
      {"includeAll", true},
      {"label", variable.title},
      {"multi", true},
      {"name", variable.name},
      {"options", Json::array()},
      {"query", fmt::format("label_values({}, {})", variable.series, variable.label)},
      {"refresh", kOnTimeChange},
      {"regex", ""},
      {"skipUrlSync", false},
      {"sort", kAlphabetical},
      {"type", "query"}};
}

Json mark_json(const Mark& mark) {
  return {{"datasource", datasource_json()},
          {"enable", true},
          {"expr", mark.expr},
          {"hide", false},
          {"iconColor", to_string(mark.colour)},
          {"name", mark.name},
          {"step", "60s"},
          {"textFormat", mark.text},
          {"titleFormat", mark.title},
          {"useValueForTime", false}};
}

Json link_json(const NextBoard& next) {
  return {{"asDropdown", false},
          {"icon", "dashboard"},
          {"includeVars", true},
          {"keepTime", true},
          {"tags", Json::array()},
          {"targetBlank", false},
          {"title", "What to look at next"},
          {"tooltip", ""},
          {"type", "link"},
          {"url", fmt::format("/d/{}", board_uid(next.board))}};
}

Json boards_link() {
  return {{"asDropdown", true},
          {"icon", "external link"},
          {"includeVars", true},
          {"keepTime", true},
          {"tags", Json::array({kTag})},
          {"targetBlank", false},
          {"title", "Plumbline"},
          {"tooltip", "The other boards, at the same time"},
          {"type", "dashboards"},
          {"url", ""}};
}

Json grid_json(const Placed& place) {
  return {{"h", place.height}, {"w", place.width}, {"x", place.x}, {"y", place.y}};
}

Json panel_json(const Placed& place) {
  const auto& panel = *place.panel;
  auto targets = Json::array();
  for (std::size_t i = 0; i < panel.queries.size(); ++i) {
    auto target = query_json(panel, panel.queries[i], reference_of(i));
    target["datasource"] = datasource_json();
    targets.push_back(std::move(target));
  }
  return {{"datasource", datasource_json()},
          {"description", panel.description},
          {"fieldConfig", field_config_json(panel)},
          {"gridPos", grid_json(place)},
          {"id", place.id},
          {"links", Json::array({link_json(panel.next)})},
          {"options", options_json(panel)},
          {"targets", std::move(targets)},
          {"title", panel.title},
          {"transformations", transformations_json(panel)},
          {"type", plugin_of(panel.kind)}};
}

Json panels_json(const Board& board) {
  auto panels = Json::array();
  for (const auto& place : placed(board)) {
    const bool closed = place.row->fold == Fold::kClosed;
    if (place.panel == nullptr) {
      panels.push_back({{"collapsed", closed},
                        {"gridPos", grid_json(place)},
                        {"id", place.id},
                        {"panels", Json::array()},
                        {"title", place.row->title},
                        {"type", "row"}});
    } else if (closed) {  // a closed row holds its panels; an open one stands above them
      panels.back()["panels"].push_back(panel_json(place));
    } else {
      panels.push_back(panel_json(place));
    }
  }
  return panels;
}

}  // namespace

std::string classic_text(const Board& board) {
  auto variables = Json::array({datasource_variable()});
  for (const auto& variable : board.variables) variables.push_back(variable_json(variable));
  auto marks = Json::array();
  for (const auto& mark : board.marks) marks.push_back(mark_json(mark));
  return text_of({{"annotations", {{"list", std::move(marks)}}},
                  {"description", board.description},
                  {"editable", false},
                  {"fiscalYearStartMonth", 0},
                  {"graphTooltip", kSharedCrosshair},
                  {"links", Json::array({boards_link()})},
                  {"liveNow", false},
                  {"panels", panels_json(board)},
                  {"refresh", "30s"},
                  {"schemaVersion", kSchemaVersion},
                  {"tags", Json::array({kTag})},
                  {"templating", {{"list", std::move(variables)}}},
                  {"time", {{"from", "now-1h"}, {"to", "now"}}},
                  {"timepicker", Json::object()},
                  {"timezone", "utc"},
                  {"title", board.title},
                  {"uid", board_uid(board.id)},
                  {"version", 1}});
}

}  // namespace plumbline::dashboards
