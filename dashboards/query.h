// SPDX-License-Identifier: Apache-2.0
//
// PromQL of panels, from metric specifications.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/core/metric.h"
#include "agent/generate/promql.h"
#include "dashboards/board.h"

namespace plumbline::dashboards {

using Keys = AttributeKeys;

// The series that the variables of a board choose.
class Scope {
 public:
  explicit Scope(std::vector<Matcher> matchers) : matchers_(std::move(matchers)) {}

  // One choice more; `comparison` "=" takes the value as it is.
  Scope with(std::string_view attribute,
             std::string_view value,
             std::string_view comparison = "=") const;

  std::string now(const MetricSpec& spec) const;
  // Of a counter, or of an offset, which grows like one.
  std::string rate(const MetricSpec& spec) const;
  // How many values a histogram took in a second.
  std::string count_rate(const MetricSpec& spec) const;
  // What its values add up to in a second.
  std::string total_rate(const MetricSpec& spec) const;
  // A quantile of a histogram for each combination of `keys`, by the buckets of our page.
  std::string quantile(double q, const MetricSpec& spec, const Keys& keys = {}) const;
  // How many values each bucket took in a second, for a heatmap.
  std::string buckets(const MetricSpec& spec) const;
  // The selector of `name`, which is no metric of ours: a recorded series, ALERTS.
  std::string recorded(std::string_view name) const;

 private:
  std::vector<Matcher> matchers_;
};

std::string sum(const std::string& expr, const Keys& keys = {});
std::string max(const std::string& expr, const Keys& keys = {});
std::string min(const std::string& expr, const Keys& keys = {});
// Each series once, however many agents tell of it.
std::string once(const std::string& expr, const MetricSpec& spec);
// The ten largest.
std::string top(const std::string& expr);
std::string share(const std::string& part, const std::string& whole);

// `{{server_address}}:{{server_port}}` of attributes.
std::string legend(const Keys& keys, std::string_view separator = " ");

// A variable of the values that an attribute has among these series.
Variable choice(std::string_view name,
                std::string_view title,
                const MetricSpec& spec,
                std::string_view attribute,
                const Scope& scope,
                std::string_view all = ".+");

}  // namespace plumbline::dashboards
