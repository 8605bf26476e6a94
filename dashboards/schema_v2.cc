// SPDX-License-Identifier: Apache-2.0
#include "dashboards/schema_v2.h"

#include <utility>

#include <fmt/format.h>

#include "dashboards/panel_json.h"

namespace plumbline::dashboards {
namespace {

Json data_query(Json spec) {
  return {{"kind", "DataQuery"},
          {"group", "prometheus"},
          {"version", "v0"},
          {"datasource", {{"name", kDatasource}}},
          {"spec", std::move(spec)}};
}

Json all_selected() {
  return {{"text", Json::array({"All"})}, {"value", Json::array({"$__all"})}};
}

Json datasource_variable() {
  return {{"kind", "DatasourceVariable"},
          {"spec",
           {{"name", "datasource"},
            {"pluginId", "prometheus"},
            {"refresh", "onDashboardLoad"},
            {"regex", ""},
            {"current", {{"text", "Prometheus"}, {"value", "prometheus"}}},
            {"options", Json::array()},
            {"multi", false},
            {"includeAll", false},
            {"label", "Data source"},
            {"hide", "dontHide"},
            {"skipUrlSync", false},
            {"allowCustomValue", true}}}};
}

Json variable_json(const Variable& variable) {
  const auto query = fmt::format("label_values({}, {})", variable.series, variable.label);
  return {{"kind", "QueryVariable"},
          {"spec",
           {{"name", variable.name},
            {"current", all_selected()},
            {"label", variable.title},
            {"hide", "dontHide"},
            {"refresh", "onTimeRangeChanged"},
            {"skipUrlSync", false},
            {"query", data_query({{"query", query}, {"refId", "Values"}})},
            {"regex", ""},
            {"sort", "alphabeticalAsc"},
            {"definition", query},
            {"options", Json::array()},
            {"multi", true},
            {"includeAll", true},
            {"allValue", variable.all},
            {"allowCustomValue", true}}}};
}

Json mark_json(const Mark& mark) {
  return {
      {"kind", "AnnotationQuery"},
      {"spec",
       {{"query", data_query({{"expr", mark.expr}, {"step", "60s"}})},
        {"enable", true},
        {"hide", false},
        {"iconColor", to_string(mark.colour)},
        {"name", mark.name},
        {"legacyOptions",
         {{"textFormat", mark.text}, {"titleFormat", mark.title}, {"useValueForTime", false}}}}}};
}

Json transformations(const Panel& panel) {
  auto out = Json::array();
  for (const auto& classic : transformations_json(panel)) {
    out.push_back({{"kind", "Transformation"},
                   {"group", classic.at("id")},
                   {"spec", {{"options", classic.at("options")}}}});
  }
  return out;
}

Json element_json(const Placed& place) {
  const auto& panel = *place.panel;
  auto queries = Json::array();
  for (std::size_t i = 0; i < panel.queries.size(); ++i) {
    const auto reference = reference_of(i);
    auto spec = query_json(panel, panel.queries[i], reference);
    spec.erase("refId");
    queries.push_back(
        {{"kind", "PanelQuery"},
         {"spec",
          {{"query", data_query(std::move(spec))}, {"refId", reference}, {"hidden", false}}}});
  }
  return {{"kind", "Panel"},
          {"spec",
           {{"id", place.id},
            {"title", panel.title},
            {"description", panel.description},
            {"links",
             Json::array({{{"title", "What to look at next"},
                           {"url",
                            fmt::format("/d/{}?${{__url_time_range}}&${{__all_variables}}",
                                        board_uid(panel.next.board))}}})},
            {"data",
             {{"kind", "QueryGroup"},
              {"spec",
               {{"queries", std::move(queries)},
                {"transformations", transformations(panel)},
                {"queryOptions", Json::object()}}}}},
            {"vizConfig",
             {{"kind", "VizConfig"},
              {"group", plugin_of(panel.kind)},
              {"version", ""},
              {"spec",
               {{"options", options_json(panel)}, {"fieldConfig", field_config_json(panel)}}}}}}}};
}

std::string element_name(const Placed& place) {
  return fmt::format("panel-{}", place.id);
}

Json row_json(const Row& row, Json items) {
  return {{"kind", "RowsLayoutRow"},
          {"spec",
           {{"title", row.title},
            {"collapse", row.fold == Fold::kClosed},
            {"layout", {{"kind", "GridLayout"}, {"spec", {{"items", std::move(items)}}}}}}}};
}

// Rows one below the other; places are told from the top of their row.
Json layout_json(const Board& board) {
  auto rows = Json::array();
  const auto places = placed(board);
  for (auto place = places.begin(); place != places.end();) {
    const auto& row = *place->row;
    const int top = place->y + 1;
    auto items = Json::array();
    for (++place; place != places.end() && place->panel != nullptr; ++place) {
      items.push_back(
          {{"kind", "GridLayoutItem"},
           {"spec",
            {{"x", place->x},
             {"y", place->y - top},
             {"width", place->width},
             {"height", place->height},
             {"element", {{"kind", "ElementReference"}, {"name", element_name(*place)}}}}}});
    }
    rows.push_back(row_json(row, std::move(items)));
  }
  return {{"kind", "RowsLayout"}, {"spec", {{"rows", std::move(rows)}}}};
}

Json boards_link() {
  return {{"title", "Plumbline"},
          {"type", "dashboards"},
          {"icon", "external link"},
          {"tooltip", "The other boards, at the same time"},
          {"url", ""},
          {"tags", Json::array({kTag})},
          {"asDropdown", true},
          {"targetBlank", false},
          {"includeVars", true},
          {"keepTime", true}};
}

Json time_settings() {
  return {{"timezone", "utc"},
          {"from", "now-1h"},
          {"to", "now"},
          {"autoRefresh", "30s"},
          {"autoRefreshIntervals", Json::array({"10s", "30s", "1m", "5m", "15m"})},
          {"hideTimepicker", false},
          {"fiscalYearStartMonth", 0}};
}

}  // namespace

std::string schema_v2_text(const Board& board) {
  auto variables = Json::array({datasource_variable()});
  for (const auto& variable : board.variables) variables.push_back(variable_json(variable));
  auto marks = Json::array();
  for (const auto& mark : board.marks) marks.push_back(mark_json(mark));
  auto elements = Json::object();
  for (const auto& place : placed(board)) {
    if (place.panel != nullptr) elements[element_name(place)] = element_json(place);
  }
  return text_of({{"apiVersion", "dashboard.grafana.app/v2"},
                  {"kind", "Dashboard"},
                  {"metadata", {{"name", board_uid(board.id)}}},
                  {"spec",
                   {{"annotations", std::move(marks)},
                    {"cursorSync", "Crosshair"},
                    {"description", board.description},
                    {"editable", false},
                    {"elements", std::move(elements)},
                    {"layout", layout_json(board)},
                    {"links", Json::array({boards_link()})},
                    {"liveNow", false},
                    {"preload", false},
                    {"tags", Json::array({kTag})},
                    {"timeSettings", time_settings()},
                    {"title", board.title},
                    {"variables", std::move(variables)}}}});
}

}  // namespace plumbline::dashboards
