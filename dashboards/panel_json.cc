// SPDX-License-Identifier: Apache-2.0
#include "dashboards/panel_json.h"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace plumbline::dashboards {
namespace {

// Longer labels of a graph push the graph away; the table below it has room.
constexpr int kLegendRight = 16;  // width from which the legend stands at the right

bool is_graph(PanelKind kind) {
  return kind == PanelKind::kLines || kind == PanelKind::kBands;
}

Json steps_json(const Reading& reading) {
  auto steps = Json::array({{{"color", to_string(reading.lowest)}, {"value", nullptr}}});
  for (const auto& step : reading.steps) {
    steps.push_back({{"color", to_string(step.colour)}, {"value", step.from}});
  }
  return {{"mode", "absolute"}, {"steps", std::move(steps)}};
}

Json meanings_json(const Reading& reading) {
  auto mappings = Json::array();
  if (reading.meanings.empty()) return mappings;
  auto words = Json::object();
  int index = 0;
  for (const auto& meaning : reading.meanings) {
    words[fmt::to_string(meaning.value)] = {
        {"color", to_string(meaning.colour)}, {"index", index++}, {"text", meaning.text}};
  }
  mappings.push_back({{"options", std::move(words)}, {"type", "value"}});
  return mappings;
}

Json legend_json(const Panel& panel) {
  const bool right = panel.width >= kLegendRight;
  return {{"calcs", Json::array({"lastNotNull", "max"})},
          {"displayMode", right ? "table" : "list"},
          {"placement", right ? "right" : "bottom"},
          {"showLegend", true}};
}

Json tooltip_json() {
  return {{"mode", "multi"}, {"sort", "desc"}};
}

Json stat_options() {
  return {{"colorMode", "value"},
          {"graphMode", "area"},
          {"justifyMode", "auto"},
          {"orientation", "auto"},
          {"percentChangeColorMode", "standard"},
          {"reduceOptions",
           {{"calcs", Json::array({"lastNotNull"})}, {"fields", ""}, {"values", false}}},
          {"showPercentChange", false},
          {"textMode", "auto"},
          {"wideLayout", true}};
}

Json heatmap_options(const Panel& panel) {
  return {{"calculate", false},
          {"cellGap", 1},
          {"color",
           {{"exponent", 0.5},
            {"fill", "dark-orange"},
            {"mode", "scheme"},
            {"reverse", false},
            {"scale", "exponential"},
            {"scheme", "Oranges"},
            {"steps", 64}}},
          {"exemplars", {{"color", "rgba(255,0,255,0.7)"}}},
          {"filterValues", {{"le", 1e-9}}},
          {"legend", {{"show", true}}},
          {"rowsFrame", {{"layout", "auto"}}},
          {"showValue", "never"},
          {"tooltip", {{"mode", "single"}, {"yHistogram", false}}},
          {"yAxis", {{"axisPlacement", "left"}, {"reverse", false}, {"unit", panel.reading.unit}}}};
}

// How a graph is drawn.
Json graph_fields(const Panel& panel) {
  const bool bands = panel.kind == PanelKind::kBands;
  return {{"axisSoftMin", 0},
          {"drawStyle", "line"},
          {"fillOpacity", bands ? 60 : 10},
          {"lineWidth", 1},
          {"showPoints", "never"},
          {"spanNulls", false},
          {"stacking", {{"group", "A"}, {"mode", bands ? "normal" : "none"}}},
          {"thresholdsStyle", {{"mode", panel.reading.steps.empty() ? "off" : "dashed"}}}};
}

Json custom_fields(const Panel& panel) {
  switch (panel.kind) {
    case PanelKind::kLines:
    case PanelKind::kBands:
      return graph_fields(panel);
    case PanelKind::kTable:
      return {{"align", "auto"}, {"cellOptions", {{"type", "auto"}}}, {"inspect", false}};
    case PanelKind::kStates:
      return {{"fillOpacity", 80}, {"lineWidth", 0}};
    case PanelKind::kStat:
    case PanelKind::kHeatmap:
      return Json::object();
  }
  return Json::object();
}

Json property(std::string_view id, Json value) {
  return {{"id", id}, {"value", std::move(value)}};
}

// How each column of a table is read.
Json overrides_json(const Panel& panel) {
  auto overrides = Json::array();
  for (const auto& column : panel.columns) {
    if (!column.reading) continue;
    const auto& reading = *column.reading;
    auto properties = Json::array({property("unit", reading.unit)});
    if (!reading.meanings.empty())
      properties.push_back(property("mappings", meanings_json(reading)));
    if (!reading.steps.empty() || !reading.meanings.empty()) {
      properties.push_back(property("thresholds", steps_json(reading)));
      properties.push_back(property("custom.cellOptions", {{"type", "color-text"}}));
    }
    overrides.push_back({{"matcher", {{"id", "byName"}, {"options", column.title}}},
                         {"properties", std::move(properties)}});
  }
  return overrides;
}

}  // namespace

std::string_view plugin_of(PanelKind kind) {
  switch (kind) {
    case PanelKind::kStat:
      return "stat";
    case PanelKind::kLines:
    case PanelKind::kBands:
      return "timeseries";
    case PanelKind::kTable:
      return "table";
    case PanelKind::kHeatmap:
      return "heatmap";
    case PanelKind::kStates:
      return "state-timeline";
  }
  return "timeseries";
}

std::string_view to_string(Colour colour) {
  switch (colour) {
    case Colour::kGreen:
      return "green";
    case Colour::kYellow:
      return "yellow";
    case Colour::kRed:
      return "red";
    case Colour::kBlue:
      return "blue";
    case Colour::kGrey:
      return "text";
  }
  return "text";
}

Json options_json(const Panel& panel) {
  switch (panel.kind) {
    case PanelKind::kStat:
      return stat_options();
    case PanelKind::kLines:
    case PanelKind::kBands:
      return {{"legend", legend_json(panel)}, {"tooltip", tooltip_json()}};
    case PanelKind::kTable:
      return {{"cellHeight", "sm"}, {"frameIndex", 0}, {"showHeader", true}};
    case PanelKind::kHeatmap:
      return heatmap_options(panel);
    case PanelKind::kStates:
      return {{"legend",
               {{"calcs", Json::array()},
                {"displayMode", "list"},
                {"placement", "bottom"},
                {"showLegend", true}}},
              {"mergeValues", true},
              {"rowHeight", 0.9},
              {"showValue", "auto"},
              {"tooltip", tooltip_json()}};
  }
  return Json::object();
}

Json field_config_json(const Panel& panel) {
  const auto& reading = panel.reading;
  Json defaults{{"color", {{"mode", is_graph(panel.kind) ? "palette-classic" : "thresholds"}}},
                {"custom", custom_fields(panel)},
                {"links", Json::array()},
                {"mappings", meanings_json(reading)}};
  if (!panel.next.from_labels.empty()) {
    defaults["links"].push_back({{"title", "Look closer"}, {"url", next_url(panel.next)}});
  }
  if (reading.min) defaults["min"] = *reading.min;
  if (reading.max) defaults["max"] = *reading.max;
  defaults["noValue"] = panel.no_data;
  defaults["thresholds"] = steps_json(reading);
  defaults["unit"] = reading.unit;
  return {{"defaults", std::move(defaults)}, {"overrides", overrides_json(panel)}};
}

Json transformations_json(const Panel& panel) {
  if (panel.kind != PanelKind::kTable) return Json::array();
  auto order = Json::object();
  auto names = Json::object();
  auto hidden = Json{{"Time", true}, {"Value", true}};
  int index = 0;
  for (const auto& column : panel.columns) {
    order[column.field] = index++;
    names[column.field] = column.title;
    hidden.erase(column.field);
  }
  return Json::array({{{"id", "merge"}, {"options", Json::object()}},
                      {{"id", "organize"},
                       {"options",
                        {{"excludeByName", std::move(hidden)},
                         {"indexByName", std::move(order)},
                         {"renameByName", std::move(names)}}}}});
}

Json query_json(const Panel& panel, const Query& query, const std::string& reference) {
  const bool table = panel.kind == PanelKind::kTable;
  Json out{{"editorMode", "code"}, {"exemplar", false}, {"expr", query.expr}};
  out["format"] = table ? "table" : panel.kind == PanelKind::kHeatmap ? "heatmap" : "time_series";
  out["instant"] = table;
  out["range"] = !table;
  // The panel's own name for what is one of its buckets.
  out["legendFormat"] = panel.kind == PanelKind::kHeatmap ? "{{le}}" : query.legend;
  out["refId"] = reference;
  return out;
}

std::string reference_of(std::size_t query) {
  return {static_cast<char>('A' + query)};
}

std::string next_url(const NextBoard& next) {
  auto url =
      fmt::format("/d/{}?${{__url_time_range}}&${{datasource:queryparam}}", board_uid(next.board));
  for (const auto& [variable, label] : next.from_labels) {
    url += fmt::format("&var-{}=${{__field.labels.{}}}", variable, label);
  }
  return url;
}

std::string text_of(const Json& json) {
  return json.dump(2) + "\n";
}

}  // namespace plumbline::dashboards
