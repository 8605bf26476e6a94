// SPDX-License-Identifier: Apache-2.0
//
// What both schemas of Grafana have in common: the options of a panel and how it reads its fields.
#pragma once

#include <string>
#include <string_view>

#include "dashboards/board.h"

#include <nlohmann/json.hpp>

namespace plumbline::dashboards {

// Keys stay in the order they are written, so that files are the same byte by byte.
using Json = nlohmann::ordered_json;

// The plugin that draws it: "timeseries".
std::string_view plugin_of(PanelKind kind);

std::string_view to_string(Colour colour);

// The variable that chooses the Prometheus, as the places that ask for a data source name it.
inline constexpr std::string_view kDatasource = "${datasource}";
inline constexpr std::string_view kTag = "plumbline";

Json options_json(const Panel& panel);
Json field_config_json(const Panel& panel);
// [{id, options}]
Json transformations_json(const Panel& panel);
// What a query asks, beside its data source.
Json query_json(const Panel& panel, const Query& query, const std::string& reference);

// "A", "B", … of the queries of a panel.
std::string reference_of(std::size_t query);

// Where a panel leads: same time, same choices where the next board has them.
std::string next_url(const NextBoard& next);

// With a line break at its end.
std::string text_of(const Json& json);

}  // namespace plumbline::dashboards
