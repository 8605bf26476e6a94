// SPDX-License-Identifier: Apache-2.0
#include "dashboards/query.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace plumbline::dashboards {
namespace {

constexpr std::string_view kWindow = "[$__rate_interval]";

std::string over(std::string_view aggregation, const std::string& expr, const Keys& keys) {
  if (keys.size() == 0) return fmt::format("{}({})", aggregation, expr);
  return fmt::format("{} ({})", by(aggregation, {keys.begin(), keys.end()}), expr);
}

std::string rate_of(const std::string& selector) {
  return fmt::format("rate({}{})", selector, kWindow);
}

}  // namespace

Scope Scope::with(std::string_view attribute,
                  std::string_view value,
                  std::string_view comparison) const {
  auto matchers = matchers_;
  matchers.push_back({attribute, std::string(value), comparison});
  return Scope(std::move(matchers));
}

std::string Scope::now(const MetricSpec& spec) const {
  return series(spec, matchers_);
}

std::string Scope::rate(const MetricSpec& spec) const {
  return rate_of(series(spec, matchers_));
}

std::string Scope::count_rate(const MetricSpec& spec) const {
  return rate_of(series(spec, matchers_, "_count"));
}

std::string Scope::total_rate(const MetricSpec& spec) const {
  return rate_of(series(spec, matchers_, "_sum"));
}

std::string Scope::quantile(double q, const MetricSpec& spec, const Keys& keys) const {
  std::vector<std::string_view> with_bounds(keys.begin(), keys.end());
  with_bounds.emplace_back("le");
  return fmt::format("histogram_quantile({}, {} ({}))",
                     promql_number(q),
                     by("sum", with_bounds),
                     rate_of(series(spec, matchers_, "_bucket")));
}

std::string Scope::buckets(const MetricSpec& spec) const {
  return sum(rate_of(series(spec, matchers_, "_bucket")), {"le"});
}

std::string Scope::recorded(std::string_view name) const {
  std::vector<std::string> labels;
  labels.reserve(matchers_.size());
  for (const auto& matcher : matchers_) {
    labels.push_back(
        fmt::format("{}{}{}", matcher.attribute, matcher.comparison, quoted_text(matcher.value)));
  }
  return fmt::format("{}{{{}}}", name, fmt::join(labels, ","));
}

std::string sum(const std::string& expr, const Keys& keys) {
  return over("sum", expr, keys);
}

std::string max(const std::string& expr, const Keys& keys) {
  return over("max", expr, keys);
}

std::string min(const std::string& expr, const Keys& keys) {
  return over("min", expr, keys);
}

std::string once(const std::string& expr, const MetricSpec& spec) {
  return max(expr, spec.attributes);
}

std::string top(const std::string& expr) {
  return fmt::format("topk(10, {})", expr);
}

std::string share(const std::string& part, const std::string& whole) {
  return fmt::format("{} / {}", part, whole);
}

std::string legend(const Keys& keys, std::string_view separator) {
  std::vector<std::string> parts;
  parts.reserve(keys.size());
  for (const auto key : keys) parts.push_back(fmt::format("{{{{{}}}}}", prometheus_label(key)));
  return fmt::format("{}", fmt::join(parts, separator));
}

Variable choice(std::string_view name,
                std::string_view title,
                const MetricSpec& spec,
                std::string_view attribute,
                const Scope& scope,
                std::string_view all) {
  return {.name = std::string(name),
          .title = std::string(title),
          .series = scope.now(spec),
          .label = prometheus_label(attribute),
          .all = all};
}

}  // namespace plumbline::dashboards
