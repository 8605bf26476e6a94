// SPDX-License-Identifier: Apache-2.0
//
// PromQL from metric specifications: a metric that is renamed takes its rules with it, one that is
// gone stops them from compiling.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/metric.h"

namespace plumbline {

struct Matcher {
  std::string_view attribute;  // "db.namespace"
  std::string value;
  std::string_view comparison = "=";
};

// A text as PromQL, YAML and JSON all read it.
std::string quoted_text(std::string_view text);

// A text that a regular expression takes for itself only.
std::string literal_pattern(std::string_view text);

// `kafka_consumer_group_lag{group="ingest"}`; `suffix`: "_bucket" of a histogram.
std::string series(const MetricSpec& spec,
                   const std::vector<Matcher>& matchers,
                   std::string_view suffix = {});

// "max by (a, b)" of attributes.
std::string by(std::string_view aggregation, const std::vector<std::string_view>& attributes);

// `expr` with every $window made `window`.
std::string in_window(std::string_view expr, std::string_view window);

// "5m", "1h", "3d": in the largest unit that divides it.
std::string promql_duration(std::chrono::seconds duration);

// A number without the noise of binary fractions and without an exponent: 0.0144.
std::string promql_number(double number);

// "user-events" → "UserEvents"
std::string camel_case(std::string_view name);

}  // namespace plumbline
