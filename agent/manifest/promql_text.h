// SPDX-License-Identifier: Apache-2.0
//
// What can be told of a PromQL expression without evaluating it: words, ranges, selectors. Whether
// it makes sense, promtool tells.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plumbline {

// What stands for the window in the queries of manifests.
inline constexpr std::string_view kWindowPlace = "$window";

// Why it can be no expression: brackets, quotes, comments. Empty: it may be one.
std::string promql_complaint(std::string_view query);

// The functions it calls, and the metrics it names, in the order of the text.
std::vector<std::string> promql_functions(std::string_view query);
std::vector<std::string> promql_metrics(std::string_view query);

// Whether it is a metric, with matchers or without, and nothing else.
bool is_selector(std::string_view query);

// Every range, "[5m]" or "[{{.window}}]", made [$window]; ranges of subqueries stay.
std::string with_window(std::string query);

// rate(x[$window]) made increase(x[$window]): how many, not how many a second.
std::string rates_as_increases(std::string query);

}  // namespace plumbline
