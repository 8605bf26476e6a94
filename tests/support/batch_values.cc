// SPDX-License-Identifier: Apache-2.0
#include "tests/support/batch_values.h"

namespace plumbline {
namespace {

bool is_series(const Series& series,
               std::string_view metric,
               const std::vector<std::string>& attributes) {
  if (series.spec().name != metric || series.attributes().size() != attributes.size()) return false;
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    if (series.attributes()[i].second != attributes[i]) return false;
  }
  return true;
}

}  // namespace

std::optional<double> value_of(const Batch& batch,
                               std::string_view metric,
                               const std::vector<std::string>& attributes) {
  std::optional<double> found;
  for (const auto& point : batch.points()) {
    if (!is_series(*point.series, metric, attributes)) continue;
    if (found) return std::nullopt;
    found = is_integral(point.series->spec().unit) ? static_cast<double>(point.value.integer)
                                                   : point.value.real;
  }
  return found;
}

SeriesRef series_of(const Batch& batch,
                    std::string_view metric,
                    const std::vector<std::string>& attributes) {
  for (const auto& point : batch.points()) {
    if (is_series(*point.series, metric, attributes)) return point.series;
  }
  return {};
}

std::set<std::string> metric_names(const Batch& batch) {
  std::set<std::string> names;
  for (const auto& point : batch.points()) names.emplace(point.series->spec().name);
  return names;
}

}  // namespace plumbline
